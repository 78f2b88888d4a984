import type { ArmResource } from "../armResource";
import { defineType } from "../defineType";
import { networkOperations } from "../longRunning";
import { dottedName } from "../nameRules";
import { madeOnce, succeeded } from "../provisioned";
import { demand, refuseWhileUsed } from "../refusals";
import type { AzureContext } from "../resourceType";

/** Addresses that no machine has: TEST-NET-3 of RFC 5737. */
const documentationAddresses = Array.from({ length: 254 }, (_, index) => `203.0.113.${index + 1}`);

/** Rules of names: Azure resource naming rules, Microsoft.Network; shapes: azure-native 3.28.0, network. */
export const publicIpAddress = defineType({
    token: "azure-native:network:PublicIPAddress",
    apiVersion: "2024-05-01",
    armType: "Microsoft.Network/publicIPAddresses",
    name: { property: "publicIpAddressName", ...dottedName(1, 80) },
    inputs: [
        "ddosSettings",
        "deleteOption",
        "dnsSettings",
        "extendedLocation",
        "id",
        "idleTimeoutInMinutes",
        "ipAddress",
        "ipTags",
        "linkedPublicIPAddress",
        "migrationPhase",
        "natGateway",
        "publicIPAddressVersion",
        "publicIPAllocationMethod",
        "publicIPPrefix",
        "servicePublicIPAddress",
        "sku",
        "zones",
    ],
    replaceOnChange: ["extendedLocation"],
    computed: ["dnsSettings", "etag", "ipAddress", "ipConfiguration", "provisioningState", "resourceGuid"],
    longRunning: networkOperations,
    service: {
        provision: async (wanted, previous, azure) => {
            checkSku(wanted);
            return succeeded(wanted, {
                ...madeOnce(previous, { ipAddress: () => freeAddress(azure) }),
                dnsSettings: dnsSettings(wanted, azure),
            });
        },
        refuseDelete: refuseWhileUsed(
            "PublicIPAddressCannotBeDeleted",
            ({ id }, user) =>
                `Public IP address ${id} can not be deleted since it is still allocated to resource ${user.id}. ` +
                "In order to delete the public IP, disassociate/detach the Public IP address from the resource. " +
                "To learn how to do this, see aka.ms/deletepublicip.",
        ),
    },
});

function checkSku({ id, sku, properties }: ArmResource): void {
    // Basic is Azure's default where none is named, and gone since September 2025.
    demand(
        (sku?.name ?? "Basic") !== "Basic",
        "IPv4BasicSkuPublicIpCountLimitReached",
        "Cannot create more than 0 IPv4 Basic SKU public IP addresses for this subscription in this region.",
    );
    demand(
        properties.publicIPAllocationMethod === "Static",
        "PublicIPAddressAllocationMethodNotSupported",
        `Standard SKU public IP address ${id} must have AllocationMethod set to Static.`,
    );
}

function freeAddress(azure: AzureContext): string {
    const taken = addresses(azure).map(({ properties }) => properties.ipAddress);
    const free = documentationAddresses.find((address) => !taken.includes(address));
    demand(
        free,
        "PublicIPCountLimitReached",
        `Cannot create more than ${documentationAddresses.length} public IP addresses for this subscription.`,
    );
    return free;
}

/** The label with the host name that Azure makes of it, which is unique in the region. */
function dnsSettings(wanted: ArmResource, azure: AzureContext): object | undefined {
    const settings = wanted.properties.dnsSettings as { domainNameLabel?: string } | undefined;
    const label = settings?.domainNameLabel;
    if (label === undefined) return undefined;
    demand(
        /^[a-z][a-z0-9-]{1,61}[a-z0-9]$/.test(label),
        "InvalidDomainNameLabel",
        `The domain name label ${label} is invalid. It must conform to the following regular expression: ` +
            "^[a-z][a-z0-9-]{1,61}[a-z0-9]$.",
    );
    const fqdn = `${label}.${wanted.location}.cloudapp.azure.com`;
    const isTaken = addresses(azure).some(
        ({ id, properties }) =>
            id !== wanted.id && (properties.dnsSettings as { fqdn?: string } | undefined)?.fqdn === fqdn,
    );
    demand(!isTaken, "DnsRecordInUse", `DNS record ${fqdn} is already used by another public IP.`);
    return { ...settings, fqdn };
}

function addresses(azure: AzureContext): ArmResource[] {
    return azure.resourcesOfType("Microsoft.Network/publicIPAddresses");
}
