import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { resourceTypes } from "../../../local/arm/resourceTypes";
import { azureNative } from "../../../local/providers/azureNative";
import type { Management } from "../../../local/providers/management";
import { startTestAzure, type TestAzure } from "../../support/localAzure";
import { startPlugin, type TestPlugin, urnOf } from "../../support/plugin";

const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const groupUrn = urnOf("azure-native:resources:ResourceGroup", "rg");
const hubUrn = urnOf("edge-classifier:index:IotHub$azure-native:iothub:IotHubResource", "hub");
const registryUrn = urnOf("azure-native:containerregistry:Registry", "registry");
const keysFunction = "azure-native:iothub:listIotHubResourceKeysForKeyName";

let azure: TestAzure;
let plugin: TestPlugin;

beforeAll(async () => {
    azure = await startTestAzure();
    plugin = await startPlugin("azure-native", "3.28.0", azure.stack.azure);
    await plugin.configure({ "azure-native:config:location": "West Europe" });
});
afterAll(async () => {
    await plugin?.stop();
    await azure?.remove();
});

async function createGroup(resourceGroupName: string): Promise<string> {
    const { inputs } = await plugin.check(groupUrn, { resourceGroupName });
    return (await plugin.create(groupUrn, inputs)).id;
}

async function createHub(resourceGroupName: string, resourceName: string, sku = "S1") {
    const properties = { authorizationPolicies: [{ keyName: "ours", rights: "ServiceConnect" }] };
    const { inputs } = await plugin.check(hubUrn, {
        resourceGroupName,
        resourceName,
        sku: { name: sku, capacity: 1 },
        properties,
    });
    return { inputs, ...(await plugin.create(hubUrn, inputs)) };
}

describe("Check of the azure-native stand-in", () => {
    test("makes names of the logical name and eight hexadecimal digits of the seed, and keeps them", async () => {
        const { inputs } = await plugin.check(groupUrn, {});
        expect(inputs).toMatchObject({ resourceGroupName: "rg01020304", __createBeforeDelete: true });
        const again = await plugin.check(groupUrn, {}, { ...inputs, resourceGroupName: "rgffffffff" });
        expect(again.inputs.resourceGroupName).toBe("rgffffffff");
    });

    test("takes the name that the engine proposes", async () => {
        const inputs = await plugin.checkWithProposal(groupUrn, {}, "edge-classifier-test-rg");
        expect(inputs.resourceGroupName).toBe("edge-classifier-test-rg");
        expect(inputs).not.toHaveProperty("__createBeforeDelete");
    });

    test("fills in location, API version and the schema's defaults", async () => {
        const { inputs } = await plugin.check(registryUrn, {
            resourceGroupName: "rg",
            sku: { name: "Basic" },
        });
        expect(inputs).toMatchObject({
            location: "West Europe",
            azureApiVersion: "2023-01-01-preview",
            adminUserEnabled: false,
            publicNetworkAccess: "Enabled",
        });
    });

    test.each([
        ["a missing input", hubUrn, { resourceGroupName: "rg" }, "missing required property 'sku'"],
        ["an input of no such name", groupUrn, { colour: "red" }, "has no property 'colour'"],
        [
            "a name outside Azure's rules",
            registryUrn,
            { resourceGroupName: "rg", sku: { name: "Basic" }, registryName: "my-registry" },
            "expected 5 to 50 letters or digits",
        ],
    ])("refuses %s", async (_, urn, news, sentence) => {
        const { failures } = await plugin.check(urn, news);
        expect(failures).toEqual([expect.stringContaining(sentence)]);
    });

    test("refuses a type that the local Azure does not know", async () => {
        await expect(plugin.check(urnOf("azure-native:storage:StorageAccount", "s"), {})).rejects.toThrow(
            "Expected a resource type that the local Azure knows",
        );
    });
});

describe("Diff of the azure-native stand-in", () => {
    const inputs = {
        resourceGroupName: "rg",
        resourceName: "hub1",
        location: "West Europe",
        sku: { name: "S1", capacity: 1 },
        __createBeforeDelete: true,
    };

    test("sees no change in another spelling of the location", async () => {
        expect((await plugin.diff(hubUrn, inputs, { ...inputs, location: "westeurope" })).changes).toEqual(
            [],
        );
    });

    test("updates in place what Azure can change, by its path", async () => {
        const diff = await plugin.diff(hubUrn, inputs, { ...inputs, sku: { name: "S2", capacity: 1 } });
        expect(diff).toMatchObject({ changes: ["sku.name"], replaces: [], deleteBeforeReplace: false });
    });

    test.each([["resourceGroupName"], ["resourceName"], ["location"]])(
        "replaces for another %s",
        async (property) => {
            const diff = await plugin.diff(hubUrn, inputs, { ...inputs, [property]: "other" });
            expect(diff.replaces).toEqual([property]);
        },
    );

    test("deletes first what has a chosen name", async () => {
        const { __createBeforeDelete, ...named } = inputs;
        const diff = await plugin.diff(hubUrn, named, { ...named, resourceName: "hub2" });
        expect(diff.deleteBeforeReplace).toBe(true);
    });

    test("counts a value that is not known yet as a change", async () => {
        expect((await plugin.diff(hubUrn, inputs, { ...inputs, tags: unknown })).changes).toEqual(["tags"]);
    });
});

describe("resources on the local Azure", () => {
    test("do not exist after a preview, which leaves open what only Azure knows", async () => {
        const { inputs } = await plugin.check(hubUrn, {
            resourceGroupName: "nowhere",
            sku: { name: "S1", capacity: 1 },
        });
        const { id, properties } = await plugin.create(hubUrn, inputs, true);
        expect(id).toBe("");
        expect(properties).toMatchObject({
            sku: { name: "S1", capacity: 1 },
            properties: unknown,
            etag: unknown,
        });
        expect((await plugin.read(hubUrn, groupId("nowhere"), {}, {})).id).toBe("");
    });

    test("need a group that exists", async () => {
        await expect(createHub("no-such-group", "hub-nowhere")).rejects.toThrow(
            'Code="ResourceGroupNotFound" Message="Resource group \'no-such-group\' could not be found."',
        );
    });

    test("are not created twice", async () => {
        await createGroup("group-once");
        await expect(createGroup("group-once")).rejects.toThrow(
            `cannot create already existing resource "${groupId("group-once")}"`,
        );
    });

    test("give their keys in clear, as Azure does, and only for a policy that they have", async () => {
        await createGroup("group-keys");
        await createHub("group-keys", "hub-keys");
        const args = { resourceGroupName: "group-keys", resourceName: "hub-keys" };
        const keys = await plugin.invoke(keysFunction, { ...args, keyName: "ours" });
        expect(keys).toMatchObject({ keyName: "ours", rights: "ServiceConnect" });
        expect(Buffer.from(String(keys.primaryKey), "base64")).toHaveLength(32);
        await expect(plugin.invoke(keysFunction, { ...args, keyName: "iothubowner" })).rejects.toThrow(
            "KeyNotFound",
        );
    });

    test("keep their keys when an update names no policies, and have others when it names them without keys", async () => {
        await createGroup("group-update");
        const { id, inputs, properties } = await createHub("group-update", "hub-update");
        const args = { resourceGroupName: "group-update", resourceName: "hub-update", keyName: "ours" };
        const before = await plugin.invoke(keysFunction, args);
        await plugin.update(hubUrn, id, properties, { ...inputs, properties: { minTlsVersion: "1.2" } });
        expect(await plugin.invoke(keysFunction, args)).toEqual(before);
        await plugin.update(hubUrn, id, properties, { ...inputs, tags: { team: "fruit" } });
        expect((await plugin.invoke(keysFunction, args)).primaryKey).not.toBe(before.primaryKey);
    });

    test("have other keys when they are made again under the same name", async () => {
        await createGroup("group-again");
        const { id } = await createHub("group-again", "hub-again");
        const args = { resourceGroupName: "group-again", resourceName: "hub-again", keyName: "ours" };
        const before = await plugin.invoke(keysFunction, args);
        await plugin.delete(hubUrn, id, {});
        await createHub("group-again", "hub-again");
        const { primaryKey } = await plugin.invoke(keysFunction, args);
        expect(primaryKey).not.toBe(before.primaryKey);
    });

    test("show an edit made elsewhere as changed inputs, and server defaults not", async () => {
        await createGroup("group-drift");
        const { id, inputs, properties } = await createHub("group-drift", "hub-drift");
        const untouched = await plugin.read(hubUrn, id, inputs, properties);
        expect(untouched.inputs).toEqual(inputs);
        await plugin.update(hubUrn, id, properties, { ...inputs, sku: { name: "S1", capacity: 2 } });
        const drifted = await plugin.read(hubUrn, id, inputs, properties);
        expect(drifted.inputs).toEqual({ ...inputs, sku: { name: "S1", capacity: 2 } });
    });

    test("go with their group", async () => {
        const id = await createGroup("group-full");
        const hub = await createHub("group-full", "hub-full");
        await plugin.delete(groupUrn, id, {});
        expect((await plugin.read(hubUrn, hub.id, hub.inputs, hub.properties)).id).toBe("");
    });

    test("refuse a basic hub, a second free hub and a name that is taken", async () => {
        await createGroup("group-rules");
        await expect(createHub("group-rules", "hub-basic", "B1")).rejects.toThrow(
            "basic hubs have no IoT Edge",
        );
        await createHub("group-rules", "hub-free", "F1");
        await expect(createHub("group-rules", "hub-free-2", "F1")).rejects.toThrow(
            "Max number of Iot Hubs exceeded",
        );
        await createGroup("group-other");
        await expect(createHub("group-other", "hub-free", "S1")).rejects.toThrow("NameNotAvailable");
    });

    test("give registry credentials only while the admin account is enabled", async () => {
        await createGroup("group-registry");
        const args = { resourceGroupName: "group-registry", registryName: "registry1" };
        const { inputs } = await plugin.check(registryUrn, { ...args, sku: { name: "Basic" } });
        const { id, properties } = await plugin.create(registryUrn, inputs);
        const credentials = "azure-native:containerregistry:listRegistryCredentials";
        await expect(plugin.invoke(credentials, args)).rejects.toThrow("admin user is disabled");
        await plugin.update(registryUrn, id, properties, { ...inputs, adminUserEnabled: true });
        expect(await plugin.invoke(credentials, args)).toMatchObject({
            username: "registry1",
            passwords: [{ name: "password" }, { name: "password2" }],
        });
    });
});

describe("the guards of the stand-in", () => {
    test("refuse another subscription in the configuration", async () => {
        const foreign = { "azure-native:config:subscriptionId": "11111111-2222-3333-4444-555555555555" };
        await expect(plugin.configure(foreign)).rejects.toThrow(/FAILED_PRECONDITION.*11111111-2222/);
        const management = {} as Management;
        const configured = azureNative(management, {
            ARM_SUBSCRIPTION_ID: "11111111-2222-3333-4444-555555555555",
        });
        expect(() => configured.configure?.({})).toThrow(/11111111-2222.*ARM_SUBSCRIPTION_ID/);
        const own = { ARM_SUBSCRIPTION_ID: "00000000-0000-0000-0000-000000000000" };
        expect(() => azureNative(management, own).configure?.({})).not.toThrow();
    });

    test("tells whose it is", async () => {
        expect(await plugin.invoke("azure-native:authorization:getClientConfig", {})).toEqual({
            clientId: "00000000-0000-0000-0000-000000000002",
            objectId: "00000000-0000-0000-0000-000000000002",
            subscriptionId: "00000000-0000-0000-0000-000000000000",
            tenantId: "00000000-0000-0000-0000-000000000001",
        });
    });

    test("refuse to read, change or delete what belongs to another subscription", async () => {
        const foreign = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/production";
        await expect(plugin.read(groupUrn, foreign, {}, {})).rejects.toThrow("FAILED_PRECONDITION");
        await expect(plugin.update(groupUrn, foreign, {}, {})).rejects.toThrow("FAILED_PRECONDITION");
        await expect(plugin.delete(groupUrn, foreign, {})).rejects.toThrow("FAILED_PRECONDITION");
    });

    test("refuse a function that the local Azure does not know", async () => {
        await expect(plugin.invoke("azure-native:iothub:getIotHubKeysForKeyName", {})).rejects.toThrow(
            "Expected a function that the local Azure knows",
        );
    });
});

describe("the resource table and the installed azure-native", () => {
    const declarations = (token: string) => {
        const [, module = "", name = ""] = token.split(":");
        const file = join(module, `${name.charAt(0).toLowerCase()}${name.slice(1)}.d.ts`);
        return readFileSync(
            join(dirname(require.resolve("@pulumi/azure-native/package.json")), file),
            "utf8",
        );
    };

    test.each(resourceTypes.map((type) => [type.token, type] as const))(
        "agree on the inputs of %s",
        (token, type) => {
            const [, args = ""] = declarations(token).split(/export interface \w+Args \{/);
            const declared = [...args.matchAll(/^ {4}(\w+)\??:/gm)].map(([, name]) => name).sort();
            expect([...type.inputs].sort()).toEqual(declared);
            const required = [...args.matchAll(/^ {4}(\w+):/gm)].map(([, name]) => name).sort();
            expect([...type.required].sort()).toEqual(required);
        },
    );

    test.each(resourceTypes.flatMap((type) => Object.keys(type.functions)))(
        "agree that there is %s",
        (token) => {
            expect(declarations(token)).toContain("export declare function");
        },
    );
});

function groupId(name: string): string {
    return `/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/${name}`;
}
