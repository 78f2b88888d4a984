import type { ArmResource } from "../armResource";
import { defineType } from "../defineType";
import { vaultOperations } from "../longRunning";
import { now, succeeded } from "../provisioned";
import { demand } from "../refusals";
import type { AzureContext } from "../resourceType";

interface VaultProperties {
    readonly tenantId?: string;
    readonly sku?: { readonly family?: string; readonly name?: string };
    readonly accessPolicies?: readonly unknown[];
    readonly enableRbacAuthorization?: boolean;
    readonly enablePurgeProtection?: boolean;
    readonly softDeleteRetentionInDays?: number;
    readonly createMode?: string;
}

/**
 * Rules of names: Azure resource naming rules, Microsoft.KeyVault; shapes: azure-native 3.28.0. The vault has no data
 * plane here: nothing on the local Azure reads a secret.
 */
export const keyVault = defineType({
    token: "azure-native:keyvault:Vault",
    apiVersion: "2024-11-01",
    armType: "Microsoft.KeyVault/vaults",
    name: {
        property: "vaultName",
        pattern: /^[a-zA-Z](?!.*--)[a-zA-Z0-9-]{1,22}[a-zA-Z0-9]$/,
        rule: "3 to 24 letters, digits or single dashes, beginning with a letter and not ending in a dash",
        global: true,
    },
    required: ["properties"],
    inputs: ["properties"],
    computed: ["properties", "systemData"],
    longRunning: vaultOperations,
    service: {
        provision: async (wanted, previous, azure) => {
            const { createMode, ...asked } = wanted.properties as VaultProperties;
            const before = previous?.properties as VaultProperties | undefined;
            check(wanted.properties, before);
            if (!previous) takeName(wanted, createMode, azure);
            const properties = {
                enableSoftDelete: true,
                softDeleteRetentionInDays: before?.softDeleteRetentionInDays ?? 90,
                ...asked,
            };
            return succeeded(
                { ...wanted, properties },
                { vaultUri: `https://${wanted.name}.vault.azure.net/` },
            );
        },
        // A deleted vault can be recovered for a while, during which its name stays taken.
        deprovision: async (resource, azure) => {
            const { softDeleteRetentionInDays = 90 } = resource.properties as VaultProperties;
            const purge = new Date(Date.now() + softDeleteRetentionInDays * 86_400_000);
            azure.secrets.put(softDeleted(resource), { scheduledPurgeDate: purge.toISOString() });
        },
    },
});

function check(properties: VaultProperties, before: VaultProperties | undefined): void {
    const { tenantId, sku, accessPolicies, softDeleteRetentionInDays: days } = properties;
    const demands: [unknown, string][] = [
        [
            tenantId && sku?.family === "A" && ["standard", "premium"].includes(sku.name ?? ""),
            "Expected a vault to have a tenantId and a sku of family A named standard or premium, " +
                `found ${tenantId} and ${JSON.stringify(sku)}.`,
        ],
        [
            accessPolicies || properties.enableRbacAuthorization || properties.createMode === "recover",
            "The parameter accessPolicies is not specified.",
        ],
        [
            properties.enablePurgeProtection !== false,
            'The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault ' +
                "is an irreversible action.",
        ],
        [
            days === undefined || (days >= 7 && days <= 90),
            `Expected softDeleteRetentionInDays to be from 7 to 90, found ${days}.`,
        ],
        [
            days === undefined || !before || days === before.softDeleteRetentionInDays,
            'The property "softDeleteRetentionInDays" has been set already and it can\'t be modified.',
        ],
    ];
    for (const [met, message] of demands) demand(met, "BadRequest", message);
}

function takeName(wanted: ArmResource, createMode: string | undefined, azure: AzureContext): void {
    const deleted = azure.secrets.get(softDeleted(wanted));
    demand(
        !deleted || String(deleted.scheduledPurgeDate) <= now() || createMode === "recover",
        "ConflictError",
        "A vault with the same name already exists in deleted state. You need to either recover or purge existing " +
            `key vault ${wanted.name} (kept until ${deleted?.scheduledPurgeDate}).`,
        409,
    );
    azure.secrets.remove(softDeleted(wanted));
}

/** Where a deleted vault is remembered: names are global, so the resource group does not matter. */
function softDeleted(vault: ArmResource): string {
    return `deleted-vaults/${vault.name}`;
}
