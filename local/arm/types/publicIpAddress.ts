import { ArmError } from "../armError";
import type { ArmResource } from "../armResource";
import type { AzureContext, ResourceType } from "../resourceType";

/** Addresses that no machine has: TEST-NET-3 of RFC 5737. */
const documentationAddresses = Array.from({ length: 254 }, (_, index) => `203.0.113.${index + 1}`);

/** Rules of names: Azure resource naming rules, Microsoft.Network; shapes: azure-native 3.28.0, network. */
export const publicIpAddress: ResourceType = {
    token: "azure-native:network:PublicIPAddress",
    apiVersion: "2024-05-01",
    armType: "Microsoft.Network/publicIPAddresses",
    name: {
        property: "publicIpAddressName",
        pattern: /^[a-zA-Z0-9]([a-zA-Z0-9_.-]{0,78}[a-zA-Z0-9_])?$/,
        rule: "1 to 80 letters, digits, underscores, dots or dashes, beginning with a letter or digit, not ending in a dot or dash",
        global: false,
    },
    required: ["resourceGroupName"],
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
        "location",
        "migrationPhase",
        "natGateway",
        "publicIPAddressVersion",
        "publicIPAllocationMethod",
        "publicIPPrefix",
        "publicIpAddressName",
        "resourceGroupName",
        "servicePublicIPAddress",
        "sku",
        "tags",
        "zones",
    ],
    replaceOnChange: ["location", "extendedLocation"],
    computed: [
        "dnsSettings",
        "etag",
        "ipAddress",
        "ipConfiguration",
        "name",
        "provisioningState",
        "resourceGuid",
        "type",
    ],
    toBody: ({ location, tags, sku, resourceGroupName, publicIpAddressName, id, ...properties }) => ({
        location: location as string,
        tags: tags as Record<string, string>,
        sku: sku as ArmResource["sku"],
        properties,
    }),
    toOutputs: ({ name, type, location, tags, sku, properties }) => ({
        name,
        type,
        location,
        tags,
        sku,
        ...properties,
    }),
    service: {
        provision: async (wanted, previous, azure) => {
            checkSku(wanted);
            return {
                ...wanted,
                properties: {
                    ...wanted.properties,
                    ipAddress: previous?.properties.ipAddress ?? freeAddress(azure),
                    dnsSettings: dnsSettings(wanted, azure),
                    provisioningState: "Succeeded",
                },
            };
        },
        refuseDelete: (resource, [user]) => {
            if (!user) return;
            throw new ArmError(
                400,
                "PublicIPAddressCannotBeDeleted",
                `Public IP address ${resource.id} can not be deleted since it is still allocated to resource ${user.id}. ` +
                    "In order to delete the public IP, disassociate/detach the Public IP address from the resource. " +
                    "To learn how to do this, see aka.ms/deletepublicip.",
            );
        },
        deprovision: async () => {},
    },
    functions: {},
};

function checkSku(wanted: ArmResource): void {
    // Azure's default where none is named, and gone since September 2025.
    if ((wanted.sku?.name ?? "Basic") === "Basic") {
        throw new ArmError(
            400,
            "IPv4BasicSkuPublicIpCountLimitReached",
            "Cannot create more than 0 IPv4 Basic SKU public IP addresses for this subscription in this region.",
        );
    }
    if (wanted.properties.publicIPAllocationMethod !== "Static") {
        throw new ArmError(
            400,
            "PublicIPAddressAllocationMethodNotSupported",
            `Standard SKU public IP address ${wanted.id} must have AllocationMethod set to Static.`,
        );
    }
}

function freeAddress(azure: AzureContext): string {
    const taken = others(azure).map(({ properties }) => properties.ipAddress);
    const free = documentationAddresses.find((address) => !taken.includes(address));
    if (free) return free;
    throw new ArmError(
        400,
        "PublicIPCountLimitReached",
        `Cannot create more than ${documentationAddresses.length} public IP addresses for this subscription.`,
    );
}

/** The label with the host name that Azure makes of it, which is unique in the region. */
function dnsSettings(wanted: ArmResource, azure: AzureContext): object | undefined {
    const settings = wanted.properties.dnsSettings as { domainNameLabel?: string } | undefined;
    const label = settings?.domainNameLabel;
    if (label === undefined) return undefined;
    if (!/^[a-z][a-z0-9-]{1,61}[a-z0-9]$/.test(label)) {
        throw new ArmError(
            400,
            "InvalidDomainNameLabel",
            `The domain name label ${label} is invalid. It must conform to the following regular expression: ` +
                "^[a-z][a-z0-9-]{1,61}[a-z0-9]$.",
        );
    }
    const fqdn = `${label}.${wanted.location}.cloudapp.azure.com`;
    const holder = others(azure).find(
        ({ id, properties }) =>
            id !== wanted.id && (properties.dnsSettings as { fqdn?: string } | undefined)?.fqdn === fqdn,
    );
    if (holder)
        throw new ArmError(400, "DnsRecordInUse", `DNS record ${fqdn} is already used by another public IP.`);
    return { ...settings, fqdn };
}

function others(azure: AzureContext): ArmResource[] {
    return azure.resourcesOfType("Microsoft.Network/publicIPAddresses");
}
