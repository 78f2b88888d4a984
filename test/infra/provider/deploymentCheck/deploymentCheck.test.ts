import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { module, startTestDevice, type TestDevice } from "../../../local/device/testDevice";
import { freePort } from "../../../support/freePort";
import { startProvider, type TestPlugin } from "../../../support/plugin";
import { withoutAccounts } from "../azure/signIn";
import { type EngineLog, startEngineLog } from "../engineLog";
import { workOn } from "../stackedResource";

// The check as a stack makes it, against a hub, a registry and a device.
let device: TestDevice;
let engine: EngineLog;
let provider: TestPlugin;
let port: number;
let hubHostName: string;
let key: string;
const checks = workOn(() => provider, "DeploymentCheck");

beforeEach(async () => {
    device = await startTestDevice();
    engine = await startEngineLog();
    port = await freePort();
    const caFile = join(device.hub.folder, "ca.pem");
    writeFileSync(caFile, device.hub.certificates.caPem);
    const [policy] = device.hub.description.policies;
    hubHostName = device.hub.description.hostName;
    key = policy?.primaryKey ?? "";
    provider = await startProvider(withoutAccounts({ NODE_EXTRA_CA_CERTS: caFile }), engine.address);
    const hubConnectionString = `HostName=${hubHostName};SharedAccessKeyName=${policy?.keyName};SharedAccessKey=${key}`;
    await provider.configure({ "iotedge:config:hubConnectionString": hubConnectionString });
});
afterEach(async () => {
    await provider?.stop();
    // No check may tell the key that it signs with.
    expect(JSON.stringify(engine?.lines)).not.toContain(key);
    engine?.close();
    await device?.close();
});

const news = (image: string, more: object = {}) => ({
    hubHostName,
    deviceId: "e",
    moduleName: "m",
    image,
    timeoutSeconds: 30,
    ...more,
});
/** The sentence with which a check fails. */
async function failure(inputs: Record<string, unknown>): Promise<string> {
    const message = await checks.create(inputs).then(
        () => "no failure",
        (error: { details: string }) => error.details,
    );
    expect(message).not.toContain(key);
    return message;
}
const said = () => engine.lines.map(({ message }) => message);

describe("a check of a deployment", () => {
    test("succeeds when the module runs and answers, and tells how it goes under its name", async () => {
        device.powerOn();
        const image = await device.push("hello");
        await device.apply({ m: module(image, port) });
        const url = `http://127.0.0.1:${port}/`;
        const made = await checks.create(news(image, { url }));
        const verdict = `m runs ${image} and answers at ${url}.`;
        expect(made.id).toBe(`${hubHostName}/devices/e/checks/m`);
        expect(made.state).toEqual({ ...news(image, { url }), whenOffline: "fail", hubHostName, verdict });
        await engine.line(1);
        expect(said()[0]).toBe("Waiting for e to run m, up to 30 s");
        expect(said().at(-1)).toBe(verdict);
        expect(new Set(engine.lines.map(({ urn }) => urn))).toEqual(new Set([checks.urn()]));
        // A refresh tells what was found then, and a change of its triggers checks again.
        expect(await checks.refresh(made)).toEqual(made);
        const again = news(image, { url, triggers: { manifest: "2" } });
        expect((await checks.diff(made, again)).changes).toEqual(["triggers"]);
        expect((await checks.update(made, again)).state.verdict).toBe(verdict);
        await checks.remove(made);
    });

    test("tells a URL that nobody reaches from a module that does not run", async () => {
        device.powerOn();
        const image = await device.push("hello");
        await device.apply({ m: module(image, port) });
        const url = `http://127.0.0.1:${await freePort()}/`;
        const message = await failure(news(image, { url, timeoutSeconds: 2 }));
        expect(message).toContain(
            `The device reports the module running, but ${url} cannot be reached from here: connect ECONNREFUSED`,
        );
        expect(message).toContain("httpFrom");
    });

    test("names the cause and the fix of a module that ends again and again, before the time is over", async () => {
        device.powerOn();
        const image = await device.push("hello", { Cmd: ["/bin/sh", "-c", "exit 139"] });
        await device.apply({ m: module(image, port) });
        const message = await failure(news(image, { timeoutSeconds: 600 }));
        expect(message).toMatch(
            /^The deployment failed\. The module m ends with exit code 139: it crashed in native/,
        );
        expect(message).toContain("iotedge logs m");
    });

    test("names a device that has never connected; whenOffline accept makes it a warning", async () => {
        const image = await device.push("hello");
        await device.apply({ m: module(image, port) });
        expect(await failure(news(image, { timeoutSeconds: 1 }))).toMatch(
            /The device e has never connected to the hub\. .*device install-script/,
        );
        const { state } = await checks.create(news(image, { whenOffline: "accept", timeoutSeconds: 1 }));
        expect(state.verdict).toBe(
            "Warning: e has never connected, so that nothing was verified; it gets the deployment when it connects. " +
                "Then check it with: pulumi config set whenOffline fail, pulumi up",
        );
        expect(said()).toContain(state.verdict);
    });

    test("names the manifest that the device refuses, at once", async () => {
        device.powerOn();
        await device.apply({}, { schemaVersion: "2.0" });
        expect(await failure(news("r/m@sha256:ab", { timeoutSeconds: 600 }))).toMatch(
            /edgeAgent does not know the manifest's schema version \(412\)/,
        );
    });

    test("is nothing that could be imported, and is checked at its properties", async () => {
        await expect(checks.import(`${hubHostName}/devices/e/checks/m`)).rejects.toThrow(
            "Expected nothing to import: a check is made, by the next pulumi up.",
        );
        const wrong = news("", { timeoutSeconds: 0, whenOffline: "wait", moduleName: "" });
        expect((await provider.check(checks.urn(), wrong)).refused).toEqual({
            image: 'Expected image to be the name of an image, found "".',
            moduleName: 'Expected moduleName to be the name of a module, found "".',
            timeoutSeconds: "Expected timeoutSeconds to be a number of seconds from 1, found 0.",
            whenOffline: 'Expected whenOffline to be fail or accept, found "wait".',
        });
    });
});
