import { defineType } from "../defineType";
import { networkOperations } from "../longRunning";
import { dottedName } from "../nameRules";
import { succeeded } from "../provisioned";
import { demand } from "../refusals";

/** Rules of names: Azure resource naming rules, Microsoft.Network; shapes: azure-native 3.28.0, network. */
export const virtualNetwork = defineType({
    token: "azure-native:network:VirtualNetwork",
    apiVersion: "2024-05-01",
    armType: "Microsoft.Network/virtualNetworks",
    name: { property: "virtualNetworkName", ...dottedName(2, 64) },
    inputs: [
        "addressSpace",
        "bgpCommunities",
        "ddosProtectionPlan",
        "dhcpOptions",
        "enableDdosProtection",
        "enableVmProtection",
        "encryption",
        "extendedLocation",
        "flowTimeoutInMinutes",
        "id",
        "ipAllocations",
        "privateEndpointVNetPolicies",
        "subnets",
        "virtualNetworkPeerings",
    ],
    defaults: { enableDdosProtection: false, enableVmProtection: false },
    replaceOnChange: ["extendedLocation"],
    computed: ["etag", "flowLogs", "provisioningState", "resourceGuid", "subnets"],
    longRunning: networkOperations,
    service: {
        provision: async (wanted) => {
            const { addressSpace, subnets } = wanted.properties;
            const { addressPrefixes } = (addressSpace ?? {}) as { addressPrefixes?: string[] };
            demand(
                addressPrefixes?.length,
                "InvalidRequestFormat",
                "Expected addressSpace.addressPrefixes to name at least one range, found none.",
            );
            // Without this a subnet could exist here twice: inside its network and as a resource.
            demand(
                !subnets,
                "InvalidRequestFormat",
                "The local Azure knows subnets only as resources of their own (network.Subnet).",
            );
            return succeeded(wanted);
        },
    },
});
