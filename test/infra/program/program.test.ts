import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Outputs } from "../../../infra/program";
import type { RegisteredResource } from "../../support/pulumiMocks";
import { type DeployedProgram, deployProgram } from "./deployedProgram";

// The model is the same for every variant, and opening it takes a second.
jest.mock("../../../infra/checkedModel", () => {
    const { checkedModel } = jest.requireActual("../../../infra/checkedModel");
    let model: unknown;
    return {
        checkedModel: (folder: string) => {
            model ??= checkedModel(folder);
            return model;
        },
    };
});

const withVm = {
    edgeVm: "true",
    sshPublicKey:
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl you@laptop",
    shutdownTime: "19:00",
};

const group = "/subscriptions/s/resourceGroups/g/providers";
const hubId = `${group}/Microsoft.Devices/IotHubs/h`;
const registryId = `${group}/Microsoft.ContainerRegistry/registries/r`;

/** The ways in which stacks differ in what they are made of. The golden list of each has its name. */
const variants: Record<string, Record<string, string>> = {
    "a brought device": {},
    "a brought device with a certificate": {
        deviceAuth: "x509",
        deviceThumbprints: `["${"A".repeat(64)}"]`,
    },
    "a device that is enrolled alone": { provisioning: "dps-individual" },
    "a device that is enrolled in a group": { provisioning: "dps-group" },
    "a machine": withVm,
    "a machine in an existing subnet": {
        ...withVm,
        shutdownTime: "",
        subnetId: `${group}/Microsoft.Network/virtualNetworks/n/subnets/s`,
    },
    "an existing hub": { hubId },
    "an existing hub by Entra": { hubId, hubAuth: "entra" },
    "an existing hub with enrollment": { hubId, provisioning: "dps-individual" },
    "an existing registry": { registryId },
    "a new hub by Entra": { hubAuth: "entra" },
    "a prebuilt image": { image: "r.example/c:v1" },
    "a prebuilt image in an existing registry": { image: "r.azurecr.io/c:v1", registryId },
    "nothing checked": { check: "none" },
    "nothing deployed": { deploy: "false" },
};

function goldenFile(variant: string): string {
    return join(__dirname, `${variant.replaceAll(" ", "-")}.golden.txt`);
}

/** Inputs of any depth, as the engine sees them. */
// biome-ignore lint/suspicious/noExplicitAny: a test reaches into them by the names it expects
type Loose = any;

/** One for each way to configure a stack: what it is made of does not change from one time to the next. */
const deployed = new Map<string, Promise<DeployedProgram>>();

function deploy(settings: Record<string, string> = {}): Promise<DeployedProgram> {
    const key = JSON.stringify(settings);
    const known = deployed.get(key) ?? deployProgram(settings);
    deployed.set(key, known);
    return known;
}

/** A resource with the paths of its secret inputs and its options, each in a line of its own. */
function listed({ type, name, registration }: RegisteredResource): string {
    const lines = Object.entries(registration).map(([option, value]) => `    ${option}: ${value}`);
    return [`${type}::${name}`, ...lines].join("\n");
}

function resource(resources: RegisteredResource[], name: string, type: RegExp): RegisteredResource {
    const found = resources.find((one) => one.name === name && type.test(one.type));
    if (!found)
        throw new Error(`No resource ${name} of type ${type} among ${resources.map((one) => one.name)}`);
    return found;
}

describe("the program", () => {
    test.each(Object.entries(variants))(
        "registers for %s what the golden list has and nothing else",
        async (title, settings) => {
            const { resources } = await deploy(settings);
            const found = `${resources.map(listed).sort().join("\n")}\n`;
            expect(found).toBe(readFileSync(goldenFile(title), "utf8"));
        },
    );

    test("has a golden list for each of these variants and for no other", () => {
        const files = Object.keys(variants).map(goldenFile);
        expect(readdirSync(__dirname).filter((file) => file.endsWith(".golden.txt"))).toHaveLength(
            files.length,
        );
        expect(files.filter((file) => !existsSync(file))).toEqual([]);
    });

    test("tells each of its outputs to whoever deploys", async () => {
        const { outputs } = await deploy();
        expect(Object.keys(outputs).sort()).toEqual(
            "classifierUrl deviceConnectionString deviceId fqdn hubHostName image publicIp ssh".split(" "),
        );
        // Pulumi calls what the entry file exports, and takes its answer as the outputs.
        const entry = require("../../../infra/index") as () => Promise<Outputs>;
        expect(Object.keys(await entry()).sort()).toEqual(Object.keys(outputs).sort());
    });

    test("does not check a stack that has no device yet", async () => {
        const { resources } = await deploy({ check: "none" });
        expect(resources.filter(({ type }) => type.endsWith(":DeploymentCheck"))).toEqual([]);
    });

    test.each(["manual", "dps-group"])(
        "sends no policy, whose keys each change would renew: %s",
        async (provisioning) => {
            const { resources } = await deploy({ provisioning });
            expect(JSON.stringify(resources)).not.toContain("authorizationPolicies");
        },
    );

    test("hands no key of the hub to anything, and keeps every other one secret from its birth", async () => {
        const { resources } = await deploy();
        expect(JSON.stringify(resources)).not.toContain("a-key-of-iothubowner");
    });

    test.each([
        ["a new hub", {}, {}],
        ["a new hub by Entra", { hubAuth: "entra" }, { hubAuth: "entra" }],
        ["an existing hub", { hubId }, { hubPolicyName: "iothubowner" }],
        ["an existing hub by a policy", { hubId, hubPolicy: "ours" }, { hubPolicyName: "ours" }],
        ["an existing hub by Entra", { hubId, hubAuth: "entra" }, { hubAuth: "entra" }],
    ])(
        "says to its provider how %s is opened, and to every resource which provider that is",
        async (_, settings, inputs) => {
            const { resources } = await deploy(settings);
            const provider = resource(resources, "iotedge", /^pulumi:providers:iotedge$/);
            expect(provider.inputs).toEqual(inputs);
            const ours = resources.filter(({ type }) => type.startsWith("iotedge:"));
            expect(ours.length).toBe(5);
            for (const one of ours)
                expect(one.provider).toMatch(/pulumi:providers:iotedge::iotedge::iotedge-id$/);
        },
    );

    test("asks the machine itself in the check, which is repeated for another port", async () => {
        const { resources } = await deploy({ ...withVm, check: "http", hostPort: "8081" });
        expect(resource(resources, "check", /DeploymentCheck/).inputs).toMatchObject({
            moduleName: "ImageClassifier",
            url: "http://203.0.113.7:8081",
            triggers: { hostPort: 8081 },
            whenOffline: "fail",
        });
    });

    test.each<[string, Record<string, string>, number]>([
        ["an hour for a machine, which installs everything first", withVm, 3600],
        ["ten minutes for a device that is brought", {}, 600],
        ["for a machine as long as is set", { ...withVm, checkTimeoutSeconds: "900" }, 900],
        ["for a brought device as long as is set", { checkTimeoutSeconds: "77" }, 77],
    ])("waits in the check %s", async (_, settings, timeoutSeconds) => {
        const { resources } = await deploy(settings);
        expect(resource(resources, "check", /DeploymentCheck/).inputs).toMatchObject({ timeoutSeconds });
    });

    test("deploys the image by its digest", async () => {
        const { resources } = await deploy();
        const manifest = resource(resources, "deployment", /:Deployment$/).inputs.manifest as Loose;
        expect(
            manifest.value.modulesContent.$edgeAgent["properties.desired"].modules.ImageClassifier.settings
                .image,
        ).toMatch(/^registry\.azurecr\.io\/classifier@sha256:[0-9a-f]{64}$/);
    });

    test("keeps the key of a group from the machine, which gets what is derived for its name", async () => {
        const { resources } = await deploy({
            ...withVm,
            provisioning: "dps-group",
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
        const device = resource(resources, "device", /:Device$/).inputs.symmetricKey as Loose;
        expect(JSON.stringify(device)).toContain("bp9kLmRml3Qxu3hrujF7l7yUj2uFM6R/qPCd4OCz5OI=");
    });

    test("keeps the account that pushes from the device", async () => {
        const { resources } = await deploy();
        const manifest = JSON.stringify(resource(resources, "deployment", /:Deployment$/).inputs);
        expect(manifest).toContain("a-password-of-registry-pull");
        expect(manifest).not.toContain("a-password-of-registry-push");
    });
});
