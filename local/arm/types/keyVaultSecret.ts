import { randomBytes } from "node:crypto";
import type { ArmResource } from "../armResource";
import { defineType } from "../defineType";
import { demand } from "../refusals";

/** Characters that a secret may have; Key Vault documentation, about secrets (25 KB). */
const valueLimit = 25_600;

/** Rules of names: Azure resource naming rules, Microsoft.KeyVault; shapes: azure-native 3.28.0, keyvault. */
export const keyVaultSecret = defineType({
    token: "azure-native:keyvault:Secret",
    apiVersion: "2024-11-01",
    armType: "Microsoft.KeyVault/vaults/secrets",
    name: {
        property: "secretName",
        parents: ["vaultName"],
        pattern: /^[a-zA-Z0-9-]{1,127}$/,
        rule: "1 to 127 letters, digits or dashes",
    },
    required: ["properties"],
    inputs: ["properties", "tags"],
    computed: ["location", "properties"],
    service: {
        // The value is only ever written, and nothing here reads it, so it is not kept at all.
        provision: async (wanted) => {
            const { value, ...properties } = wanted.properties;
            demand(
                typeof value === "string" && value !== "" && value.length <= valueLimit,
                "BadParameter",
                `Expected properties.value to have 1 to ${valueLimit} characters.`,
            );
            const secretUri = `https://${vaultOf(wanted)}.vault.azure.net/secrets/${wanted.name}`;
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
        // ARM cannot delete a secret: azure-native asks the vault itself, as whoever deploys, and the vault lets only
        // those delete whom an access policy names. A secret that goes with its whole vault needs no such right.
        refuseDelete: (resource, _users, alone) =>
            demand(
                !alone,
                "Forbidden",
                "The user, group or application that deploys does not have secrets delete permission on key vault " +
                    `'${vaultOf(resource)}'.`,
                403,
            ),
    },
});

function vaultOf({ id }: ArmResource): string | undefined {
    return id.split("/").at(-3);
}
