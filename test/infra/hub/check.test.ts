import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { module, startTestDevice, type TestDevice } from "../../local/device/testDevice";
import { freePort } from "../../local/planes/hub/testHub";
import { projectFolder } from "../../support/localAzure";

// The command as the stack runs it, against a hub, a registry and a device.
let test1: TestDevice;
let port: number;
let caFile: string;
beforeEach(async () => {
    test1 = await startTestDevice();
    port = await freePort();
    caFile = join(test1.hub.folder, "ca.pem");
    writeFileSync(caFile, test1.hub.certificates.caPem);
});
afterEach(() => test1.close());

async function check(image: string, settings: Record<string, string> = {}) {
    const { hostName, policies } = test1.hub.description;
    const [policy] = policies;
    const key = policy?.primaryKey ?? "";
    const env = {
        PATH: process.env.PATH,
        NODE_EXTRA_CA_CERTS: caFile,
        CHECK_HUB_CONNECTION_STRING: `HostName=${hostName};SharedAccessKeyName=${policy?.keyName};SharedAccessKey=${key}`,
        CHECK_DEVICE_ID: "e",
        CHECK_MODULE: "m",
        CHECK_IMAGE: image,
        CHECK_TIMEOUT_SECONDS: "30",
        ...settings,
    };
    const command = ["--require", "tsx/cjs", "infra/hub/src/check.ts"];
    return new Promise<{ exitCode: number; stdout: string; stderr: string }>((resolve) => {
        execFile(process.execPath, command, { cwd: projectFolder, env }, (error, stdout, stderr) => {
            // No run of the check may print the key that it signs with.
            expect(stdout + stderr).not.toContain(key);
            resolve({ exitCode: error ? Number(error.code) : 0, stdout, stderr });
        });
    });
}

test("succeeds when the module runs and answers, and says so", async () => {
    test1.powerOn();
    const image = await test1.push("hello");
    await test1.apply({ m: module(image, port) });
    const url = `http://127.0.0.1:${port}/`;
    const { exitCode, stdout } = await check(image, { CHECK_URL: url });
    expect(stdout).toBe(`m runs ${image} and answers at ${url}.\n`);
    expect(exitCode).toBe(0);
});

test("tells a URL that nobody reaches from a module that does not run", async () => {
    test1.powerOn();
    const image = await test1.push("hello");
    await test1.apply({ m: module(image, port) });
    const url = `http://127.0.0.1:${await freePort()}/`;
    const { exitCode, stderr } = await check(image, { CHECK_URL: url, CHECK_TIMEOUT_SECONDS: "2" });
    expect(stderr).toContain(
        `The device reports the module running, but ${url} cannot be reached from here: connect ECONNREFUSED`,
    );
    expect(stderr).toContain("httpFrom");
    expect(exitCode).toBe(1);
});

test("names the cause and the fix of a module that ends again and again, before the time is over", async () => {
    test1.powerOn();
    const image = await test1.push("hello", { Cmd: ["/bin/sh", "-c", "exit 139"] });
    await test1.apply({ m: module(image, port) });
    const { exitCode, stderr } = await check(image, { CHECK_TIMEOUT_SECONDS: "600" });
    expect(stderr).toMatch(
        /The deployment failed\. The module m ends with exit code 139: it crashed in native/,
    );
    expect(stderr).toContain("iotedge logs m");
    expect(exitCode).toBe(1);
});

test("names a device that has never connected; whenOffline accept makes it a warning", async () => {
    const image = await test1.push("hello");
    await test1.apply({ m: module(image, port) });
    const failed = await check(image, { CHECK_TIMEOUT_SECONDS: "1" });
    expect(failed.stderr).toMatch(/The device e has never connected to the hub\. .*device install-script/);
    expect(failed.exitCode).toBe(1);
    const accepted = await check(image, { CHECK_WHEN_OFFLINE: "accept" });
    expect(accepted.stdout).toMatch(/^Warning: e has never connected, so that nothing was verified/);
    expect(accepted.exitCode).toBe(0);
});

test("names the manifest that the device refuses, at once", async () => {
    test1.powerOn();
    await test1.apply({}, { schemaVersion: "2.0" });
    const { exitCode, stderr } = await check("r/m@sha256:ab", { CHECK_TIMEOUT_SECONDS: "600" });
    expect(stderr).toMatch(/edgeAgent does not know the manifest's schema version \(412\)/);
    expect(exitCode).toBe(1);
});
