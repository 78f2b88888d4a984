import { BlockList, isIP } from "node:net";
import { ArmError } from "../armError";
import type { ResourceType } from "../resourceType";
import { idsOf } from "./armEntries";

/** Rules of names: Azure resource naming rules, Microsoft.Network; shapes: azure-native 3.28.0, network. */
export const subnet: ResourceType = {
    token: "azure-native:network:Subnet",
    apiVersion: "2024-05-01",
    armType: "Microsoft.Network/virtualNetworks/subnets",
    name: {
        property: "subnetName",
        parents: ["virtualNetworkName"],
        pattern: /^[a-zA-Z0-9]([a-zA-Z0-9_.-]{0,78}[a-zA-Z0-9_])?$/,
        rule: "1 to 80 letters, digits, underscores, dots or dashes, beginning with a letter or digit, not ending in a dot or dash",
        global: false,
    },
    required: ["resourceGroupName", "virtualNetworkName"],
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
        "resourceGroupName",
        "routeTable",
        "serviceEndpointPolicies",
        "serviceEndpoints",
        "sharingScope",
        "subnetName",
        "type",
        "virtualNetworkName",
    ],
    defaults: { privateEndpointNetworkPolicies: "Disabled", privateLinkServiceNetworkPolicies: "Enabled" },
    replaceOnChange: [],
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
    toBody: ({ resourceGroupName, virtualNetworkName, subnetName, id, name, type, ...properties }) => ({
        properties,
    }),
    toOutputs: ({ name, type, properties }) => ({ name, type, ...properties }),
    references: ({ properties }) =>
        idsOf(properties.networkSecurityGroup, properties.natGateway, properties.routeTable),
    service: {
        provision: async (wanted, _previous, azure) => {
            const networkId = wanted.id.split("/").slice(0, -2).join("/");
            const network = azure
                .resourcesOfType("Microsoft.Network/virtualNetworks")
                .find(({ id }) => id.toLowerCase() === networkId.toLowerCase());
            const { addressPrefix, addressPrefixes } = wanted.properties;
            const wantedRanges = (addressPrefixes ?? (addressPrefix ? [addressPrefix] : [])) as string[];
            const space = network?.properties.addressSpace as { addressPrefixes: string[] } | undefined;
            const outside = wantedRanges.find((range) => !isWithin(range, space?.addressPrefixes ?? []));
            if (wantedRanges.length === 0 || outside !== undefined) {
                throw new ArmError(
                    400,
                    "NetcfgInvalidSubnet",
                    `Subnet '${wanted.name}' is not valid because its IP address range ${outside ?? "(none)"} is ` +
                        `outside the IP address range of virtual network '${network?.name}'.`,
                );
            }
            return { ...wanted, properties: { ...wanted.properties, provisioningState: "Succeeded" } };
        },
        refuseDelete: (resource, [user]) => {
            if (!user) return;
            throw new ArmError(
                400,
                "InUseSubnetCannotBeDeleted",
                `Subnet ${resource.name} is in use by ${user.id} and cannot be deleted. In order to delete the subnet, ` +
                    "delete all the resources within the subnet. See aka.ms/deletesubnet.",
            );
        },
        deprovision: async () => {},
    },
    functions: {},
};

/** Whether a range such as `10.0.1.0/24` lies in one of `ranges`; one that is no range lies nowhere. */
function isWithin(range: string, ranges: readonly string[]): boolean {
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
