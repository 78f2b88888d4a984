import { ResourceGroup } from "@pulumi/azure-native/resources";
import * as pulumi from "@pulumi/pulumi";
import { registerAzureDefaults } from "../../../infra/azureDefaults";
import { program } from "../../../infra/program";
import {
    allRegistered,
    calledFunctions,
    mockEngine,
    type RegisteredResource,
} from "../../support/pulumiMocks";

jest.mock("../../../infra/checkedModel", () => ({
    checkedModel: () => ({ title: "Bananas", version: "7", description: "Ripe or not" }),
}));

const everything = {
    provisioning: "dps-individual",
    edgeVm: "true",
    sshPublicKey: "ssh-ed25519 AAAA you@laptop",
    shutdownTime: "19:00",
};
const tags = { "cost-center": "42", team: "fruit" };

/** What a stack of these settings registers in Azure and at Docker. */
async function made(settings: Record<string, string>): Promise<RegisteredResource[]> {
    const named = Object.entries(settings).map(([key, value]) => [`edge-classifier:${key}`, value]);
    const resources = await mockEngine("dev", Object.fromEntries(named));
    // Transformations are the stack's, which the mocks do not make by themselves.
    await pulumi.runtime.runInPulumiStack(() => program({}));
    await allRegistered(resources);
    return resources.filter(({ type }) => /^(azure-native|docker):/.test(type));
}

const typesWithout = (resources: RegisteredResource[], input: string) =>
    [
        ...new Set(resources.filter(({ inputs }) => inputs[input] === undefined).map(({ type }) => type)),
    ].sort();
const image = "docker:index/image:Image";
/** What Azure gives no tags, and a vault's secret, which takes fewer than others. */
const untagged = [
    ...["azure-native:containerregistry:ScopeMap", "azure-native:containerregistry:Token"],
    ...["azure-native:keyvault:Secret", "azure-native:network:Subnet"],
];

test("the tags of a stack reach every resource that has some, and a label of the image", async () => {
    const resources = await made({ ...everything, tags: JSON.stringify(tags) });
    expect(typesWithout(resources, "tags")).toEqual([...untagged, image]);
    for (const { inputs } of resources) if (inputs.tags) expect(inputs.tags).toEqual(tags);
    expect(resources.find(({ type }) => type === image)?.inputs.build).toMatchObject({
        args: { TITLE: "Bananas", TAGS: '{"cost-center":"42","team":"fruit"}' },
    });
});

test("a stack without tags sets none", async () => {
    const resources = await made(everything);
    expect(resources.filter(({ inputs }) => "tags" in inputs)).toEqual([]);
    expect(JSON.stringify(resources.find(({ type }) => type === image)?.inputs)).not.toContain("TAGS");
});

test("an existing group is used and not made, and everything is in its region", async () => {
    const resources = await made({ ...everything, resourceGroup: "ours" });
    expect(calledFunctions.map(({ token }) => token)).toContain("azure-native:resources:getResourceGroup");
    expect(resources.filter(({ type }) => type.endsWith(":ResourceGroup"))).toEqual([]);
    const azure = resources.filter(({ type }) => type !== image);
    expect(new Set(azure.map(({ inputs }) => inputs.resourceGroupName))).toEqual(new Set(["ours"]));
    expect(typesWithout(azure, "location")).toEqual(untagged);
    for (const { inputs } of azure) if (inputs.location) expect(inputs.location).toBe("northeurope");
});

test("how the stack says to sign in reaches our own provider, with what is secret as such", async () => {
    const resources = await mockEngine(
        "dev",
        {
            "azure-native:location": "westeurope",
            "azure-native:clientId": "an-app",
            "azure-native:clientSecret": "s3cret",
            "azure-native:useOidc": "false",
        },
        ["azure-native:clientSecret"],
    );
    await program({});
    await allRegistered(resources);
    const provider = resources.find(({ type }) => type === "pulumi:providers:iotedge");
    expect(provider?.inputs).toMatchObject({ clientId: "an-app", useOidc: "false" });
    expect(provider?.registration.secret).toBe("clientSecret");
});

test.each([
    ["what is secret by its nature, however it is set", "clientSecret", []],
    ["whatever is set with --secret", "tenantId", ["azure-native:tenantId"]],
])("our own provider gets as a secret %s", async (_, name, secretKeys) => {
    const resources = await mockEngine("dev", { [`azure-native:${name}`]: "a-value" }, secretKeys);
    await program({});
    await allRegistered(resources);
    const provider = resources.find(({ type }) => type === "pulumi:providers:iotedge");
    expect(provider?.registration.secret).toBe(name);
});

test("a resource's own tags and region stand before those of the stack", async () => {
    const resources = await mockEngine("dev", {});
    await pulumi.runtime.runInPulumiStack(async () => {
        registerAzureDefaults({ tags, location: "northeurope" });
        new ResourceGroup("own", { tags: { team: "own" }, location: "eastus" });
    });
    await allRegistered(resources);
    expect(resources.find(({ name }) => name === "own")?.inputs).toMatchObject({
        tags: { "cost-center": "42", team: "own" },
        location: "eastus",
    });
});

const place = "/subscriptions/another/resourceGroups/g/providers";
test.each([
    ["hubId", `${place}/Microsoft.Devices/IotHubs/h`],
    ["registryId", `${place}/Microsoft.ContainerRegistry/registries/r`],
    ["subnetId", `${place}/Microsoft.Network/virtualNetworks/n/subnets/s`],
])("%s of another subscription is refused before anything is made", async (setting, id) => {
    const resources = await mockEngine("dev", {
        "edge-classifier:edgeVm": "true",
        "edge-classifier:sshPublicKey": everything.sshPublicKey,
        [`edge-classifier:${setting}`]: id,
    });
    await expect(program({})).rejects.toThrow(
        `Expected config \`${setting}\` to be of the stack's subscription S, found another. Deploy to that one with: ` +
            "pulumi config set azure-native:subscriptionId another, or name another resource.",
    );
    expect(resources).toEqual([]);
});
