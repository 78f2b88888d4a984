import {
    deploymentFailure,
    type Trouble,
} from "../../../../infra/provider/deploymentCheck/deploymentFailure";

const refused = (code: number, description?: string): Trouble => ({ kind: "refused", code, description });
const ended = (exitCode: number, change: Partial<Extract<Trouble, { kind: "ended" }>> = {}): Trouble => ({
    ...{ kind: "ended", module: "ImageClassifier", runtimeStatus: "backoff", exitCode, description: "" },
    ...change,
});
const url = "http://203.0.113.9/";

// Texts of Docker's engine and registries are as users report them; they were not looked up in the sources.
describe("why a deployment fails", () => {
    test.each<[string, Trouble, RegExp, RegExp, number]>([
        ["bad configuration", refused(400, "bad."), /cannot read the manifest \(400\): bad$/, /correct/, 0],
        ["agent off", refused(406), /edgeAgent is off or restarts \(406\)$/, /system restart/, Infinity],
        ["schema version", refused(412), /schema version \(412\)$/, /schemaVersion 1\.1/, 0],
        ["empty", refused(417), /empty manifest \(417\)/, /automatic deployments/, 0],
        ["unknown", refused(500, "odd"), /could not carry out .* \(500\): odd$/, /logs edgeAgent/, Infinity],
        [
            "pull without rights",
            refused(
                500,
                'Error calling Create module ImageClassifier: Get "https://r.azurecr.io/v2/c/manifests/sha256:ab": unauthorized: authentication required',
            ),
            /^The registry refuses the device's credentials/,
            /pulumi up --refresh/,
            90,
        ],
        [
            "pull of what is not there",
            refused(500, "manifest for r.azurecr.io/c@sha256:ab not found: manifest unknown"),
            /^The image is not in the registry/,
            /Push it again/,
            60,
        ],
        [
            "no name server",
            refused(500, 'Get "https://r.azurecr.io/v2/": dial tcp: lookup r.azurecr.io: no such host'),
            /^The device does not reach the registry/,
            /port 443/,
            Infinity,
        ],
        [
            "no route",
            refused(500, "dial tcp 20.0.0.1:443: connect: no route to host"),
            /^The device does not reach the registry/,
            /port 443/,
            Infinity,
        ],
        [
            "image for another processor",
            refused(500, "no matching manifest for linux/arm64/v8 in the manifest list entries"),
            /^The image is for another processor/,
            /set platform/,
            0,
        ],
        [
            "command for another processor",
            ended(1, { description: "exec /usr/local/bin/node: exec format error" }),
            /^The image is for another processor/,
            /set platform/,
            0,
        ],
        [
            "taken port, in Docker's words",
            refused(
                500,
                "driver failed programming external connectivity: Bind for 0.0.0.0:80 failed: port is already allocated",
            ),
            /^The port of the device is taken: driver failed/,
            /set hostPort/,
            Infinity,
        ],
        [
            "taken port, in the kernel's words",
            refused(500, "listen tcp4 0.0.0.0:80: bind: address already in use"),
            /^The port of the device is taken/,
            /set hostPort/,
            Infinity,
        ],
        ["full disk", refused(500, "write /x: no space left on device"), /disk is full/, /prune/, 60],
        ["memory", ended(137), /exit code 137: it was killed, most often because memory/, /memory/, Infinity],
        ["no such command", ended(127), /127: the image has no such command/, /entry point/, Infinity],
        ["not executable", ended(126), /126: .*cannot be executed/, /platform/, Infinity],
        ["native crash", ended(139), /139: it crashed in native code/, /iotedge logs Image/, Infinity],
        ["own exit code", ended(1), /ends with exit code 1 \(backoff\)$/, /iotedge logs Image/, Infinity],
        [
            "not started",
            ended(125),
            /125: the container engine could not start it/,
            /logs edgeAgent/,
            Infinity,
        ],
        [
            "an old processor",
            ended(132),
            /132: the processor lacks an instruction/,
            /newer processor/,
            Infinity,
        ],
        ["abort", ended(134), /134: it aborted itself/, /iotedge logs Image/, Infinity],
        ["stopped", ended(143), /143: something on the device stopped it/, /for who/, Infinity],
        ["dead", ended(1, { runtimeStatus: "dead" }), /is given up with exit code 1/, /logs/, 0],
        ["limits", refused(500, "toomanyrequests: slow down"), /limits how often/, /some minutes/, Infinity],
        [
            "certificate",
            refused(500, "x509: certificate signed by unknown authority"),
            /does not trust the registry's certificate/,
            /clock/,
            60,
        ],
        ["given up", ended(1, { runtimeStatus: "failed" }), /is given up with exit code 1/, /logs/, 0],
        [
            "closed port",
            { kind: "unreachable", url, reason: "connect ETIMEDOUT" },
            /reports the module running, but http:\/\/203\.0\.113\.9\/ cannot be reached from here/,
            /httpFrom .*set check to reported/,
            60,
        ],
        ["unwell", { kind: "unwell", url, status: 503 }, /answers 503$/, /iotedge logs/, Infinity],
    ])("names cause and fix: %s", (_, trouble, cause, fix, patienceSeconds) => {
        const failure = deploymentFailure(trouble);
        expect(failure.cause).toMatch(cause);
        expect(failure.fix).toMatch(fix);
        expect(failure.patienceSeconds).toBe(patienceSeconds);
    });

    test("points a device that has never connected to the installer, and to the way not to wait for it", () => {
        const { fix } = deploymentFailure({ kind: "offline", deviceId: "d", lastActivity: undefined });
        expect(fix).toMatch(/device install-script.*whenOffline to accept/);
    });
});
