import { fromEntries } from "../armEntries";
import { type ArmResource, idsOf } from "../armResource";
import { defineType } from "../defineType";
import { networkOperations } from "../longRunning";
import { dottedName } from "../nameRules";
import { succeeded } from "../provisioned";
import { demand, refuseSecondUser, refuseWhileUsed } from "../refusals";

/** Rules of names: Azure resource naming rules, Microsoft.Network; shapes: azure-native 3.28.0, network. */
export const networkInterface = defineType({
    token: "azure-native:network:NetworkInterface",
    apiVersion: "2024-05-01",
    armType: "Microsoft.Network/networkInterfaces",
    name: { property: "networkInterfaceName", ...dottedName(1, 80) },
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
        "migrationPhase",
        "networkSecurityGroup",
        "nicType",
        "privateLinkService",
        "workloadType",
    ],
    entries: ["ipConfigurations"],
    replaceOnChange: ["extendedLocation"],
    computed: [
        "defaultOutboundConnectivityEnabled",
        "dscpConfiguration",
        "etag",
        "hostedWorkloads",
        "macAddress",
        "primary",
        "privateEndpoint",
        "provisioningState",
        "resourceGuid",
        "tapConfigurations",
        "virtualMachine",
        "vnetEncryptionSupported",
    ],
    references: (resource) => [
        ...idsOf(resource.properties.networkSecurityGroup),
        ...configurationsOf(resource).flatMap(({ subnet }) => idsOf(subnet)),
        ...publicAddressesOf(resource),
    ],
    longRunning: networkOperations,
    service: {
        provision: async (wanted, _previous, azure) => {
            const configurations = configurationsOf(wanted);
            demand(
                configurations.length > 0 && configurations.every(({ name, subnet }) => name && subnet),
                "InvalidRequestFormat",
                `Expected the network interface ${wanted.name} to have ipConfigurations with a name and a subnet each.`,
            );
            refuseSecondUser(
                wanted,
                publicAddressesOf(wanted),
                azure,
                "PublicIPAddressInUse",
                (id, holder) =>
                    `Resource ${wanted.id} is referencing public IP address ${id} that is already allocated to resource ` +
                    `${holder.id}.`,
            );
            return succeeded(wanted);
        },
        refuseDelete: refuseWhileUsed("NicInUse", ({ id }, machine) => interfaceInUse(id, machine)),
    },
});

/** How Azure refuses to delete, or to attach a second time, an interface that a machine has. */
export function interfaceInUse(id: string, machine: ArmResource): string {
    return (
        `Network Interface ${id} is used by existing resource ${machine.id}. In order to delete the network interface, ` +
        "it must be dissociated from the resource. To learn more, see aka.ms/deletenic."
    );
}

function configurationsOf({ properties }: ArmResource) {
    return fromEntries(properties.ipConfigurations);
}

function publicAddressesOf(resource: ArmResource): string[] {
    return configurationsOf(resource).flatMap(({ publicIPAddress }) => idsOf(publicIPAddress));
}
