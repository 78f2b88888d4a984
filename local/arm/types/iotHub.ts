import type { ArmResource } from "../armResource";
import { defineType } from "../defineType";
import { devicesOperations } from "../longRunning";
import { newEtag, succeeded } from "../provisioned";
import { demand, demandSku } from "../refusals";
import type { AzureContext } from "../resourceType";
import {
    invalidCode,
    keepPolicies,
    keysForKeyName,
    listKeys,
    type PolicyRules,
    policiesOf,
    withoutPolicies,
} from "../sharedAccessPolicies";

const knownSkus = ["F1", "B1", "B2", "B3", "S1", "S2", "S3"];

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
};

/** Rules of names and tiers: IoT Hub resource provider documentation; shapes: azure-native 3.28.0, iothub. */
export const iotHub = defineType({
    token: "azure-native:iothub:IotHubResource",
    apiVersion: "2023-06-30",
    armType: "Microsoft.Devices/IotHubs",
    name: {
        property: "resourceName",
        pattern: /^(?![0-9]+$)(?!-)[a-zA-Z0-9-]{2,49}[a-zA-Z0-9]$/,
        rule: "3 to 50 letters, digits or dashes, not beginning or ending with a dash",
        global: true,
    },
    required: ["sku"],
    inputs: ["identity", "properties", "sku"],
    computed: ["etag", "properties", "systemData"],
    longRunning: devicesOperations("IotHub", "hostName"),
    service: {
        provision: async (wanted, previous, azure) => {
            checkSku(wanted, previous, azure);
            keepPolicies(wanted, policyRules, azure);
            const hostName = `localhost:${await azure.dataPlanes.port(wanted.id)}`;
            await run({ ...wanted, properties: { ...wanted.properties, hostName } }, azure);
            const tier = sku(wanted) === "F1" ? "Free" : "Standard";
            return succeeded(
                {
                    ...wanted,
                    sku: { ...wanted.sku, name: sku(wanted), tier },
                    etag: newEtag(),
                    properties: withoutPolicies(wanted.properties),
                },
                {
                    hostName,
                    locations: [{ location: wanted.location, role: "primary" }],
                    state: "Active",
                },
            );
        },
        resume: run,
        action: listKeys("IotHubKeys"),
    },
    functions: {
        "azure-native:iothub:listIotHubResourceKeysForKeyName": keysForKeyName("IotHubKeys"),
        "azure-native:iothub:listIotHubResourceKeys": { action: () => "listkeys" },
        "azure-native:iothub:getIotHubResource": {},
    },
});

/** With local authentication off no policy opens the hub; devices still show their own keys. */
async function run(resource: ArmResource, azure: AzureContext): Promise<void> {
    const { id, name, properties, systemData } = resource;
    await azure.dataPlanes.run("hub", id, {
        id,
        name,
        hostName: String(properties.hostName),
        createdAt: systemData?.createdAt,
        policies: properties.disableLocalAuth === true ? [] : policiesOf(resource, azure),
        tier: { sku: sku(resource), units: resource.sku?.capacity ?? 1 },
    });
}

function sku(resource: ArmResource): string {
    return resource.sku?.name ?? "";
}

function checkSku(wanted: ArmResource, previous: ArmResource | undefined, azure: AzureContext): void {
    demandSku(wanted, knownSkus, invalidCode);
    // Without this a program could pass here and fail in Azure, where basic hubs have no IoT Edge.
    demand(
        !sku(wanted).startsWith("B"),
        invalidCode,
        "The local Azure emulates hubs of the free and standard tiers only; basic hubs have no IoT Edge.",
    );
    demand(
        !previous || (sku(previous) === "F1") === (sku(wanted) === "F1"),
        "400086",
        "A hub cannot be changed from or to the free tier; it must be replaced.",
    );
    const other = azure.resourcesOfType(wanted.type).find((hub) => hub.id !== wanted.id && sku(hub) === "F1");
    demand(
        sku(wanted) !== "F1" || !other,
        "403002",
        `Max number of Iot Hubs exceeded for sku = Free, Max = 1: ${other?.name} exists already.`,
        403,
    );
}
