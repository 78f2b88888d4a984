import { readFileSync } from "node:fs";
import { join } from "node:path";
import { program } from "../../infra/program";
import { isSecretInput, mockEngine, type RegisteredResource, settled } from "../support/pulumiMocks";

const configured = { "azure-native:location": "westeurope", "edge-classifier:check": "reported" };

const withVm = {
    "edge-classifier:edgeVm": "true",
    "edge-classifier:sshPublicKey":
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl you@laptop",
    "edge-classifier:shutdownTime": "19:00",
};

/** Inputs of any depth, as the engine sees them. */
// biome-ignore lint/suspicious/noExplicitAny: a test reaches into them by the names it expects
type Loose = any;

async function deploy(config: Record<string, string> = configured) {
    const resources = await mockEngine("dev", config);
    const outputs = program();
    await settled(outputs.image);
    // Registrations are made in the background; the last ones wait for outputs of the others.
    await new Promise((resolve) => setTimeout(resolve, 200));
    return { resources, outputs };
}

function resource(resources: RegisteredResource[], name: string, type: RegExp): RegisteredResource {
    const found = resources.find((one) => one.name === name && type.test(one.type));
    if (!found)
        throw new Error(`No resource ${name} of type ${type} among ${resources.map((one) => one.name)}`);
    return found;
}

describe("the program", () => {
    test.each([
        ["a device that is brought", "program.golden.txt", {}],
        ["a machine that becomes the device", "program.edgeVm.golden.txt", withVm],
    ])("registers the resources of the golden list for %s", async (_, file, settings) => {
        const { resources } = await deploy({ ...configured, ...settings });
        const golden = readFileSync(join(__dirname, file), "utf8");
        const listed = resources.map(({ type, name }) => `${type}::${name}`).sort();
        expect(`${listed.join("\n")}\n`).toBe(golden);
    });

    test("does not check a stack that has no device yet", async () => {
        const { resources } = await deploy({ ...configured, "edge-classifier:check": "none" });
        expect(resources.filter(({ type }) => type.startsWith("command:"))).toEqual([]);
    });

    test("gives the hub one policy of its own, without the rights of iothubowner", async () => {
        const { resources } = await deploy();
        const hub = resource(resources, "hub", /IotHubResource/);
        expect((hub.inputs.properties as { authorizationPolicies: unknown }).authorizationPolicies).toEqual([
            { keyName: "edge-classifier", rights: "RegistryRead, RegistryWrite, ServiceConnect" },
        ]);
    });

    test("keeps every key secret from its birth", async () => {
        const { resources } = await deploy();
        const device = resource(resources, "device", /EdgeDevice/);
        const deployment = resource(resources, "deployment", /EdgeDeployment/);
        const image = resource(resources, "classifier-image", /docker/);
        const check = resource(resources, "check", /Command/);
        expect(isSecretInput(device.inputs.hubConnectionString)).toBe(true);
        expect(isSecretInput(deployment.inputs.hubConnectionString)).toBe(true);
        // The mocks lift a mark inside an object to the whole of it; the engine test looks at the leaves.
        expect(isSecretInput(deployment.inputs.manifest)).toBe(true);
        expect(isSecretInput(image.inputs.registry)).toBe(true);
        expect(isSecretInput(check.inputs.environment)).toBe(true);
    });

    test("deploys the image by its digest", async () => {
        const { resources } = await deploy();
        const manifest = resource(resources, "deployment", /EdgeDeployment/).inputs.manifest as Loose;
        expect(
            manifest.value.modulesContent.$edgeAgent["properties.desired"].modules.ImageClassifier.settings
                .image,
        ).toMatch(/^registry\.azurecr\.io\/classifier@sha256:[0-9a-f]{64}$/);
    });

    const typesOf = (resources: RegisteredResource[]) => resources.map(({ type }) => type);

    test.each<[string, Record<string, string>, RegExp[], RegExp[]]>([
        [
            "a device that is enrolled alone",
            { provisioning: "dps-individual" },
            [/IotDpsResource/, /:Enrollment$/, /:DeviceProvisioning$/],
            [],
        ],
        [
            "a device with a certificate",
            { deviceAuth: "x509", deviceThumbprints: `["${"A".repeat(64)}"]` },
            [],
            [/Dps/],
        ],
        ["a prebuilt image", { image: "r.example/c:v1" }, [], [/docker/, /containerregistry/]],
        [
            "what exists already",
            {
                hubId: "/subscriptions/s/resourceGroups/g/providers/Microsoft.Devices/IotHubs/h",
                registryId:
                    "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/r",
            },
            [/containerregistry:Token/],
            [/IotHubResource/, /containerregistry:Registry$/],
        ],
        ["nothing deployed", { deploy: "false" }, [/EdgeDeployment/], [/command/]],
    ])("registers for %s what it needs and nothing else", async (_, settings, present, absent) => {
        const named = Object.entries(settings).map(([key, value]) => [`edge-classifier:${key}`, value]);
        const { resources } = await deploy({ ...configured, ...Object.fromEntries(named) });
        const types = typesOf(resources);
        for (const type of present) expect(types).toContainEqual(expect.stringMatching(type));
        for (const type of absent) expect(types).not.toContainEqual(expect.stringMatching(type));
    });

    test("keeps the key of a group from the machine, which gets what is derived for its name", async () => {
        const { resources } = await deploy({
            ...configured,
            ...withVm,
            "edge-classifier:provisioning": "dps-group",
        });
        const groupKey = Buffer.from("the first key of the group").toString("base64");
        const machine = resources.filter(({ type }) => /VirtualMachine|keyvault/.test(type));
        expect(machine.length).toBe(3);
        expect(JSON.stringify(machine)).not.toContain(groupKey);
        const secret = resource(resources, "vm-key", /keyvault:Secret/).inputs.properties as Loose;
        // HMAC-SHA256 of "edge-device" with the group's key, as openssl computes it.
        expect((secret.value ?? secret).value.value ?? (secret.value ?? secret).value).toBe(
            "bp9kLmRml3Qxu3hrujF7l7yUj2uFM6R/qPCd4OCz5OI=",
        );
        const device = resource(resources, "device", /EdgeDevice/).inputs.symmetricKey as Loose;
        expect(JSON.stringify(device)).toContain("bp9kLmRml3Qxu3hrujF7l7yUj2uFM6R/qPCd4OCz5OI=");
    });

    test("keeps the account that pushes from the device", async () => {
        const { resources } = await deploy();
        const manifest = JSON.stringify(resource(resources, "deployment", /EdgeDeployment/).inputs);
        expect(manifest).toContain("a-password-of-registry-pull");
        expect(manifest).not.toContain("a-password-of-registry-push");
    });
});
