import { createHmac } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sourcesHash } from "../../../setup/sourcesHash";
import { type RegisteredResource, settled } from "../../support/pulumiMocks";
import { selfSigned } from "../provider/azure/selfSigned";
import { type DeployedProgram, deployProgram } from "./deployedProgram";

jest.mock("../../../infra/checkedModel", () => ({
    checkedModel: () => ({ title: "Bananas", version: "7", description: "Ripe or not" }),
}));

/** Inputs of any depth, as the engine sees them. */
// biome-ignore lint/suspicious/noExplicitAny: a test reaches into them by the names it expects
type Loose = any;

const sshPublicKey = "ssh-ed25519 AAAA you@laptop";

function only({ resources }: DeployedProgram, type: string, name: string): RegisteredResource {
    const [found, ...more] = resources.filter((one) => one.type.endsWith(`:${type}`) && one.name === name);
    if (!found || more.length > 0) throw new Error(`Expected one ${type} ${name}.`);
    return found;
}

describe("every setting of a machine and its hub reaches the resource that it is for:", () => {
    let machine: DeployedProgram;
    beforeAll(async () => {
        machine = await deployProgram({
            hubSku: "S2",
            deviceId: "greenhouse-7",
            deviceStatus: "disabled",
            deviceTags: '{"site":"greenhouse"}',
            platform: "linux/arm64",
            registryRotation: "4",
            edgeVm: "true",
            sshPublicKey,
            adminUsername: "gardener",
            vmSize: "Standard_D2ps_v5",
            dnsLabel: "greenhouse",
            sshFrom: '["198.51.100.7/32"]',
            httpFrom: '["198.51.100.8/32"]',
            shutdownTime: "19:30",
            shutdownTimeZone: "W. Europe Standard Time",
            hostPort: "8081",
            hostStorage: "/data",
            upstreamProtocol: "MqttWs",
            check: "http",
            checkTimeoutSeconds: "77",
            whenOffline: "accept",
        });
    });

    const opening = (port: string, from: string) => ({
        access: "Allow",
        destinationPortRange: port,
        sourceAddressPrefix: from,
    });
    test.each<[string, string, string, object]>([
        ["hubSku", "IotHubResource", "hub", { sku: { name: "S2" } }],
        [
            "the device's own",
            "Device",
            "device",
            { deviceId: "greenhouse-7", status: "disabled", tags: { site: "greenhouse" } },
        ],
        ["registryRotation", "RegistryTokenPassword", "registry-pull", { rotation: 4 }],
        ["registryRotation", "RegistryTokenPassword", "registry-push", { rotation: 4 }],
        ["platform and model", "Image", "classifier-image", imageOf("linux/arm64")],
        ["deviceId", "Deployment", "deployment", { deviceId: "greenhouse-7", hubId: "hub-id" }],
        [
            "the check's own",
            "DeploymentCheck",
            "check",
            {
                hubId: "hub-id",
                deviceId: "greenhouse-7",
                image: expect.stringMatching(/^registry\.azurecr\.io\/classifier@sha256:/),
                timeoutSeconds: 77,
                whenOffline: "accept",
                url: "http://label.westeurope.cloudapp.azure.com:8081",
                triggers: { hostPort: 8081 },
            },
        ],
        ["vmSize", "VirtualMachine", "vm", { hardwareProfile: { vmSize: "Standard_D2ps_v5" } }],
        ["platform", "VirtualMachine", "vm", { storageProfile: { imageReference: { sku: "server-arm64" } } }],
        [
            "adminUsername and sshPublicKey",
            "VirtualMachine",
            "vm",
            {
                osProfile: {
                    adminUsername: "gardener",
                    linuxConfiguration: {
                        ssh: {
                            publicKeys: [
                                { path: "/home/gardener/.ssh/authorized_keys", keyData: sshPublicKey },
                            ],
                        },
                    },
                },
            },
        ],
        ["dnsLabel", "PublicIPAddress", "vm-ip", { dnsSettings: { domainNameLabel: "greenhouse" } }],
        [
            "sshFrom, httpFrom and hostPort",
            "NetworkSecurityGroup",
            "vm-nsg",
            { securityRules: [opening("22", "198.51.100.7/32"), opening("8081", "198.51.100.8/32")] },
        ],
        [
            "shutdownTime and its zone",
            "GlobalSchedule",
            "vm-shutdown",
            { dailyRecurrence: { time: "1930" }, timeZoneId: "W. Europe Standard Time" },
        ],
    ])("%s", (_, type, name, inputs) => {
        expect(only(machine, type, name).inputs).toMatchObject(inputs);
    });

    test("deviceId, upstreamProtocol and hostStorage, for the machine's first start", () => {
        const { osProfile } = only(machine, "VirtualMachine", "vm").inputs as Loose;
        const cloudConfig = Buffer.from(osProfile.customData, "base64").toString();
        expect(cloudConfig).toContain('device_id = "greenhouse-7"');
        expect(cloudConfig).toContain('UpstreamProtocol = "MqttWs"');
        expect(cloudConfig).toContain("/data/edgeAgent");
    });

    test("and the outputs tell of it", async () => {
        const outputs = Object.entries(machine.outputs).map(async ([name, output]) => [
            name,
            await settled<unknown>(output),
        ]);
        const plain = (value: string) => ({ value, secret: false });
        expect(Object.fromEntries(await Promise.all(outputs))).toEqual({
            hubHostName: plain("hub.azure-devices.net"),
            deviceId: plain("greenhouse-7"),
            deviceConnectionString: { value: "a-connection-string-of-device", secret: true },
            image: plain(`registry.azurecr.io/classifier@sha256:${"0".repeat(64)}`),
            classifierUrl: plain("http://label.westeurope.cloudapp.azure.com:8081"),
            ssh: plain("ssh gardener@label.westeurope.cloudapp.azure.com"),
            publicIp: plain("203.0.113.7"),
            fqdn: plain("label.westeurope.cloudapp.azure.com"),
        });
    });
});

describe("a brought device", () => {
    test.each([
        [
            "its address and its port",
            { deviceAddress: "camera.example", hostPort: "8081" },
            "http://camera.example:8081",
        ],
        [
            "its address at the port that goes without saying",
            { deviceAddress: "192.0.2.7" },
            "http://192.0.2.7",
        ],
        ["nothing, where its address is not known", {}, ""],
    ])("is asked by %s", async (_, settings, url) => {
        const { resources, outputs } = await deployProgram({ ...settings, image: "r.example/c:v1" });
        expect((await settled(outputs.classifierUrl)).value).toBe(url);
        // It is asked over HTTP only by the check of that name.
        expect(only({ resources, outputs }, "DeploymentCheck", "check").inputs).not.toHaveProperty("url");
        for (const name of ["ssh", "publicIp", "fqdn"] as const)
            expect((await settled(outputs[name])).value).toBe("");
    });

    test("is checked over HTTP at its address, and with the image that is deployed", async () => {
        const checked = await deployProgram({
            check: "http",
            deviceAddress: "camera.example",
            image: "r.example/c:v1",
        });
        expect(only(checked, "DeploymentCheck", "check").inputs).toMatchObject({
            url: "http://camera.example",
            image: "r.example/c:v1",
        });
        expect((await settled(checked.outputs.image)).value).toBe("r.example/c:v1");
    });

    test("without tags sets none, so that those of others are none of its business", async () => {
        expect(
            only(await deployProgram({ image: "r.example/c:v1" }), "Device", "device").inputs,
        ).not.toHaveProperty("tags");
    });
});

describe("a machine that proves itself by a certificate", () => {
    test("has its thumbprint in the hub, its key in the vault, and itself on the machine", async () => {
        const folder = mkdtempSync(join(tmpdir(), "certificate-"));
        selfSigned(folder, "edge-device");
        const [certificate = "", privateKey = ""] = ["crt", "key"].map((kind) =>
            readFileSync(join(folder, `edge-device.${kind}`), "utf8"),
        );
        rmSync(folder, { recursive: true });
        const made = await deployProgram(
            { edgeVm: "true", sshPublicKey, deviceAuth: "x509", deviceCertificate: certificate },
            { devicePrivateKey: privateKey },
        );
        expect(only(made, "Device", "device").inputs).toMatchObject({
            thumbprints: [expect.stringMatching(/^[0-9A-F]{64}$/)],
        });
        const key = only(made, "Secret", "vm-key");
        expect(key.registration.secret).toBe("properties.value");
        expect(JSON.stringify(key.inputs)).toContain(Buffer.from(privateKey).toString("base64"));
        const { osProfile } = only(made, "VirtualMachine", "vm").inputs as Loose;
        const cloudConfig = Buffer.from(osProfile.customData, "base64").toString();
        expect(cloudConfig).toContain(certificate.split("\n")[1]);
        expect(cloudConfig).not.toContain(privateKey.split("\n")[1]);
    });
});

describe("before anything exists", () => {
    const image = "r.example/c:v1";

    test("a manifest is refused that the device would refuse", async () => {
        await expect(deployProgram({ image, routes: '{"up":"FROM nowhere"}' })).rejects.toThrow(
            /^Expected route up to read FROM source/,
        );
    });

    test("a classifier is refused that is not compiled, or was before its sources changed", async () => {
        const folder = mkdtempSync(join(tmpdir(), "uncompiled-"));
        const project = process.cwd();
        const refusal = async () => (await deployProgram({ image }).catch((error: Error) => error)) as Error;
        try {
            process.chdir(folder);
            mkdirSync("classifier/src", { recursive: true });
            for (const file of ["src/a.ts", "tsconfig.json", "package-lock.json"])
                writeFileSync(`classifier/${file}`, "");
            const compile = "from the present sources, found %. Compile it with: npm run setup";
            expect((await refusal()).message).toContain(compile.replace("%", "nothing compiled"));
            mkdirSync("classifier/dist");
            writeFileSync("classifier/dist/.sources", "another\n");
            expect((await refusal()).message).toContain(compile.replace("%", "an older compilation"));
            const sources = ["src", "tsconfig.json", "package-lock.json"];
            writeFileSync("classifier/dist/.sources", `${sourcesHash("classifier", sources)}\n`);
            expect((await deployProgram({ image })).resources.length).toBeGreaterThan(3);
            writeFileSync("classifier/src/a.ts", "changed");
            expect((await refusal()).message).toContain(compile.replace("%", "an older compilation"));
        } finally {
            process.chdir(project);
            rmSync(folder, { recursive: true });
        }
    });
});

describe("a prebuilt image of a registry that the stack makes tokens in", () => {
    const registryId = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/r";
    test.each([
        ["r.azurecr.io/c:v1", "c"],
        ["r.azurecr.io/team/c:v1", "team/c"],
        ["localhost:5000/team/c:v1", "team/c"],
        [`r.azurecr.io/team/c@sha256:${"0".repeat(64)}`, "team/c"],
    ])("may be pulled from its own repository: %s", async (image, repository) => {
        const made = await deployProgram({ image, registryId });
        expect(only(made, "ScopeMap", "registry-pull").inputs.actions).toEqual([
            `repositories/${repository}/content/read`,
            `repositories/${repository}/metadata/read`,
        ]);
        const { manifest } = only(made, "Deployment", "deployment").inputs as Loose;
        const { runtime } = manifest.value.modulesContent.$edgeAgent["properties.desired"];
        expect(runtime.settings.registryCredentials).toEqual({
            registry: {
                address: "r.azurecr.io",
                username: "registry-pull",
                password: "a-password-of-registry-pull",
            },
        });
    });
});

describe("an enrollment", () => {
    test.each(["dps-individual", "dps-group"])(
        "by %s says of the device what the hub says",
        async (provisioning) => {
            const made = await deployProgram({
                provisioning,
                deviceId: "greenhouse-7",
                deviceTags: '{"site":"greenhouse"}',
                image: "r.example/c:v1",
            });
            const isGroup = provisioning === "dps-group";
            const enrollment = only(made, isGroup ? "EnrollmentGroup" : "Enrollment", "enrollment");
            expect(enrollment.inputs).toMatchObject({
                provisioningServiceId: "provisioning-id",
                hubHostName: "hub.azure-devices.net",
                tags: { site: "greenhouse" },
                ...(isGroup ? { groupId: "edge-devices" } : { registrationId: "greenhouse-7" }),
            });
            if (!isGroup)
                expect(enrollment.registration.secret).toBe(
                    "symmetricKey.primaryKey, symmetricKey.secondaryKey",
                );
            const service = only(made, "IotDpsResource", "provisioning");
            expect(service.inputs.sku).toEqual({ name: "S1", capacity: 1 });
            expect((service.inputs.properties as Loose).value).toEqual({
                allocationPolicy: "Static",
                iotHubs: [{ connectionString: expect.anything(), location: "westeurope" }],
            });
            expect(service.registration.secret).toBe("properties.iotHubs.0.connectionString");
        },
    );

    test("of a group gives the device what is derived from each of its keys, for its name", async () => {
        const made = await deployProgram({ provisioning: "dps-group", image: "r.example/c:v1" });
        const { symmetricKey } = only(made, "Device", "device").inputs as Loose;
        const derivedFrom = (key: string) =>
            createHmac("sha256", Buffer.from(key)).update("edge-device").digest("base64");
        expect(symmetricKey.value).toEqual({
            primaryKey: derivedFrom("the first key of the group"),
            secondaryKey: derivedFrom("the second key of the group"),
        });
    });

    test("of one device gives it both of the hub's keys, each in its place", async () => {
        const made = await deployProgram({ provisioning: "dps-individual", image: "r.example/c:v1" });
        const { symmetricKey } = only(made, "Enrollment", "enrollment").inputs as Loose;
        expect(symmetricKey.value).toEqual({
            primaryKey: "a-key-of-device",
            secondaryKey: "another-key-of-device",
        });
    });
});

describe("what is secret in the settings of the manifest is so in the deployment, leaf by leaf:", () => {
    const desired = "manifest.modulesContent.$edgeAgent.properties.desired";
    const env = (module: string, name: string) => `${desired}.${module}.env.${name}.value`;
    const image = { image: "r.example/c:v1" };

    test.each<[string, Record<string, string>, string[]]>([
        [
            "both keys for predictions",
            { moduleSecrets: '{"PREDICTION_KEY":"one","PREDICTION_KEY_2":"two"}' },
            [
                env("modules.ImageClassifier", "PREDICTION_KEY"),
                env("modules.ImageClassifier", "PREDICTION_KEY_2"),
            ],
        ],
        [
            "names in any letter case",
            { moduleSecrets: '{"Password":"one","apikey":"two","Connection_String":"three"}' },
            ["Connection_String", "Password", "apikey"].map((name) => env("modules.ImageClassifier", name)),
        ],
        [
            "the passwords of all registries",
            {
                extraRegistries:
                    '{"a":{"address":"a.example","username":"u","password":"one"},"b":{"address":"b.example","username":"u","password":"two"}}',
            },
            ["a", "b"].map((name) => `${desired}.runtime.settings.registryCredentials.${name}.password`),
        ],
        [
            "a proxy that was set as a secret, for both who use it",
            { proxy: "http://user:pass@proxy.example:3128" },
            [env("systemModules.edgeAgent", "https_proxy"), env("systemModules.edgeHub", "https_proxy")],
        ],
    ])("%s", async (_, secrets, paths) => {
        const made = await deployProgram(image, secrets);
        expect(only(made, "Deployment", "deployment").registration.secret?.split(", ").sort()).toEqual(
            paths.sort(),
        );
    });

    test("and nothing is that was set in clear", async () => {
        const made = await deployProgram({
            ...image,
            proxy: "http://proxy.example:3128",
            moduleEnv: '{"LOG_LEVEL":"debug"}',
        });
        expect(only(made, "Deployment", "deployment").registration).not.toHaveProperty("secret");
    });
});

function imageOf(platform: string): object {
    return {
        build: { platform, args: { TITLE: "Bananas", VERSION: "7", DESCRIPTION: "Ripe or not" } },
        imageName: expect.stringMatching(/^registry\.azurecr\.io\/classifier:[0-9a-f]{16}$/),
    };
}
