import { randomUUID } from "node:crypto";
import { tenantId } from "../../planes/entra/tenant";
import type { ResourceType } from "../resourceType";

/**
 * Rules of names: Azure resource naming rules, Microsoft.ManagedIdentity; shapes: azure-native 3.28.0. Azure deletes an
 * identity even while a machine uses it.
 */
export const userAssignedIdentity: ResourceType = {
    token: "azure-native:managedidentity:UserAssignedIdentity",
    apiVersion: "2023-01-31",
    armType: "Microsoft.ManagedIdentity/userAssignedIdentities",
    name: {
        property: "resourceName",
        pattern: /^[a-zA-Z0-9][a-zA-Z0-9_-]{2,127}$/,
        rule: "3 to 128 letters, digits, underscores or dashes, beginning with a letter or digit",
        global: false,
    },
    required: ["resourceGroupName"],
    inputs: ["location", "resourceGroupName", "resourceName", "tags"],
    replaceOnChange: ["location"],
    computed: ["clientId", "name", "principalId", "systemData", "tenantId", "type"],
    toBody: ({ location, tags }) => ({ location: location as string, tags: tags as Record<string, string> }),
    toOutputs: ({ name, type, location, tags, properties }) => ({
        name,
        type,
        location,
        tags,
        ...properties,
    }),
    service: {
        provision: async (wanted, previous) => ({
            ...wanted,
            properties: previous?.properties ?? {
                tenantId,
                clientId: randomUUID(),
                principalId: randomUUID(),
            },
        }),
        deprovision: async () => {},
    },
    functions: {},
};
