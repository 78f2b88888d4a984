import { BlockList, isIP } from "node:net";
import { idsOf, parentIdOf } from "../armResource";
import { defineType } from "../defineType";
import { networkOperations } from "../longRunning";
import { dottedName } from "../nameRules";
import { succeeded } from "../provisioned";
import { demand, refuseWhileUsed } from "../refusals";

/** Rules of names: Azure resource naming rules, Microsoft.Network; shapes: azure-native 3.28.0, network. */
export const subnet = defineType({
    token: "azure-native:network:Subnet",
    apiVersion: "2024-05-01",
    armType: "Microsoft.Network/virtualNetworks/subnets",
    name: { property: "subnetName", parents: ["virtualNetworkName"], ...dottedName(1, 80) },
    inputs: [
        "addressPrefix",
        "addressPrefixes",
        "applicationGatewayIPConfigurations",
        "defaultOutboundAccess",
        "delegations",
        "id",
        "ipAllocations",
        "ipamPoolPrefixAllocations",
        "name",
        "natGateway",
        "networkSecurityGroup",
        "privateEndpointNetworkPolicies",
        "privateLinkServiceNetworkPolicies",
        "routeTable",
        "serviceEndpointPolicies",
        "serviceEndpoints",
        "sharingScope",
        "type",
    ],
    defaults: { privateEndpointNetworkPolicies: "Disabled", privateLinkServiceNetworkPolicies: "Enabled" },
    computed: [
        "etag",
        "ipConfigurationProfiles",
        "ipConfigurations",
        "privateEndpoints",
        "provisioningState",
        "purpose",
        "resourceNavigationLinks",
        "serviceAssociationLinks",
    ],
    references: ({ properties }) =>
        idsOf(properties.networkSecurityGroup, properties.natGateway, properties.routeTable),
    longRunning: networkOperations,
    service: {
        provision: async (wanted, _previous, azure) => {
            const network = azure.find(parentIdOf(wanted));
            const { addressPrefix, addressPrefixes } = wanted.properties;
            const wantedRanges = (addressPrefixes ?? (addressPrefix ? [addressPrefix] : [])) as string[];
            const space = network?.properties.addressSpace as { addressPrefixes: string[] } | undefined;
            const outside = wantedRanges.find((range) => !liesIn(range, space?.addressPrefixes ?? []));
            demand(
                wantedRanges.length > 0 && outside === undefined,
                "NetcfgInvalidSubnet",
                `Subnet '${wanted.name}' is not valid because its IP address range ${outside ?? "(none)"} is ` +
                    `outside the IP address range of virtual network '${network?.name}'.`,
            );
            return succeeded(wanted);
        },
        refuseDelete: refuseWhileUsed(
            "InUseSubnetCannotBeDeleted",
            ({ name }, user) =>
                `Subnet ${name} is in use by ${user.id} and cannot be deleted. In order to delete the subnet, ` +
                "delete all the resources within the subnet. See aka.ms/deletesubnet.",
        ),
    },
});

/** Whether a range such as `10.0.1.0/24` lies in one of `ranges`; one that is no range lies nowhere. */
function liesIn(range: string, ranges: readonly string[]): boolean {
    const { address, bits, family } = rangeOf(range);
    return ranges.map(rangeOf).some((outer) => {
        if (!family || outer.family !== family || outer.bits > bits) return false;
        const list = new BlockList();
        list.addSubnet(outer.address, outer.bits, family);
        return list.check(address, family);
    });
}

function rangeOf(text: string): { address: string; bits: number; family: "ipv4" | "ipv6" | undefined } {
    const [address = "", bits = ""] = text.split("/");
    const family = isIP(address) === 4 ? "ipv4" : isIP(address) === 6 ? "ipv6" : undefined;
    return { address, bits: Number(bits), family: /^\d+$/.test(bits) ? family : undefined };
}
