import { execFile, execFileSync } from "node:child_process";
import {
    chmodSync,
    existsSync,
    mkdirSync,
    readdirSync,
    readFileSync,
    rmSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { join } from "node:path";
import {
    type InstallScriptSettings,
    renderInstallScript,
} from "../../../edge-vm/existing-machine/installScript";
import { parseConfigToml } from "../parseConfigToml";
import { type StandInMachine, standInMachine } from "../standInMachine";
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

let machine: StandInMachine;
let root: string;

beforeEach(() => {
    machine = standInMachine();
    root = machine.root;
});
afterEach(() => machine.remove());

const fake: StandInMachine["fake"] = (...args) => machine.fake(...args);

interface Installed {
    readonly exitCode: number;
    readonly lines: string[];
    readonly calls: string[];
    readonly stdout: string;
    readonly stderr: string;
}

async function install(
    input: string,
    args: string[] = [],
    change: Partial<InstallScriptSettings> = {},
): Promise<Installed> {
    const script = join(root, "install-edge.sh");
    writeFileSync(script, renderInstallScript({ ...settings, ...change }));
    const env = { PATH: machine.bin, EDGE_ROOT: root };
    const { exitCode, stdout, stderr } = await new Promise<Pick<Installed, "exitCode" | "stdout" | "stderr">>(
        (done) => {
            const child = execFile("bash", [script, ...args], { env }, (error, stdout, stderr) =>
                done({ exitCode: error ? Number(error.code) : 0, stdout, stderr }),
            );
            // A script that refuses at once does not read it.
            child.stdin?.on("error", () => {});
            child.stdin?.end(input);
        },
    );
    const shown = stdout + stderr;
    const log = existsSync(join(root, "var/log/edge-setup.log")) ? read("var/log/edge-setup.log") : "";
    const calls = machine.calls();
    // Whatever happens, the key is in no argument and in no text.
    expect(`${shown}${log}${calls}`).not.toContain(key);
    return { exitCode, lines: shown.trimEnd().split("\n"), calls, stdout, stderr };
}

const read = (path: string) => machine.read(path);
const keyFile = "var/secrets/aziot/keyd/device-id";
const needed = ["bash", "base64", "cmp"];

const certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
const mode = (path: string) => statSync(join(root, path)).mode & 0o777;

describe("the script for an existing machine", () => {
    test("is the golden one, so that a change of it is seen in a review", () => {
        expect(
            renderInstallScript({ ...settings, identity: { method: "x509", ...device, certificate } }),
        ).toBe(readFileSync(join(__dirname, "installScript.golden.sh"), "utf8"));
    });

    test.each<[InstallScriptSettings["identity"], Record<string, string>]>([
        [
            settings.identity,
            {
                hub_host_name: "hub.azure-devices.net",
                key_prompt: "the device's connection string, or its key in base64",
                certificate: "",
            },
        ],
        [
            { method: "x509", ...device, certificate },
            {
                hub_host_name: "hub.azure-devices.net",
                key_prompt: "the private key of the device's certificate, in PEM",
                certificate: certificate.trimEnd(),
            },
        ],
        [
            { method: "dps", idScope: "0ne00000000", registrationId: "edge-device" },
            {
                hub_host_name: "",
                key_prompt: "the key derived for this registration, in base64",
                certificate: "",
            },
        ],
    ])("sets its values so that a shell reads them back, for %j", (identity, expected) => {
        const script = renderInstallScript({ identity, upstreamProtocol: "Mqtt", platform: "linux/arm64" });
        const names = [...Object.keys(expected), "edge_version", "device_id", "image_architecture"];
        const values = script.slice(0, script.indexOf("config_toml="));
        const shown = names.map((name) => `printf '%s\\0' "$${name}"`).join("\n");
        const read = execFileSync("bash", ["-c", `${values}\n${shown}`], { encoding: "utf8" });
        expect(read.split("\0").slice(0, -1)).toEqual([
            ...Object.values(expected),
            ...["1.6.4-1", "edge-device", "arm64"],
        ]);
        expect(script).toContain('UpstreamProtocol = "Mqtt"');
        expect(script).toContain(
            identity.method === "dps"
                ? "# Makes this machine the IoT Edge device edge-device of the scope 0ne00000000."
                : "# Makes this machine the IoT Edge device edge-device of hub.azure-devices.net.",
        );
        expect(script).toContain(`# The key is ${expected.key_prompt}.`);
    });

    test("leaves a name with quotes in its place", () => {
        const identity = {
            ...settings.identity,
            deviceId: 'it\'s $(id) "x"',
        } as InstallScriptSettings["identity"];
        const script = renderInstallScript({ ...settings, identity });
        const values = script.slice(script.indexOf("edge_version="), script.indexOf("key_file="));
        const assignments = values.slice(0, values.indexOf("# The key that signs"));
        expect(
            execFileSync("bash", ["-c", `${assignments}\nprintf %s "$device_id"`], { encoding: "utf8" }),
        ).toBe('it\'s $(id) "x"');
    });

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
        const { exitCode } = await install(pem, [], { identity: { method: "x509", ...device, certificate } });
        expect(exitCode).toBe(0);
        expect(read(keyFile)).toBe(`${pem}\n`);
        expect(read("etc/aziot/device-id.pem")).toBe(certificate);
        expect(mode("etc/aziot/device-id.pem")).toBe(0o644);
        expect(mode(keyFile)).toBe(0o600);
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
            machine.hasEngine("1.24", "1.47");
            mkdirSync(join(root, "etc/docker"));
            writeFileSync(join(root, "etc/docker/daemon.json"), "{}\n");
            const { lines, calls } = await install(connectionString);
            expect(read("etc/docker/daemon.json")).toBe("{}\n");
            expect(lines.join("\n")).toMatch(/limits no logs, .*Add to it: .*"max-size": "10m"/);
            expect(calls.join()).not.toContain("moby-engine");
        },
    );

    testWithCommands(needed, "starts an engine that is there and lacked what it needs", async () => {
        machine.hasEngine("1.24", "1.47");
        for (const path of ["installed/iptables", "engine/running"]) rmSync(join(root, path));
        const { exitCode, calls } = await install(connectionString);
        expect(exitCode).toBe(0);
        expect(calls.filter((call) => / install .*iptables/.test(call))).toEqual([
            expect.stringMatching(/install iptables apparmor kmod$/),
        ]);
        expect(read("engine/running")).toBe("1.24 1.47\n");
    });

    testWithCommands(needed, "has an engine that is there answer API 1.41, and says so", async () => {
        machine.hasEngine("1.44", "1.52");
        const { exitCode, lines } = await install(connectionString);
        expect(exitCode).toBe(0);
        expect(lines.join("\n")).toMatch(
            /answers API 1\.44 and newer only, .* allowing that in .*docker\.service\.d\/iot-edge\.conf/,
        );
        expect(read("engine/running")).toBe("1.41 1.52\n");
    });

    test.each([
        ["the key alone", key, {}],
        [
            "a connection string in another order and letter case of its host",
            `SharedAccessKey=${key};DeviceId=edge-device;HostName=HUB.Azure-Devices.NET`,
            {},
        ],
        ["a connection string with a part too many", `${connectionString};GatewayHostName=gateway`, {}],
        [
            "the key of a registration",
            key,
            { identity: { method: "dps", idScope: "0ne00000000", registrationId: "edge-device" } as const },
        ],
    ])("takes %s", async (_, input, change) => {
        const { exitCode, stdout } = await install(`${input}\n`, [], change);
        expect(exitCode).toBe(0);
        expect(readFileSync(join(root, keyFile))).toEqual(keyBytes);
        // Stages go to standard error.
        expect(stdout).toBe("");
        expect(existsSync(join(root, "etc/aziot/device-id.pem"))).toBe(false);
    });

    testWithCommands(
        needed,
        "gives each file its mode and the key's to its service, and leaves no other",
        async () => {
            const { calls } = await install(connectionString);
            expect(
                ["etc/docker/daemon.json", "etc/aziot/config.toml", keyFile, join(keyFile, "..")].map(mode),
            ).toEqual([...[0o644, 0o600, 0o600, 0o700]]);
            const folder = join(root, keyFile, "..");
            expect(calls.filter((call) => call.startsWith("chown"))).toEqual([
                `chown aziotks: ${folder}`,
                `chown aziotks: ${folder}/device-id.new`,
            ]);
            for (const path of [folder, join(root, "etc/aziot"), join(root, "etc/docker")])
                expect(readdirSync(path).filter((name) => /new|before/.test(name))).toEqual([]);
        },
    );

    test.each([
        ["ubuntu", "22.04", "jammy"],
        ["ubuntu", "24.04", "noble"],
    ])("takes %s %s, and its packages", async (id, version, codename) => {
        machine.osRelease(id, version, codename);
        expect((await install(connectionString)).exitCode).toBe(0);
        expect(read("etc/apt/sources.list.d/microsoft-prod.list")).toContain(
            `https://packages.microsoft.com/${id}/${version}/prod ${codename} main`,
        );
    });

    testWithCommands(needed, "takes a 64-bit ARM where the stack's images are for it", async () => {
        fake("dpkg", "echo arm64");
        expect((await install(connectionString, [], { platform: "linux/arm64" })).exitCode).toBe(0);
    });

    test.each([
        ["640", false],
        ["604", false],
        ["400", true],
    ])("a key file of mode %s is taken: %s", async (fileMode, taken) => {
        writeFileSync(join(root, "key"), key);
        chmodSync(join(root, "key"), Number.parseInt(fileMode, 8));
        expect((await install("", ["--key-file", join(root, "key")])).exitCode).toBe(taken ? 0 : 1);
        expect(existsSync(join(root, keyFile))).toBe(taken);
    });

    testWithCommands(needed, "leaves an engine's own log limits without a word", async () => {
        machine.hasEngine("1.24", "1.47");
        mkdirSync(join(root, "etc/docker"));
        writeFileSync(join(root, "etc/docker/daemon.json"), '{"log-opts": {"max-size": "1g"}}\n');
        const { lines, calls } = await install(connectionString);
        expect(lines.join()).not.toContain("limits no logs");
        expect(calls.join()).not.toContain("systemctl");
    });

    testWithCommands(
        needed,
        "starts an engine anew that has run without limits, and installs one where there is none",
        async () => {
            const fresh = await install(connectionString);
            expect(fresh.calls.join()).toMatch(/install iptables apparmor kmod moby-engine moby-cli/);
            expect(fresh.calls).not.toContain("systemctl restart docker");
            rmSync(join(root, "etc/docker/daemon.json"));
            machine.forgetCalls();
            machine.hasEngine("1.24", "1.47");
            const { calls } = await install(connectionString);
            expect(calls).toContain("systemctl restart docker");
            expect(mode("etc/docker/daemon.json")).toBe(0o644);
        },
    );

    testWithCommands(needed, "applies the configuration and waits for the agent more than once", async () => {
        fake(
            "iotedge",
            `n=$(grep -c "^iotedge $1" "${join(root, "calls")}"); ((n > 2)) || exit 1; echo 'edgeAgent   running'`,
        );
        const { exitCode, calls } = await install(connectionString);
        expect(exitCode).toBe(0);
        expect(calls.filter((call) => call.startsWith("iotedge"))).toEqual([
            ...Array.from({ length: 3 }, () => "iotedge config apply"),
            ...Array.from({ length: 3 }, () => "iotedge list"),
        ]);
        expect(calls.filter((call) => call.startsWith("sleep"))).toEqual([
            ...["sleep 5", "sleep 10", "sleep 5", "sleep 10"],
        ]);
    });

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
            set(() => machine.osRelease("debian", "13", "trixie")),
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
        ["ARM of the oldest kind", set(() => fake("dpkg", "echo armel")), /found armel: .*no 32-bit ARM/],
        [
            "a processor that there are no packages for",
            set(() => fake("dpkg", "echo riscv64")),
            /expected amd64 or arm64, found riscv64\./,
        ],
        [
            "an older release",
            set(() => machine.osRelease("ubuntu", "20.04", "focal")),
            /found ubuntu 20\.04, for which there are no packages/,
        ],
        [
            "another hub's connection string",
            set(() => {}, connectionString.replace("hub.azure", "hub2.azure")),
            /found that of another/,
        ],
        [
            "the connection string of a device whose name begins alike",
            set(() => {}, connectionString.replace("edge-device", "edge-device2")),
            /found that of another/,
        ],
        [
            "a device of the same name in another letter case",
            set(() => {}, connectionString.replace("edge-device", "Edge-Device")),
            /found that of another/,
        ],
        ["a key with a space", set(() => {}, `${key} ${key}`), /found something else/],
        ["a key that is too short", set(() => {}, "QUJDREVGR0hJSks="), /found something else/],
        ["no key", set(() => {}, ""), /expected the device's connection string, or its key in base64, found/],
        [
            "an engine that does not start",
            set(() => writeFileSync(join(root, "engine/broken"), "")),
            /failed while 3\/6.*expected dockerd to run, found failed to start daemon: /,
        ],
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
        const short = await install("", ["-h"]);
        expect(short.exitCode).toBe(0);
        expect(short.stdout).toMatch(/asks for the key\n.*--key-file FILE.*\n.*< FILE/);
        const wrong = await install("", ["--colour"]);
        expect(wrong).toMatchObject({ exitCode: 2, stdout: "", stderr: short.stdout });
        expect((await install("", ["--key-file"])).exitCode).toBe(2);
        const missing = await install("", ["--key-file", join(root, "none")]);
        expect(missing.lines.at(-1)).toContain(`expected the key's file ${join(root, "none")}, found none.`);
        expect(missing.calls.join()).not.toContain("apt-get");
    });
});
