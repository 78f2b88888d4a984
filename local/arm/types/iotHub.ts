import { randomBytes } from "node:crypto";
import { ArmError } from "../armError";
import type { ArmResource } from "../armResource";
import type { AzureContext, ResourceType } from "../resourceType";
import { keepPolicyKeys, listKeys, type PolicyRules, policiesOf } from "./sharedAccessPolicies";

const paidSkus = ["S1", "S2", "S3"];
const knownSkus = ["F1", "B1", "B2", "B3", ...paidSkus];

/** Rights, and the policies when none are named: IoT Hub documentation, access control with shared access signatures. */
const policyRules: PolicyRules = {
    rights: ["RegistryRead", "RegistryWrite", "ServiceConnect", "DeviceConnect"],
    byDefault: [
        { keyName: "iothubowner", rights: "RegistryWrite, ServiceConnect, DeviceConnect" },
        { keyName: "service", rights: "ServiceConnect" },
        { keyName: "device", rights: "DeviceConnect" },
        { keyName: "registryRead", rights: "RegistryRead" },
        { keyName: "registryReadWrite", rights: "RegistryWrite" },
    ],
    badPolicyCode: "400004",
};

/** Rules of names and tiers: IoT Hub resource provider documentation; shapes: azure-native 3.28.0, iothub. */
export const iotHub: ResourceType = {
    token: "azure-native:iothub:IotHubResource",
    apiVersion: "2023-06-30",
    armType: "Microsoft.Devices/IotHubs",
    name: {
        property: "resourceName",
        pattern: /^(?![0-9]+$)(?!-)[a-zA-Z0-9-]{2,49}[a-zA-Z0-9]$/,
        rule: "3 to 50 letters, digits or dashes, not beginning or ending with a dash",
        global: true,
    },
    required: ["resourceGroupName", "sku"],
    inputs: ["identity", "location", "properties", "resourceGroupName", "resourceName", "sku", "tags"],
    replaceOnChange: ["location"],
    computed: ["etag", "name", "type", "properties", "systemData"],
    toBody: ({ location, tags, sku, properties }) => ({
        location: location as string,
        tags: tags as Record<string, string>,
        sku: sku as ArmResource["sku"],
        properties: (properties ?? {}) as Record<string, unknown>,
    }),
    toOutputs: ({ name, type, location, tags, sku, etag, properties }) => ({
        name,
        type,
        location,
        tags,
        sku,
        etag,
        properties,
    }),
    service: {
        provision: async (wanted, previous, azure) => {
            checkSku(wanted, previous, azure);
            const policies = keepPolicyKeys(wanted, policyRules, azure);
            azure.secrets.put(wanted.id, { policies });
            const hostName = `localhost:${await azure.dataPlanes.port(wanted.id)}`;
            await run({ ...wanted, properties: { ...wanted.properties, hostName } }, azure);
            return {
                ...wanted,
                sku: { ...wanted.sku, name: sku(wanted), tier: sku(wanted) === "F1" ? "Free" : "Standard" },
                etag: randomBytes(8).toString("base64"),
                properties: {
                    ...wanted.properties,
                    authorizationPolicies: policies.map(({ keyName, rights }) => ({ keyName, rights })),
                    hostName,
                    locations: [{ location: wanted.location, role: "primary" }],
                    provisioningState: "Succeeded",
                    state: "Active",
                },
            };
        },
        deprovision: async (resource, azure) => {
            await azure.dataPlanes.remove(resource.id);
            azure.secrets.remove(resource.id);
        },
        resume: run,
        action: (resource, action, azure) =>
            listKeys(resource, action, /^IotHubKeys\/([^/]+)\/listkeys$/i, azure),
    },
    functions: {
        "azure-native:iothub:listIotHubResourceKeysForKeyName": {
            required: ["keyName", "resourceGroupName", "resourceName"],
            action: ({ keyName }) => `IotHubKeys/${encodeURIComponent(String(keyName))}/listkeys`,
        },
        "azure-native:iothub:listIotHubResourceKeys": {
            required: ["resourceGroupName", "resourceName"],
            action: () => "listkeys",
        },
        "azure-native:iothub:getIotHubResource": { required: ["resourceGroupName", "resourceName"] },
    },
};

/** With local authentication off no policy opens the hub; devices still show their own keys. */
async function run(resource: ArmResource, azure: AzureContext): Promise<void> {
    const { id, name, properties } = resource;
    await azure.dataPlanes.run("hub", id, {
        id,
        name,
        hostName: String(properties.hostName),
        policies: properties.disableLocalAuth === true ? [] : policiesOf(resource, azure),
        tier: { sku: sku(resource), units: resource.sku?.capacity ?? 1 },
    });
}

function sku(resource: ArmResource): string {
    return resource.sku?.name ?? "";
}

function checkSku(wanted: ArmResource, previous: ArmResource | undefined, azure: AzureContext): void {
    if (!knownSkus.includes(sku(wanted))) {
        throw new ArmError(
            400,
            "400004",
            `Expected the SKU to be one of ${knownSkus.join(", ")}, found "${sku(wanted)}".`,
        );
    }
    // Without this a program could pass here and fail in Azure, where basic hubs have no IoT Edge.
    if (sku(wanted).startsWith("B")) {
        throw new ArmError(
            400,
            "400004",
            "The local Azure emulates hubs of the free and standard tiers only; basic hubs have no IoT Edge.",
        );
    }
    if (previous && (sku(previous) === "F1") !== (sku(wanted) === "F1")) {
        throw new ArmError(
            400,
            "400086",
            "A hub cannot be changed from or to the free tier; it must be replaced.",
        );
    }
    const others = azure
        .resourcesOfType(wanted.type)
        .filter((hub) => hub.id !== wanted.id && sku(hub) === "F1");
    if (sku(wanted) === "F1" && others.length > 0) {
        throw new ArmError(
            403,
            "403002",
            `Max number of Iot Hubs exceeded for sku = Free, Max = 1: ${others[0]?.name} exists already.`,
        );
    }
}
