import { randomUUID } from "node:crypto";
import type { ArmResource } from "../armResource";
import type { Properties, ResourceType } from "../resourceType";
import { interfaceInUse } from "./networkInterface";
import { checkMachine, type MachineProperties, refuseChanges, withoutSecrets } from "./virtualMachineRules";

/** Rules of names: Azure resource naming rules, Microsoft.Compute, Linux; shapes: azure-native 3.28.0, compute. */
export const virtualMachine: ResourceType = {
    token: "azure-native:compute:VirtualMachine",
    apiVersion: "2024-11-01",
    armType: "Microsoft.Compute/virtualMachines",
    name: {
        property: "vmName",
        pattern: /^[a-zA-Z0-9]([a-zA-Z0-9_.-]{0,62}[a-zA-Z0-9_])?$/,
        rule: "1 to 64 letters, digits, underscores, dots or dashes, beginning with a letter or digit, not ending in a dot or dash",
        global: false,
    },
    required: ["resourceGroupName"],
    inputs: [
        "additionalCapabilities",
        "applicationProfile",
        "availabilitySet",
        "billingProfile",
        "capacityReservation",
        "diagnosticsProfile",
        "evictionPolicy",
        "extendedLocation",
        "extensionsTimeBudget",
        "hardwareProfile",
        "host",
        "hostGroup",
        "identity",
        "licenseType",
        "location",
        "networkProfile",
        "osProfile",
        "placement",
        "plan",
        "platformFaultDomain",
        "priority",
        "proximityPlacementGroup",
        "resourceGroupName",
        "scheduledEventsPolicy",
        "scheduledEventsProfile",
        "securityProfile",
        "storageProfile",
        "tags",
        "userData",
        "virtualMachineScaleSet",
        "vmName",
        "zones",
    ],
    // Not osProfile: azure-native would update it in place, and Azure refuses that.
    replaceOnChange: ["location", "extendedLocation", "zones"],
    computed: [
        "etag",
        "instanceView",
        "managedBy",
        "name",
        "provisioningState",
        "resources",
        "systemData",
        "timeCreated",
        "type",
        "vmId",
    ],
    toBody: ({ location, tags, identity, resourceGroupName, vmName, ...properties }) => ({
        location: location as string,
        tags: tags as Record<string, string>,
        identity: identityBody(identity as SdkIdentity | undefined),
        properties,
    }),
    toOutputs: ({ name, type, location, tags, identity, properties }) => ({
        name,
        type,
        location,
        tags,
        identity,
        ...properties,
    }),
    references: ({ identity, properties }) => [
        ...interfacesOf(properties),
        ...Object.keys(identity?.userAssignedIdentities ?? {}),
    ],
    service: {
        provision: async (wanted, previous, azure) => {
            const { customData } = checkMachine(wanted);
            for (const id of interfacesOf(wanted.properties)) {
                const holder = azure.usersOf(id).find((user) => user.id !== wanted.id);
                if (holder) throw interfaceInUse(id, holder);
            }
            if (previous) refuseChanges(wanted, previous, azure.secrets.get(wanted.id)?.customData);
            azure.secrets.put(wanted.id, { customData });
            return {
                ...wanted,
                identity: wanted.identity && { ...wanted.identity, ...systemIdentity(wanted, previous) },
                properties: {
                    ...withoutSecrets(wanted.properties),
                    vmId: previous?.properties.vmId ?? randomUUID(),
                    timeCreated: previous?.properties.timeCreated ?? new Date().toISOString(),
                    provisioningState: "Succeeded",
                },
            };
        },
        deprovision: async (resource, azure) => azure.secrets.remove(resource.id),
    },
    functions: {},
};

interface SdkIdentity {
    readonly type?: string;
    readonly userAssignedIdentities?: readonly string[];
}

/** ARM takes the identities as an object with their ids as keys. */
function identityBody(identity: SdkIdentity | undefined): ArmResource["identity"] {
    if (!identity) return undefined;
    const assigned = identity.userAssignedIdentities?.map((id) => [id, {}]);
    return { type: identity.type, ...(assigned && { userAssignedIdentities: Object.fromEntries(assigned) }) };
}

function systemIdentity({ identity }: ArmResource, previous: ArmResource | undefined): Properties {
    if (!String(identity?.type).includes("SystemAssigned")) return {};
    return { principalId: previous?.identity?.principalId ?? randomUUID() };
}

function interfacesOf(properties: Properties): string[] {
    const { networkProfile } = properties as MachineProperties;
    return (networkProfile?.networkInterfaces ?? []).flatMap(({ id }) => id ?? []);
}
