import { ArmError } from "../armError";
import type { ResourceType } from "../resourceType";

/** Rules of names: Azure resource naming rules, Microsoft.Network; shapes: azure-native 3.28.0, network. */
export const virtualNetwork: ResourceType = {
    token: "azure-native:network:VirtualNetwork",
    apiVersion: "2024-05-01",
    armType: "Microsoft.Network/virtualNetworks",
    name: {
        property: "virtualNetworkName",
        pattern: /^[a-zA-Z0-9]([a-zA-Z0-9_.-]{0,62}[a-zA-Z0-9_])$/,
        rule: "2 to 64 letters, digits, underscores, dots or dashes, beginning with a letter or digit, not ending in a dot or dash",
        global: false,
    },
    required: ["resourceGroupName"],
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
        "location",
        "privateEndpointVNetPolicies",
        "resourceGroupName",
        "subnets",
        "tags",
        "virtualNetworkName",
        "virtualNetworkPeerings",
    ],
    defaults: { enableDdosProtection: false, enableVmProtection: false },
    replaceOnChange: ["location", "extendedLocation"],
    computed: ["etag", "flowLogs", "name", "provisioningState", "resourceGuid", "subnets", "type"],
    toBody: ({ location, tags, resourceGroupName, virtualNetworkName, id, ...properties }) => ({
        location: location as string,
        tags: tags as Record<string, string>,
        properties,
    }),
    toOutputs: ({ name, type, location, tags, properties }) => ({
        name,
        type,
        location,
        tags,
        ...properties,
    }),
    service: {
        provision: async (wanted) => {
            const { addressSpace, subnets } = wanted.properties;
            const { addressPrefixes } = (addressSpace ?? {}) as { addressPrefixes?: string[] };
            if (!addressPrefixes?.length) {
                throw new ArmError(
                    400,
                    "InvalidRequestFormat",
                    "Expected addressSpace.addressPrefixes to name at least one range, found none.",
                );
            }
            // Without this a subnet could exist here twice: inside its network and as a resource.
            if (subnets) {
                throw new ArmError(
                    400,
                    "InvalidRequestFormat",
                    "The local Azure knows subnets only as resources of their own (network.Subnet).",
                );
            }
            return { ...wanted, properties: { ...wanted.properties, provisioningState: "Succeeded" } };
        },
        deprovision: async () => {},
    },
    functions: {},
};
