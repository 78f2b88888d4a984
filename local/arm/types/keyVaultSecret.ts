import { randomBytes } from "node:crypto";
import { ArmError } from "../armError";
import type { ResourceType } from "../resourceType";

/** Characters that a secret may have; Key Vault documentation, about secrets (25 KB). */
const valueLimit = 25_600;

/** Rules of names: Azure resource naming rules, Microsoft.KeyVault; shapes: azure-native 3.28.0, keyvault. */
export const keyVaultSecret: ResourceType = {
    token: "azure-native:keyvault:Secret",
    apiVersion: "2024-11-01",
    armType: "Microsoft.KeyVault/vaults/secrets",
    name: {
        property: "secretName",
        parents: ["vaultName"],
        pattern: /^[a-zA-Z0-9-]{1,127}$/,
        rule: "1 to 127 letters, digits or dashes",
        global: false,
    },
    required: ["properties", "resourceGroupName", "vaultName"],
    inputs: ["properties", "resourceGroupName", "secretName", "tags", "vaultName"],
    replaceOnChange: [],
    computed: ["location", "name", "properties", "type"],
    toBody: ({ tags, properties }) => ({
        tags: tags as Record<string, string>,
        properties: properties as Record<string, unknown>,
    }),
    toOutputs: ({ name, type, tags, properties }) => ({ name, type, tags, properties }),
    service: {
        // The value is only ever written, and nothing here reads it, so it is not kept at all.
        provision: async (wanted) => {
            const { value, ...properties } = wanted.properties;
            if (typeof value !== "string" || value === "" || value.length > valueLimit) {
                throw new ArmError(
                    400,
                    "BadParameter",
                    `Expected properties.value to have 1 to ${valueLimit} characters.`,
                );
            }
            const vaultName = wanted.id.split("/").at(-3);
            const secretUri = `https://${vaultName}.vault.azure.net/secrets/${wanted.name}`;
            // Every PUT makes a version of its own.
            const version = randomBytes(16).toString("hex");
            return {
                ...wanted,
                properties: {
                    attributes: { enabled: true },
                    ...properties,
                    secretUri,
                    secretUriWithVersion: `${secretUri}/${version}`,
                },
            };
        },
        // ARM cannot delete a secret: azure-native asks the vault itself, as whoever deploys, and only those whom an
        // access policy names may. With its vault a secret goes without being asked for.
        refuseDelete: (resource, _users, alone) => {
            if (!alone) return;
            throw new ArmError(
                403,
                "Forbidden",
                "The user, group or application that deploys does not have secrets delete permission on key vault " +
                    `'${resource.id.split("/").at(-3)}'.`,
            );
        },
        deprovision: async () => {},
    },
    functions: {},
};
