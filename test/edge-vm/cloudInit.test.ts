import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { type CloudInitSettings, renderCloudInit } from "../../edge-vm/cloudInit";
import { customData } from "../../edge-vm/customData";
import { shellScript } from "../../edge-vm/shellScript";
import { parseConfigToml } from "./parseConfigToml";
import { testWithCommands } from "./tools";

interface CloudConfig {
    readonly write_files: { path: string; permissions: string; content: string }[];
    readonly runcmd: string[][];
}

const settings: CloudInitSettings = {
    identity: { method: "sas", hubHostName: "hub.azure-devices.net", deviceId: "edge-device" },
    upstreamProtocol: "AmqpWs",
    secretUri: "https://vault.vault.azure.net/secrets/key/0123456789abcdef0123456789abcdef",
    clientId: "11111111-2222-3333-4444-555555555555",
};
const device = { hubHostName: "hub.azure-devices.net", deviceId: "edge-device" };
const cloudConfig = renderCloudInit(settings);

function fileOf(text: string, path: string) {
    const found = (parse(text) as CloudConfig).write_files.find((file) => file.path === path);
    if (!found) throw new Error(`The cloud-config writes no ${path}.`);
    return found;
}

let folder: string;
beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "cloud-init-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the cloud-config of a device", () => {
    test("is the golden one, so that a change of it is seen in a review", () => {
        expect(cloudConfig).toBe(readFileSync(join(__dirname, "cloudInit.golden.yaml"), "utf8"));
    });

    test("writes the scripts as they are in the project, ready to run", () => {
        for (const name of ["fetchDeviceKey.sh", "setUpEdge.sh"]) {
            const { content, permissions } = fileOf(cloudConfig, `/usr/local/sbin/${name}`);
            expect(content).toBe(shellScript(join(__dirname, "../../edge-vm", name)));
            expect(content).not.toContain("# include");
            expect(permissions).toBe("0755");
        }
    });

    test("makes the folders in which edgeAgent and edgeHub keep their data, for their users, before the device starts", () => {
        const { runcmd } = parse(
            renderCloudInit({ ...settings, hostStorage: "/var/lib/edge" }),
        ) as CloudConfig;
        expect(runcmd.slice(0, 2)).toEqual([
            ["install", "-d", "-o", "13622", "-g", "13622", "/var/lib/edge/edgeAgent"],
            ["install", "-d", "-o", "13623", "-g", "13623", "/var/lib/edge/edgeHub"],
        ]);
        expect(runcmd[2]?.[0]).toBe("/usr/local/sbin/setUpEdge.sh");
    });

    test("gives the container engine a log rotation that iotedge check accepts", () => {
        const { content } = fileOf(cloudConfig, "/etc/docker/daemon.json");
        expect(JSON.parse(content)).toEqual({
            "log-driver": "local",
            "log-opts": { "max-size": "10m", "max-file": "3" },
        });
    });

    test("has a config.toml that only root reads and that points to the key's file", () => {
        const { content, permissions } = fileOf(cloudConfig, "/etc/aziot/config.toml");
        expect(permissions).toBe("0600");
        expect(parseConfigToml(content)).toMatchObject({
            provisioning: {
                authentication: { device_id_pk: { uri: "file:///var/secrets/aziot/keyd/device-id" } },
            },
        });
    });

    test("runs one script, once, with the version, the key's place and the identity", () => {
        expect((parse(cloudConfig) as CloudConfig).runcmd).toEqual([
            ["/usr/local/sbin/setUpEdge.sh", "1.6.4-1", settings.secretUri, settings.clientId],
        ]);
    });

    test("brings a certificate, which is no secret, and points to it", () => {
        const certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
        const text = renderCloudInit({ ...settings, identity: { method: "x509", ...device, certificate } });
        expect(fileOf(text, "/etc/aziot/device-id.pem").content).toBe(certificate);
        expect(parseConfigToml(fileOf(text, "/etc/aziot/config.toml").content)).toMatchObject({
            provisioning: {
                authentication: {
                    identity_cert: "file:///etc/aziot/device-id.pem",
                    identity_pk: "file:///var/secrets/aziot/keyd/device-id",
                },
            },
        });
    });

    test.each<[string, CloudInitSettings["identity"], string[]]>([
        ["a key", settings.identity, []],
        [
            "a certificate",
            { ...device, method: "x509", certificate: "-----BEGIN CERTIFICATE-----\n" },
            ["/etc/aziot/device-id.pem 0644"],
        ],
        ["a registration", { method: "dps", idScope: "0ne00ABCDEF", registrationId: "edge-device" }, []],
    ])(
        "writes a device of %s its files, each with its mode and before the script runs",
        (_, identity, more) => {
            const config = parse(renderCloudInit({ ...settings, identity, upstreamProtocol: "MqttWs" }));
            expect(
                config.write_files.map((file: Record<string, string>) => `${file.path} ${file.permissions}`),
            ).toEqual([
                "/etc/docker/daemon.json 0644",
                "/etc/aziot/config.toml 0600",
                ...more,
                "/usr/local/sbin/fetchDeviceKey.sh 0755",
                "/usr/local/sbin/setUpEdge.sh 0755",
            ]);
            for (const file of config.write_files)
                expect(Object.keys(file)).toEqual(["path", "permissions", "content"]);
            expect(config.write_files[1].content).toContain('UpstreamProtocol = "MqttWs"');
        },
    );

    test("keeps texts that YAML 1.1, which cloud-init reads, would take for something else", () => {
        const text = renderCloudInit({ ...settings, secretUri: "yes", clientId: "0123" });
        expect(parse(text, { version: "1.1" }).runcmd[0].slice(2)).toEqual(["yes", "0123"]);
    });

    test("can name the provisioning service", () => {
        const identity = { method: "dps", idScope: "0ne00ABCDEF", registrationId: "edge-device" } as const;
        const text = renderCloudInit({ ...settings, identity });
        expect(parseConfigToml(fileOf(text, "/etc/aziot/config.toml").content)).toMatchObject({
            provisioning: { source: "dps", id_scope: "0ne00ABCDEF" },
        });
    });
});

describe("the cloud-config, as the genuine tools see it", () => {
    testWithCommands(["cloud-init"], "is valid for cloud-init", () => {
        const file = join(folder, "cloud-config.yaml");
        writeFileSync(file, cloudConfig);
        const said = execFileSync("cloud-init", ["schema", "--config-file", file], { encoding: "utf8" });
        expect(said).toContain("Valid cloud-config");
    });

    const scripts = ["fetchDeviceKey.sh", "setUpEdge.sh"];
    test.each(scripts)("has a %s that bash can read and that never traces what it does", (name) => {
        const { content } = fileOf(cloudConfig, `/usr/local/sbin/${name}`);
        execFileSync("bash", ["-n"], { input: content });
        expect(content).not.toMatch(/set -\w*x|xtrace/);
    });

    testWithCommands(["shellcheck"], "has scripts in which shellcheck finds nothing", () => {
        for (const name of scripts) {
            const { content } = fileOf(cloudConfig, `/usr/local/sbin/${name}`);
            execFileSync("shellcheck", ["--norc", "-"], {
                input: content,
                stdio: ["pipe", "inherit", "inherit"],
            });
        }
    });
});

describe("customData", () => {
    test("is the cloud-config in base64", () => {
        expect(Buffer.from(customData(cloudConfig), "base64").toString()).toBe(cloudConfig);
    });

    test("may have as many bytes as Azure takes, and not one more", () => {
        const padded = (bytes: number) => "#cloud-config\n".padEnd(bytes, "#");
        expect(Buffer.from(customData(padded(65_535)), "base64")).toHaveLength(65_535);
        expect(() => customData(padded(65_536))).toThrow("at most 65535 bytes, found 65536");
    });

    test("counts bytes, not characters", () => {
        const text = "#cloud-config\n".padEnd(50_000, "#é");
        expect(() => customData(text)).toThrow(`found ${Buffer.byteLength(text)}`);
        expect(text.length).toBeLessThan(65_535);
    });

    test.each([
        ["that begins otherwise", "#!/bin/bash\necho", 'line #cloud-config, found "#!/bin/bash"'],
        ["with a key that cloud-init passes over", "#cloud-config\nrun_cmd: []\n", "found run_cmd"],
        ["with a connection string", "#cloud-config\nruncmd: ['x SharedAccessKey=a2V5']\n", "hold no secret"],
        [
            "with a private key",
            "#cloud-config\nruncmd: ['-----BEGIN RSA PRIVATE KEY-----']\n",
            "hold no secret",
        ],
        [
            "with a private key of no kind",
            "#cloud-config\nruncmd: ['-----BEGIN PRIVATE KEY-----']\n",
            "hold no secret",
        ],
        [
            "whose header is a part of a longer one",
            "#cloud-config-archive\n",
            'found "#cloud-config-archive"',
        ],
        ["with a URL signed first", "#cloud-config\nruncmd: ['curl https://x/?sig=abc']\n", "hold no secret"],
        ["with a signed URL", "#cloud-config\nruncmd: ['curl https://x/?se=1&sig=abc']\n", "hold no secret"],
    ])("refuses a text %s", (_what, text, sentence) => {
        expect(() => customData(text)).toThrow(sentence);
    });
});

describe("a script of the machine", () => {
    test("has the machine's line ends whatever the checkout's are, in what it includes too", () => {
        mkdirSync(join(folder, "parts"), { recursive: true });
        writeFileSync(join(folder, "one.sh"), "one\r\n# include parts/two.sh\r\nfour\r\n");
        writeFileSync(join(folder, "parts/two.sh"), "two\r\n# include three.sh\r\n");
        writeFileSync(join(folder, "parts/three.sh"), "three\n# includes nothing\n");
        expect(shellScript(join(folder, "one.sh"))).toBe("one\ntwo\nthree\n# includes nothing\nfour\n");
    });
});
