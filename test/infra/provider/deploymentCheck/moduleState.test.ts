import { type EdgeAgentTwin, moduleState } from "../../../../infra/provider/deploymentCheck/moduleState";

const image = `registry/classifier@sha256:${"a".repeat(64)}`;
const seen = { status: "enabled", connectionState: "Connected", lastActivityTime: "2026-11-25T08:00:00Z" };

function twin(
    reported: Partial<EdgeAgentTwin["properties"]["reported"]>,
    identity: Partial<EdgeAgentTwin> = {},
): EdgeAgentTwin {
    const modules = { ImageClassifier: { runtimeStatus: "running", settings: { image } } };
    const done = { lastDesiredVersion: 4, lastDesiredStatus: { code: 200 }, modules };
    return {
        deviceId: "edge-device",
        ...seen,
        ...identity,
        properties: { desired: { $version: 4 }, reported: { ...done, ...reported } },
    };
}

const reportedModule = (change: object) => ({
    modules: { ImageClassifier: { runtimeStatus: "running", settings: { image }, ...change } },
});
const state = (found: EdgeAgentTwin) => moduleState(found, "ImageClassifier", image);
const unseen = { connectionState: "Disconnected", lastActivityTime: "0001-01-01T00:00:00Z" };

describe("the state of a deployment", () => {
    test("is done when the device reports this manifest and the module running with this image", () => {
        expect(state(twin({}))).toMatchObject({
            awaits: undefined,
            description: `ImageClassifier is running ${image}`,
        });
    });

    test.each([
        [
            "a device that never connected",
            twin({ lastDesiredVersion: undefined }, unseen),
            "device connected",
            "the device has not reported yet",
        ],
        [
            "a device that has just connected",
            twin({ lastDesiredVersion: undefined }),
            "manifest received",
            "the device has not reported yet",
        ],
        [
            "an older manifest",
            twin({ lastDesiredVersion: 3 }),
            "manifest received",
            "the device is at version 3 of 4 of the manifest",
        ],
        [
            "a failed pull",
            twin({ lastDesiredStatus: { code: 500, description: "no such image" }, modules: {} }),
            "image pulled",
            "the device answers the manifest with 500: no such image",
        ],
        [
            "a failed start",
            twin({ lastDesiredStatus: { code: 500, description: "address already in use" } }),
            "module running",
            "the device answers the manifest with 500: address already in use",
        ],
        [
            "an agent that is off",
            twin({ lastDesiredStatus: { code: 406 } }),
            "manifest received",
            "the device answers the manifest with 406",
        ],
        [
            "a module that is not reported",
            twin({ modules: {} }),
            "image pulled",
            "the device does not report ImageClassifier yet",
        ],
        [
            "another image",
            twin(reportedModule({ settings: { image: "registry/classifier@sha256:old" } })),
            "image pulled",
            "ImageClassifier runs registry/classifier@sha256:old",
        ],
        [
            "a module that ends",
            twin(reportedModule({ runtimeStatus: "backoff", exitCode: 1 })),
            "module running",
            "ImageClassifier is backoff, exit code 1",
        ],
    ])("waits for %s, says for which stage, and what is reported", (_, found, awaits, description) => {
        expect(state(found)).toMatchObject({ awaits, description });
    });

    test("tells a device that never connected from one that is off", () => {
        expect(state(twin({ lastDesiredVersion: undefined }, unseen))).toMatchObject({
            neverConnected: true,
            failure: { cause: "The device edge-device has never connected to the hub" },
        });
        expect(
            state(twin({ lastDesiredVersion: 3 }, { ...seen, connectionState: "Disconnected" })),
        ).toMatchObject({
            neverConnected: false,
            failure: {
                cause: "The device edge-device is not connected; it was last seen at 2026-11-25T08:00:00Z",
            },
        });
    });

    test("has failed for a device that may not connect", () => {
        expect(state(twin({ lastDesiredVersion: 3 }, { status: "disabled" })).failure).toEqual({
            cause: "The device edge-device is disabled in the hub and may not connect",
            fix: "Set it with: pulumi config set deviceStatus enabled",
            patienceSeconds: 0,
        });
    });

    test("has failed for one that may not connect and never has, too", () => {
        const never = twin({ lastDesiredVersion: undefined }, { ...unseen, status: "disabled" });
        expect(state(never).failure).toMatchObject({ patienceSeconds: 0 });
    });

    test("is not that of a device that never connected where it has reported once", () => {
        expect(state(twin({ lastDesiredVersion: 3 }, unseen)).neverConnected).toBe(false);
    });

    test.each([
        ["backoff", Infinity],
        ["failed", 0],
        ["dead", 0],
    ])("has failed for a module that is %s, at last after %s s", (runtimeStatus, patienceSeconds) => {
        const found = state(twin(reportedModule({ runtimeStatus, exitCode: 1 })));
        expect(found).toMatchObject({ awaits: "module running", failure: { patienceSeconds } });
    });

    test("tells one run of a module from the next, by its restarts or by its start", () => {
        const run = (change: object) => state(twin(reportedModule(change))).run;
        const first = { restartCount: 1, lastStartTimeUtc: "2026-11-25T08:00:00Z" };
        expect(run(first)).toBe(run({ ...first }));
        expect(run({ ...first, restartCount: 2 })).not.toBe(run(first));
        expect(run({ ...first, lastStartTimeUtc: "2026-11-25T08:00:09Z" })).not.toBe(run(first));
    });

    test("gives a module that ends three chances, since the fourth comes to the same", () => {
        const restarted = (restartCount: number) =>
            state(twin(reportedModule({ runtimeStatus: "backoff", exitCode: 139, restartCount }))).failure;
        expect(restarted(2)?.patienceSeconds).toBe(Infinity);
        expect(restarted(3)?.patienceSeconds).toBe(0);
    });

    test("goes on waiting for a taken port, however often it was tried", () => {
        const statusDescription = "listen EADDRINUSE: address already in use 0.0.0.0:80";
        const module = { runtimeStatus: "backoff", exitCode: 1, restartCount: 9, statusDescription };
        expect(state(twin(reportedModule(module))).failure?.patienceSeconds).toBe(Infinity);
    });

    test("has not failed while a module is made or starts again", () => {
        for (const runtimeStatus of ["stopped", "unknown"]) {
            expect(state(twin(reportedModule({ runtimeStatus }))).failure).toBeUndefined();
        }
    });
});
