import { ArmError } from "../armError";
import type { ArmResource } from "../armResource";
import type { AzureContext, ResourceType } from "../resourceType";
import { fromEntries, idsOf, toEntries } from "./armEntries";

/** Rules of names: Azure resource naming rules, Microsoft.Network; shapes: azure-native 3.28.0, network. */
export const networkInterface: ResourceType = {
    token: "azure-native:network:NetworkInterface",
    apiVersion: "2024-05-01",
    armType: "Microsoft.Network/networkInterfaces",
    name: {
        property: "networkInterfaceName",
        pattern: /^[a-zA-Z0-9]([a-zA-Z0-9_.-]{0,78}[a-zA-Z0-9_])?$/,
        rule: "1 to 80 letters, digits, underscores, dots or dashes, beginning with a letter or digit, not ending in a dot or dash",
        global: false,
    },
    required: ["resourceGroupName"],
    inputs: [
        "auxiliaryMode",
        "auxiliarySku",
        "disableTcpStateTracking",
        "dnsSettings",
        "enableAcceleratedNetworking",
        "enableIPForwarding",
        "extendedLocation",
        "id",
        "ipConfigurations",
        "location",
        "migrationPhase",
        "networkInterfaceName",
        "networkSecurityGroup",
        "nicType",
        "privateLinkService",
        "resourceGroupName",
        "tags",
        "workloadType",
    ],
    replaceOnChange: ["location", "extendedLocation"],
    computed: [
        "defaultOutboundConnectivityEnabled",
        "dscpConfiguration",
        "etag",
        "hostedWorkloads",
        "macAddress",
        "name",
        "primary",
        "privateEndpoint",
        "provisioningState",
        "resourceGuid",
        "tapConfigurations",
        "type",
        "virtualMachine",
        "vnetEncryptionSupported",
    ],
    toBody: ({
        location,
        tags,
        resourceGroupName,
        networkInterfaceName,
        id,
        ipConfigurations,
        ...properties
    }) => ({
        location: location as string,
        tags: tags as Record<string, string>,
        properties: { ...properties, ipConfigurations: toEntries(ipConfigurations) },
    }),
    toOutputs: ({ name, type, location, tags, properties }) => ({
        name,
        type,
        location,
        tags,
        ...properties,
        ipConfigurations: fromEntries(properties.ipConfigurations),
    }),
    references: (resource) => [
        ...idsOf(resource.properties.networkSecurityGroup),
        ...fromEntries(resource.properties.ipConfigurations).flatMap(({ subnet }) => idsOf(subnet)),
        ...publicAddressesOf(resource),
    ],
    service: {
        provision: async (wanted, _previous, azure) => {
            const configurations = fromEntries(wanted.properties.ipConfigurations);
            if (configurations.length === 0 || configurations.some(({ name, subnet }) => !name || !subnet)) {
                throw new ArmError(
                    400,
                    "InvalidRequestFormat",
                    `Expected the network interface ${wanted.name} to have ipConfigurations with a name and a subnet each.`,
                );
            }
            refuseTakenAddress(wanted, azure);
            return { ...wanted, properties: { ...wanted.properties, provisioningState: "Succeeded" } };
        },
        refuseDelete: (resource, [user]) => {
            if (user) throw interfaceInUse(resource.id, user);
        },
        deprovision: async () => {},
    },
    functions: {},
};

/** Azure's refusal to delete, or attach a second time, an interface that a machine has. */
export function interfaceInUse(id: string, machine: ArmResource): ArmError {
    return new ArmError(
        400,
        "NicInUse",
        `Network Interface ${id} is used by existing resource ${machine.id}. In order to delete the network interface, ` +
            "it must be dissociated from the resource. To learn more, see aka.ms/deletenic.",
    );
}

function publicAddressesOf(resource: ArmResource): string[] {
    return fromEntries(resource.properties.ipConfigurations).flatMap(({ publicIPAddress }) =>
        idsOf(publicIPAddress),
    );
}

function refuseTakenAddress(wanted: ArmResource, azure: AzureContext): void {
    for (const id of publicAddressesOf(wanted)) {
        const holder = azure.usersOf(id).find((user) => user.id !== wanted.id);
        if (!holder) continue;
        throw new ArmError(
            400,
            "PublicIPAddressInUse",
            `Resource ${wanted.id} is referencing public IP address ${id} that is already allocated to resource ` +
                `${holder.id}.`,
        );
    }
}
