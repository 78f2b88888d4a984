import { randomUUID } from "node:crypto";
import type { ArmResource } from "../armResource";
import { defineType } from "../defineType";
import { machineOperations } from "../longRunning";
import { dottedName } from "../nameRules";
import { madeOnce, now, succeeded } from "../provisioned";
import { refuseSecondUser } from "../refusals";
import type { Properties } from "../resourceType";
import { interfaceInUse } from "./networkInterface";
import { checkMachine, type MachineProperties, refuseChanges, withoutSecrets } from "./virtualMachineRules";

/** Rules of names: Azure resource naming rules, Microsoft.Compute, Linux; shapes: azure-native 3.28.0, compute. */
export const virtualMachine = defineType({
    token: "azure-native:compute:VirtualMachine",
    apiVersion: "2024-11-01",
    armType: "Microsoft.Compute/virtualMachines",
    name: { property: "vmName", ...dottedName(1, 64) },
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
        "networkProfile",
        "osProfile",
        "placement",
        "plan",
        "platformFaultDomain",
        "priority",
        "proximityPlacementGroup",
        "scheduledEventsPolicy",
        "scheduledEventsProfile",
        "securityProfile",
        "storageProfile",
        "userData",
        "virtualMachineScaleSet",
        "zones",
    ],
    // Not osProfile: azure-native would update it in place, and Azure refuses that.
    replaceOnChange: ["extendedLocation", "zones"],
    computed: [
        "etag",
        "instanceView",
        "managedBy",
        "provisioningState",
        "resources",
        "systemData",
        "timeCreated",
        "vmId",
    ],
    beside: { identity: armIdentity },
    references: ({ identity, properties }) => [
        ...interfacesOf(properties),
        ...Object.keys(identity?.userAssignedIdentities ?? {}),
    ],
    longRunning: machineOperations,
    service: {
        provision: async (wanted, previous, azure) => {
            const { customData } = checkMachine(wanted, previous);
            refuseSecondUser(wanted, interfacesOf(wanted.properties), azure, "NicInUse", interfaceInUse);
            if (previous) refuseChanges(wanted, previous, azure.secrets.get(wanted.id)?.customData);
            azure.secrets.put(wanted.id, { customData });
            const identity = wanted.identity && { ...wanted.identity, ...systemIdentity(wanted, previous) };
            return succeeded(
                { ...wanted, identity, properties: withoutSecrets(wanted.properties) },
                madeOnce(previous, { vmId: randomUUID, timeCreated: now }),
            );
        },
    },
});

/** ARM takes the identities as an object with their ids as keys. */
function armIdentity(input: unknown): ArmResource["identity"] {
    if (!input) return undefined;
    const { type, userAssignedIdentities } = input as { type?: string; userAssignedIdentities?: string[] };
    const assigned = userAssignedIdentities?.map((id) => [id, {}]);
    return { type, ...(assigned && { userAssignedIdentities: Object.fromEntries(assigned) }) };
}

function systemIdentity({ identity }: ArmResource, previous: ArmResource | undefined): Properties {
    if (!String(identity?.type).includes("SystemAssigned")) return {};
    return { principalId: previous?.identity?.principalId ?? randomUUID() };
}

function interfacesOf(properties: Properties): string[] {
    const { networkProfile } = properties as MachineProperties;
    return (networkProfile?.networkInterfaces ?? []).flatMap(({ id }) => id ?? []);
}
