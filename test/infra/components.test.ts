import { Provider } from "@pulumi/azure-native/provider";
import * as pulumi from "@pulumi/pulumi";
import { EdgeVm } from "../../edge-vm/edgeVm";
import { ClassifierImage } from "../../infra/classifierImage";
import { ContainerRegistry } from "../../infra/containerRegistry";
import { DeviceProvisioning } from "../../infra/deviceProvisioning";
import { IotHub } from "../../infra/iotHub";
import { allRegistered, calledFunctions, mockEngine } from "../support/pulumiMocks";

const registry = {
    loginServer: pulumi.output("r.azurecr.io"),
    push: { username: pulumi.output("r"), password: pulumi.output("p") },
};

const model = { title: "Bananas", version: "1.0.0", description: "" };

const hub = {
    provisioningConnectionString: pulumi.secret("HostName=h;SharedAccessKeyName=p;SharedAccessKey=k"),
    location: pulumi.output("westeurope"),
};

const identity = { method: "sas" as const, hubHostName: "h", deviceId: "d", key: pulumi.secret("a2V5") };

const components: [string, (opts: pulumi.ComponentResourceOptions) => pulumi.Resource][] = [
    ["IotHub", (opts) => new IotHub("it", { resourceGroupName: "rg", sku: "S1" }, opts)],
    [
        "ContainerRegistry",
        (opts) => new ContainerRegistry("it", { resourceGroupName: "rg", repository: "app" }, opts),
    ],
    ["DeviceProvisioning", (opts) => new DeviceProvisioning("it", { resourceGroupName: "rg", hub }, opts)],
    [
        "EdgeVm",
        (opts) =>
            new EdgeVm("it", { resourceGroupName: "rg", identity, sshPublicKey: "ssh-ed25519 AAAA" }, opts),
    ],
    [
        "ClassifierImage",
        (opts) =>
            new ClassifierImage(
                "it",
                { context: "classifier", model, platform: "linux/amd64", registry },
                opts,
            ),
    ],
];

describe.each(components)("the component %s", (_name, create) => {
    test("honours its options and owns its children", async () => {
        const resources = await mockEngine("dev", { "azure-native:location": "westeurope" });
        const urns: string[] = [];
        // Reaches the children only where the component passes its options on and is their parent.
        const transformation: pulumi.ResourceTransformation = ({ type, name, props, opts }) => {
            urns.push(`${type}::${name}`);
            return { props, opts };
        };
        const parent = new pulumi.ComponentResource("test:index:Parent", "parent");
        const component = create({ parent, transformations: [transformation] });
        const urn = await new Promise<string>((resolve) => component.urn.apply(resolve));
        await allRegistered(resources);
        const own = resources.filter(({ type }) => !type.startsWith("test:"));
        const registered = own.map(({ type, name }) => `${type}::${name}`).sort();
        expect(urns.sort()).toEqual(registered);
        expect(registered.length).toBeGreaterThan(1);
        expect(urn).toMatch(/::test:index:Parent\$edge-classifier:index:\w+::it$/);
    });
});

describe("what exists already is looked up by the provider of the component that uses it:", () => {
    const group = "/subscriptions/s/resourceGroups/g/providers";
    test.each<[string, (opts: pulumi.ComponentResourceOptions) => pulumi.Output<unknown>, string[]]>([
        [
            "a hub and its key",
            (opts) => {
                const existingId = `${group}/Microsoft.Devices/IotHubs/h`;
                const args = { resourceGroupName: "rg", sku: "S1", existingId, provisioning: true } as const;
                return new IotHub("it", args, opts).provisioningConnectionString ?? pulumi.output("none");
            },
            ["iothub:getIotHubResource", "iothub:listIotHubResourceKeysForKeyName"],
        ],
        [
            "a registry",
            (opts) => {
                const existingId = `${group}/Microsoft.ContainerRegistry/registries/r`;
                const args = { resourceGroupName: "rg", repository: "app", existingId };
                return new ContainerRegistry("it", args, opts).loginServer;
            },
            ["containerregistry:getRegistry"],
        ],
    ])("%s", async (_, create, functions) => {
        const resources = await mockEngine("dev", { "azure-native:location": "westeurope" });
        const provider = new Provider("other-subscription", { subscriptionId: "other" });
        await new Promise((resolve) => create({ providers: [provider] }).apply(resolve));
        await allRegistered(resources);
        expect(calledFunctions.map(({ token }) => token).sort()).toEqual(
            functions.map((name) => `azure-native:${name}`),
        );
        for (const called of calledFunctions) expect(called.provider).toContain("::other-subscription::");
    });
});
