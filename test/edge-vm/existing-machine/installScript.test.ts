import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
    type InstallScriptSettings,
    renderInstallScript,
} from "../../../edge-vm/existing-machine/installScript";
import { parseConfigToml } from "../parseConfigToml";
import { testWithCommands } from "../tools";

const device = { hubHostName: "hub.azure-devices.net", deviceId: "edge-device" };
const settings: InstallScriptSettings = {
    identity: { method: "sas", ...device },
    upstreamProtocol: "AmqpWs",
    platform: "linux/amd64",
};
const keyBytes = Buffer.alloc(32, 0xa5);
const key = keyBytes.toString("base64");
const connectionString = `HostName=hub.azure-devices.net;DeviceId=edge-device;SharedAccessKey=${key}`;

/** A machine's root folder, and the commands that a real one would change it with. */
let root: string;
let bin: string;

beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "machine-"));
    bin = join(root, "bin");
    for (const folder of ["bin", "etc/apt/sources.list.d", "usr/share/keyrings", "run/systemd/system"]) {
        mkdirSync(join(root, folder), { recursive: true });
    }
    osRelease("debian", "12", "bookworm");
    for (const name of ["apt-get", "apt-mark", "curl", "sleep", "chown", "systemctl"]) fake(name, "");
    fake("dpkg", "echo amd64");
    fake("gpg", `[[ $* != *--export* ]] || echo "key $5"`);
    fake("apt-cache", `echo 'Depends: adduser, aziot-identity-service (= 1.6.2-1), sed'`);
    fake("iotedge", `[[ $1 != list ]] || echo 'edgeAgent        running          Up 3 seconds'`);
    writeFileSync(join(root, "calls"), "");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A command that writes down what it was asked, and then does as `body` says. */
function fake(name: string, body: string): void {
    const log = `printf '%s\\n' "${name} $*" >>"${join(root, "calls")}"`;
    writeFileSync(join(bin, name), `#!/bin/bash\n${log}\n${body}\n`, { mode: 0o755 });
}

function osRelease(id: string, version: string, codename: string): void {
    const text = `ID=${id}\nVERSION_ID="${version}"\nVERSION_CODENAME=${codename}\n`;
    writeFileSync(join(root, "etc/os-release"), text);
}

async function install(input: string, args: string[] = [], change: Partial<InstallScriptSettings> = {}) {
    const script = join(root, "install-edge.sh");
    writeFileSync(script, renderInstallScript({ ...settings, ...change }));
    const env = { PATH: `${bin}:/usr/bin:/bin`, EDGE_ROOT: root };
    const { exitCode, shown } = await new Promise<{ exitCode: number; shown: string }>((done) => {
        const child = execFile("bash", [script, ...args], { env }, (error, stdout, stderr) =>
            done({ exitCode: error ? Number(error.code) : 0, shown: stdout + stderr }),
        );
        // A script that refuses at once does not read it.
        child.stdin?.on("error", () => {});
        child.stdin?.end(input);
    });
    const log = existsSync(join(root, "var/log/edge-setup.log")) ? read("var/log/edge-setup.log") : "";
    const calls = read("calls").trimEnd().split("\n");
    // Whatever happens, the key is in no argument and in no text.
    expect(`${shown}${log}${calls}`).not.toContain(key);
    return { exitCode, lines: shown.trimEnd().split("\n"), calls };
}

const read = (path: string) => readFileSync(join(root, path), "utf8");
const keyFile = "var/secrets/aziot/keyd/device-id";
const needed = ["bash", "base64", "cmp"];

describe("the script for an existing machine", () => {
    testWithCommands(["shellcheck"], "has nothing that shellcheck finds", () => {
        for (const identity of [
            settings.identity,
            { method: "dps", idScope: "0ne00000000", registrationId: "edge-device" },
            { method: "x509", ...device, certificate: "-----BEGIN CERTIFICATE-----\nMIIB\n" },
        ] as const) {
            const input = renderInstallScript({ ...settings, identity });
            execFileSync("shellcheck", ["--shell=bash", "-"], { input, encoding: "utf8" });
            execFileSync("bash", ["-n"], { input });
        }
    });

    testWithCommands(needed, "makes the machine the device, telling each stage in one line", async () => {
        const { exitCode, lines, calls } = await install(connectionString);
        expect(lines).toEqual([
            "edge-setup: 1/6 looking at the machine and taking the key",
            "edge-setup: 2/6 adding the package source",
            "edge-setup: 3/6 installing the container engine",
            "edge-setup: 4/6 installing IoT Edge 1.6.4-1",
            "edge-setup: 5/6 writing the configuration",
            "edge-setup: 6/6 waiting for edgeAgent",
            "edge-setup: done: the device runs and waits for its deployment",
        ]);
        expect(exitCode).toBe(0);
        expect(read("etc/apt/sources.list.d/microsoft-prod.list")).toContain("debian/12/prod bookworm main");
        expect(calls.find((call) => / install .*aziot-edge=/.test(call))).toContain(
            "install aziot-identity-service=1.6.2-1 aziot-edge=1.6.4-1",
        );
        expect(calls).toContain("iotedge config apply");
    });

    testWithCommands(
        needed,
        "writes the key's bytes for the key service alone, and no key elsewhere",
        async () => {
            await install(connectionString);
            expect(readFileSync(join(root, keyFile))).toEqual(keyBytes);
            expect(statSync(join(root, keyFile)).mode & 0o777).toBe(0o600);
            expect(statSync(join(root, "etc/aziot/config.toml")).mode & 0o777).toBe(0o600);
            expect(parseConfigToml(read("etc/aziot/config.toml"))).toMatchObject({
                provisioning: {
                    iothub_hostname: "hub.azure-devices.net",
                    device_id: "edge-device",
                    authentication: { device_id_pk: { uri: `file:///${keyFile}` } },
                },
            });
            expect(JSON.parse(read("etc/docker/daemon.json"))).toEqual({
                "log-driver": "local",
                "log-opts": { "max-size": "10m", "max-file": "3" },
            });
        },
    );

    testWithCommands(needed, "takes the key from a file that only its owner can read", async () => {
        const file = join(root, "key");
        writeFileSync(file, key, { mode: 0o644 });
        const open = await install("", ["--key-file", file]);
        expect(open.lines.at(-1)).toMatch(/for its owner alone, found mode 644\. Run chmod 600/);
        expect(open.exitCode).toBe(1);
        rmSync(file);
        writeFileSync(file, `${key}\n`, { mode: 0o600 });
        expect((await install("", ["--key-file", file])).exitCode).toBe(0);
        expect(readFileSync(join(root, keyFile))).toEqual(keyBytes);
    });

    testWithCommands(needed, "takes a private key in PEM as it is, and brings the certificate", async () => {
        const pem =
            "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg\n-----END PRIVATE KEY-----";
        const certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
        const { exitCode } = await install(pem, [], { identity: { method: "x509", ...device, certificate } });
        expect(exitCode).toBe(0);
        expect(read(keyFile)).toBe(`${pem}\n`);
        expect(read("etc/aziot/device-id.pem")).toBe(certificate);
    });

    testWithCommands(needed, "can be run again, and keeps what was there beside it", async () => {
        await install(connectionString);
        writeFileSync(join(root, "etc/aziot/config.toml"), "# mine\n", { mode: 0o600 });
        const { exitCode, lines } = await install(connectionString);
        expect(exitCode).toBe(0);
        expect(read("etc/aziot/config.toml.before")).toBe("# mine\n");
        expect(lines.filter((line) => line.includes("was there"))).toHaveLength(1);
        expect((await install(connectionString)).lines.join()).not.toContain("was there");
    });

    testWithCommands(
        needed,
        "leaves an engine and its daemon.json alone, and says what is missing in it",
        async () => {
            fake("dockerd", "");
            mkdirSync(join(root, "etc/docker"));
            writeFileSync(join(root, "etc/docker/daemon.json"), "{}\n");
            const { lines, calls } = await install(connectionString);
            expect(read("etc/docker/daemon.json")).toBe("{}\n");
            expect(lines.join("\n")).toMatch(/limits no logs, .*Add to it: .*"max-size": "10m"/);
            expect(calls.join()).not.toContain("moby-engine");
        },
    );

    const set = (change: () => void, input = connectionString) => ({ change, input });
    test.each<[string, { change: () => void; input: string }, RegExp]>([
        [
            "32-bit ARM",
            set(() => fake("dpkg", "echo armhf")),
            /expected a 64-bit system, found armhf: .*no 32-bit ARM.*Install Raspberry Pi OS \(64-bit\)/,
        ],
        [
            "another processor than the stack's",
            set(() => fake("dpkg", "echo arm64")),
            /expected amd64, the platform of the stack, found arm64\. .*platform linux\/arm64/,
        ],
        [
            "a release without packages",
            set(() => osRelease("debian", "13", "trixie")),
            /expected Debian 12, .* found debian 13, .*Install one of these/,
        ],
        [
            "WSL without systemd",
            set(() => rmSync(join(root, "run/systemd"), { recursive: true })),
            /expected systemd to run.*\/etc\/wsl\.conf/,
        ],
        [
            "another device's connection string",
            set(() => {}, connectionString.replace("edge-device", "other")),
            /expected the connection string of device edge-device at hub\.azure-devices\.net, found that of another/,
        ],
        ["no key", set(() => {}, ""), /expected the device's connection string, or its key in base64, found/],
        [
            "a failing command",
            set(() => fake("apt-get", "exit 100")),
            /failed while 2\/6.*did not succeed in 6/,
        ],
    ])("refuses with the reason, and before anything changes: %s", async (_, { change, input }, reason) => {
        change();
        const { exitCode, lines, calls } = await install(input);
        expect(lines.at(-1)).toMatch(reason);
        expect(exitCode).toBe(1);
        expect(calls.join()).not.toContain("iotedge");
        expect(existsSync(join(root, keyFile))).toBe(false);
    });

    testWithCommands(needed, "shows its usage", async () => {
        expect((await install("", ["--help"])).lines.join("\n")).toMatch(
            /sudo bash install-edge\.sh --key-file FILE/,
        );
        expect((await install("", ["--colour"])).exitCode).toBe(2);
    });
});
