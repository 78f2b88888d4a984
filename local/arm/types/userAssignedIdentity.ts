import { randomUUID } from "node:crypto";
import { tenantId } from "../../planes/entra/tenant";
import { defineType } from "../defineType";
import { madeOnce } from "../provisioned";

/**
 * Rules of names: Azure resource naming rules, Microsoft.ManagedIdentity; shapes: azure-native 3.28.0. Azure deletes an
 * identity even while a machine uses it.
 */
export const userAssignedIdentity = defineType({
    token: "azure-native:managedidentity:UserAssignedIdentity",
    apiVersion: "2023-01-31",
    armType: "Microsoft.ManagedIdentity/userAssignedIdentities",
    name: {
        property: "resourceName",
        pattern: /^[a-zA-Z0-9][a-zA-Z0-9_-]{2,127}$/,
        rule: "3 to 128 letters, digits, underscores or dashes, beginning with a letter or digit",
    },
    inputs: [],
    computed: ["clientId", "principalId", "systemData", "tenantId"],
    service: {
        provision: async (wanted, previous) => ({
            ...wanted,
            properties: {
                tenantId,
                ...madeOnce(previous, { clientId: randomUUID, principalId: randomUUID }),
            },
        }),
    },
});
