import { randomBytes } from "node:crypto";
import type { LinkedHub } from "../../planes/dps/settings";
import type { SharedAccessPolicy } from "../../planes/sharedAccessPolicy";
import type { ArmResource } from "../armResource";
import { defineType } from "../defineType";
import { devicesOperations } from "../longRunning";
import { madeOnce, newEtag, succeeded } from "../provisioned";
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

/** What is answered instead of a hub's key, as ARM does it (azure-cli #31673). */
const mask = "****";

/** Rights of the REST description's AccessRightsDescription; the policy when none are named is documented. */
const policyRules: PolicyRules = {
    rights: [
        "ServiceConfig",
        "EnrollmentRead",
        "EnrollmentWrite",
        "DeviceConnect",
        "RegistrationStatusRead",
        "RegistrationStatusWrite",
    ],
    byDefault: [
        {
            keyName: "provisioningserviceowner",
            rights: "ServiceConfig, EnrollmentWrite, DeviceConnect, RegistrationStatusWrite",
        },
    ],
};

/** Rights that the policy of a linked hub must give (learn: "How to link and manage IoT hubs"). */
const linkRights = ["RegistryWrite", "ServiceConnect"];

/** Rules of names: Azure resource naming rules, Microsoft.Devices; shapes: azure-native 3.28.0. */
export const deviceProvisioningService = defineType({
    token: "azure-native:deviceprovisioningservices:IotDpsResource",
    apiVersion: "2023-03-01-preview",
    armType: "Microsoft.Devices/provisioningServices",
    name: {
        property: "provisioningServiceName",
        pattern: /^(?!-)[a-zA-Z0-9-]{2,63}[a-zA-Z0-9]$/,
        rule: "3 to 64 letters, digits or dashes, not beginning or ending with a dash",
        global: true,
    },
    required: ["properties", "sku"],
    inputs: ["identity", "properties", "resourcegroup", "sku", "subscriptionid"],
    computed: ["etag", "properties", "systemData"],
    longRunning: devicesOperations(
        "provisioning service",
        "idScope",
        "serviceOperationsHostName",
        "deviceProvisioningHostName",
    ),
    service: {
        provision: async (wanted, previous, azure) => {
            const name = demandSku(wanted, ["S1"], invalidCode);
            const iotHubs = linkedHubs(wanted, azure);
            keepPolicies(wanted, policyRules, azure);
            azure.secrets.put(wanted.id, {
                ...azure.secrets.get(wanted.id),
                hubKeys: Object.fromEntries(
                    iotHubs.map(({ connectionString, key }) => [connectionString, key]),
                ),
            });
            const host = `localhost:${await azure.dataPlanes.port(wanted.id)}`;
            const provisioned = succeeded(
                {
                    ...wanted,
                    sku: { name, tier: "Standard" },
                    etag: newEtag(),
                    properties: withoutPolicies(wanted.properties),
                },
                {
                    iotHubs: iotHubs.map(({ key, ...shown }) => shown),
                    ...madeOnce(previous, { idScope: newIdScope }),
                    serviceOperationsHostName: host,
                    deviceProvisioningHostName: host,
                    state: "Active",
                },
            );
            await run(provisioned, azure);
            return provisioned;
        },
        resume: run,
        action: listKeys("keys"),
    },
    functions: {
        "azure-native:deviceprovisioningservices:listIotDpsResourceKeysForKeyName": keysForKeyName("keys"),
        "azure-native:deviceprovisioningservices:getIotDpsResource": {},
    },
});

async function run(resource: ArmResource, azure: AzureContext): Promise<void> {
    const { id, name, properties } = resource;
    await azure.dataPlanes.run("dps", id, {
        name,
        hostName: String(properties.serviceOperationsHostName),
        idScope: String(properties.idScope),
        policies: policiesOf(resource, azure),
        hubs: hubsWithKeys(resource, azure),
    });
}

/**
 * The hubs with the keys that the service enters them with: those of the day that they were linked, which a hub with other
 * keys refuses until it is linked anew.
 */
function hubsWithKeys({ id, properties }: ArmResource, azure: AzureContext): LinkedHub[] {
    const keys = azure.secrets.get(id)?.hubKeys as Record<string, string> | undefined;
    return (properties.iotHubs as ShownHub[]).flatMap(({ name, connectionString }) => {
        const policy = hubPolicy(connectionString, azure);
        // A store of before has no such keys.
        const key = keys ? keys[connectionString] : policy?.primaryKey;
        // A hub that was deleted since takes no device.
        return policy && key ? [{ hostName: name, keyName: policy.keyName, key }] : [];
    });
}

/** A linked hub as ARM shows it: with its name, and a connection string without the key. */
interface ShownHub {
    readonly name: string;
    readonly connectionString: string;
}

/** The hubs that are linked, as ARM shows them, and the keys that they are entered with. */
function linkedHubs(wanted: ArmResource, azure: AzureContext): (ShownHub & { key: string })[] {
    const named = (wanted.properties.iotHubs ?? []) as { connectionString?: string; location?: string }[];
    const known = (azure.secrets.get(wanted.id)?.hubKeys ?? {}) as Record<string, string>;
    return named.map((hub) => {
        const parts = partsOf(hub.connectionString);
        const host = String(parts.get("HostName") ?? "no host");
        const policyName = parts.get("SharedAccessKeyName") ?? "no policy";
        const policy = hubPolicy(hub.connectionString, azure);
        const connectionString = `HostName=${host};SharedAccessKeyName=${policyName};SharedAccessKey=${mask}`;
        const given = parts.get("SharedAccessKey");
        // A repeated PUT may bring the mask back that a GET has shown: the key is the one of before.
        const key = given === mask ? known[connectionString] : given;
        const isKey = given === mask || key === policy?.primaryKey || key === policy?.secondaryKey;
        const rights = policy?.rights.split(", ") ?? [];
        demand(
            policy && key && isKey && linkRights.every((right) => rights.includes(right)),
            invalidCode,
            `Expected the connection string of a linked hub to be that of a policy with ${linkRights.join(", ")}, ` +
                `found one of "${policyName}" on ${host} that does not get in.`,
        );
        return { ...hub, name: host, connectionString, key };
    });
}

/** The policy that a connection string names, of a hub that there is. */
function hubPolicy(
    connectionString: string | undefined,
    azure: AzureContext,
): SharedAccessPolicy | undefined {
    const parts = partsOf(connectionString);
    const resource = azure
        .resourcesOfType("Microsoft.Devices/IotHubs")
        .find(({ properties }) => properties.hostName === parts.get("HostName"));
    const policies = resource ? policiesOf(resource, azure) : [];
    return policies.find(({ keyName }) => keyName === parts.get("SharedAccessKeyName"));
}

function newIdScope(): string {
    return `0ne${randomBytes(4).toString("hex").toUpperCase()}`;
}

function partsOf(connectionString = ""): Map<string, string> {
    return new Map(connectionString.split(";").map(splitOnce));
}

function splitOnce(part: string): [string, string] {
    const equals = part.indexOf("=");
    return [part.slice(0, equals), part.slice(equals + 1)];
}
