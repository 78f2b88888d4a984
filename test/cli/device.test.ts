import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "./runCommand";

const certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
let folder: string;
const before = { ...process.env };
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "edge-device-"));
    delete process.env.EDGE_PULUMI;
    process.env.INIT_CWD = folder;
});
afterEach(() => {
    for (const name of ["EDGE_PULUMI", "INIT_CWD"]) {
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
    }
    rmSync(folder, { recursive: true });
});

const script = (...args: string[]) => runCommand("device", "install-script", ...args);

/** An engine that does as `body` says, and writes down what it was asked. */
function fakePulumi(body: string): () => string {
    const log = join(folder, "asked");
    mkdirSync(join(folder, "bin"));
    writeFileSync(
        join(folder, "bin/pulumi"),
        `#!/bin/sh\necho "$* (no updates: $PULUMI_SKIP_UPDATE_CHECK)" >>"${log}"\n${body}\n`,
        { mode: 0o755 },
    );
    process.env.EDGE_PULUMI = folder;
    return () => readFileSync(log, "utf8").trim();
}

/** What the script knows of its device. */
function valuesOf(text: string) {
    const values = text.slice(0, text.indexOf("config_toml="));
    const names = ["hub_host_name", "device_id", "image_architecture", "certificate"];
    const shown = names.map((name) => `printf '%s\\0' "$${name}"`).join("\n");
    const read = execFileSync("bash", ["-c", `${values}\n${shown}`], { encoding: "utf8" }).split("\0");
    return Object.fromEntries(names.map((name, index) => [name, read[index]]));
}

describe("the install script", () => {
    test("of a device and a hub that are named needs no stack and no engine", async () => {
        const { exitCode, stdout } = await script("--device", "d1", "--hub", "h.azure-devices.net");
        expect(exitCode).toBe(0);
        expect(stdout).toMatch(/^#!\/usr\/bin\/env bash\n/);
        expect(stdout).toMatch(/[^\n]\n$/);
        expect(stdout).toContain('UpstreamProtocol = "AmqpWs"');
        expect(valuesOf(stdout)).toEqual({
            hub_host_name: "h.azure-devices.net",
            device_id: "d1",
            image_architecture: "amd64",
            certificate: "",
        });
    });

    test("takes what is not named from the outputs of the stack, of dev where none is named", async () => {
        const asked = fakePulumi(`echo '{"deviceId":"d2","hubHostName":"stack.azure-devices.net"}'`);
        const { stdout } = await script();
        expect(valuesOf(stdout)).toMatchObject({
            device_id: "d2",
            hub_host_name: "stack.azure-devices.net",
        });
        const other = await script("--stack", "prod", "--device", "d3", "--platform", "linux/arm64");
        expect(valuesOf(other.stdout)).toMatchObject({
            device_id: "d3",
            hub_host_name: "stack.azure-devices.net",
            image_architecture: "arm64",
        });
        const third = await script("--hub", "h.azure-devices.net");
        expect(valuesOf(third.stdout)).toMatchObject({
            device_id: "d2",
            hub_host_name: "h.azure-devices.net",
        });
        const args = (stack: string) =>
            `stack output --json --non-interactive --stack ${stack} (no updates: true)`;
        expect(asked().split("\n")).toEqual([args("dev"), args("prod"), args("dev")]);
    });

    test("answers with one document", async () => {
        const { stdout } = await script("--device", "d1", "--hub", "h.azure-devices.net", "--json");
        const { method, platform, script: text, ...others } = JSON.parse(stdout);
        expect({ method, platform, others }).toEqual({
            method: "connection-string-file",
            platform: "linux/amd64",
            others: {},
        });
        expect(valuesOf(text).device_id).toBe("d1");
    });

    test("of a device with a certificate brings that, named as seen from where the user is", async () => {
        writeFileSync(join(folder, "device.pem"), certificate);
        const named = ["--method", "x509", "--device", "d1", "--hub", "h.azure-devices.net"];
        const { stdout } = await script(...named, "--certificate", "device.pem");
        expect(valuesOf(stdout).certificate).toBe(certificate.trimEnd());
        expect(stdout).toContain('identity_cert = "file:///etc/aziot/device-id.pem"');
    });

    test("of a registration asks for no hub, and is that of the service, which knows small letters", async () => {
        const named = ["--method", "dps", "--device", "Edge-1", "--id-scope", "0ne00ABCDEF"];
        const { exitCode, stdout } = await script(...named);
        expect(exitCode).toBe(0);
        expect(valuesOf(stdout)).toMatchObject({ hub_host_name: "", device_id: "edge-1" });
        expect(stdout).toContain('id_scope = "0ne00ABCDEF"');
    });

    const hub = ["--hub", "h.azure-devices.net"];
    const x509 = ["--method", "x509", "--device", "d1", ...hub];
    test.each<[string, string[], RegExp]>([
        ["a device that is none", ["--device", "d 1", ...hub], /^Expected --device .* found "d 1"\.$/],
        ["a device too long", ["--device", "d".repeat(129), ...hub], /^Expected --device/],
        ["a hub without a domain", ["--device", "d1", "--hub", "hub"], /^Expected --hub .* found "hub"\.$/],
        ["a hub with a path", ["--device", "d1", "--hub", "h.net/x"], /^Expected --hub/],
        ["no scope", ["--device", "d1", "--method", "dps"], /^Expected --id-scope .*, found none\.$/],
        ["another scope", ["--device", "d1", "--method", "dps", "--id-scope", "0ne1"], /found "0ne1"\.$/],
        ["no certificate", x509, /^Expected --certificate .*, found none\.$/],
        [
            "a certificate that is not there",
            [...x509, "--certificate", "none.pem"],
            /none\.pem, found none\.$/,
        ],
        [
            "a private key as the certificate",
            [...x509, "--certificate", "key.pem"],
            /key\.pem to be a certificate/,
        ],
        [
            "both in one file",
            [...x509, "--certificate", "both.pem"],
            /both\.pem to be a certificate .*stays on/,
        ],
        ["another method", ["--method", "tpm"], /Allowed choices are connection-string-file, x509, dps/],
        ["another platform", ["--platform", "linux/arm"], /Allowed choices are linux\/amd64, linux\/arm64/],
        ["no engine to ask for the stack", ["--device", "d1"], /^Expected EDGE_PULUMI to name the folder/],
    ])("is refused for %s", async (_, args, sentence) => {
        const privateKey = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        writeFileSync(join(folder, "key.pem"), privateKey);
        writeFileSync(join(folder, "both.pem"), certificate + privateKey);
        const { exitCode, stdout, stderr } = await script(...args);
        expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
        expect(stderr.trim()).toMatch(sentence);
        expect(stderr).not.toContain("AAAA");
    });

    test("may be of a device whose name has 128 characters and every kind of them", async () => {
        const id = "Az09_.-".padEnd(128, "d");
        expect(valuesOf((await script("--device", id, ...hub)).stdout).device_id).toBe(id);
    });

    test("of a stack that is not there ends with 3 and what the engine said last", async () => {
        fakePulumi("echo 'warning: old' >&2; echo 'error: no stack named prod found' >&2; exit 255");
        const { exitCode, stdout, stderr } = await script("--stack", "prod");
        expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: "" });
        expect(stderr).toBe(
            "Expected the outputs of stack prod, found: error: no stack named prod found. " +
                "Bring it up with pulumi up, or name what is needed by flags: see --help.\n",
        );
    });

    test("of a stack without these outputs asks for the flags", async () => {
        fakePulumi("echo '{}'");
        expect(await script()).toMatchObject({
            exitCode: 2,
            stderr: expect.stringMatching(/^Expected --device to be given or .* outputs, found none\./),
        });
    });
});
