import * as network from "@pulumi/azure-native/network";
import * as pulumi from "@pulumi/pulumi";
import { type Opening, openToEveryone, securityRules } from "./securityRules";

/** What {@link edgeNetwork} needs. */
export interface EdgeNetworkArgs {
    readonly resourceGroupName: pulumi.Input<string>;
    /** Ports that are reached from outside. IoT Edge itself needs none: it only calls out. */
    readonly openings: readonly Opening[];
    /** First label of the machine's host name, unique in the region. */
    readonly dnsLabel?: pulumi.Input<string>;
    /** An existing subnet; without one the machine gets a network of its own. */
    readonly subnetId?: pulumi.Input<string>;
}

/** Where a machine is attached and reached. */
export interface EdgeNetwork {
    readonly interfaceId: pulumi.Output<string>;
    readonly publicIp: pulumi.Output<string>;
    /** Empty without a DNS label. */
    readonly fqdn: pulumi.Output<string>;
}

const addressSpace = "10.0.0.0/24";

/** The network of one machine, as children of `parent`. Names begin with `name`. */
export function edgeNetwork(name: string, args: EdgeNetworkArgs, parent: pulumi.Resource): EdgeNetwork {
    const { resourceGroupName, openings } = args;
    const warning = openToEveryone(openings);
    if (warning) void pulumi.log.warn(warning, parent);

    const closedUnlessOpened = new network.NetworkSecurityGroup(
        `${name}-nsg`,
        { resourceGroupName, securityRules: securityRules(openings) },
        { parent },
    );
    // Azure has retired all public addresses but static ones of tier Standard. It is also the way out, which a subnet
    // without default outbound access does not have.
    const address = new network.PublicIPAddress(
        `${name}-ip`,
        {
            resourceGroupName,
            sku: { name: network.PublicIPAddressSkuName.Standard },
            publicIPAllocationMethod: network.IPAllocationMethod.Static,
            dnsSettings: args.dnsLabel === undefined ? undefined : { domainNameLabel: args.dnsLabel },
        },
        { parent },
    );
    const attachment = new network.NetworkInterface(
        `${name}-nic`,
        {
            resourceGroupName,
            networkSecurityGroup: { id: closedUnlessOpened.id },
            ipConfigurations: [
                {
                    name: "primary",
                    subnet: { id: args.subnetId ?? ownSubnet(name, resourceGroupName, parent) },
                    privateIPAllocationMethod: network.IPAllocationMethod.Dynamic,
                    publicIPAddress: { id: address.id },
                },
            ],
        },
        { parent },
    );
    return {
        interfaceId: attachment.id,
        publicIp: address.ipAddress.apply((ip) => ip ?? ""),
        fqdn:
            args.dnsLabel === undefined
                ? pulumi.output("")
                : address.dnsSettings.apply((dns) => dns?.fqdn ?? ""),
    };
}

function ownSubnet(
    name: string,
    resourceGroupName: pulumi.Input<string>,
    parent: pulumi.Resource,
): pulumi.Output<string> {
    const vnet = new network.VirtualNetwork(
        `${name}-vnet`,
        { resourceGroupName, addressSpace: { addressPrefixes: [addressSpace] } },
        { parent },
    );
    return new network.Subnet(
        `${name}-subnet`,
        {
            resourceGroupName,
            virtualNetworkName: vnet.name,
            addressPrefix: addressSpace,
            // Azure's own default differs between API versions, and so would the review.
            defaultOutboundAccess: false,
        },
        { parent },
    ).id;
}
