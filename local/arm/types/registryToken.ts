import { ArmError } from "../armError";
import type { ResourceType } from "../resourceType";
import { passwordsOf, scopeMapType, tokenType } from "./registryUsers";

/**
 * Rules of names: Container Registry REST description; shapes: azure-native 3.28.0. A token has no password until the
 * registry's `generateCredentials` makes one, and keeps those it has when it is updated.
 */
export const registryToken: ResourceType = {
    token: "azure-native:containerregistry:Token",
    apiVersion: "2024-11-01-preview",
    armType: tokenType,
    name: {
        property: "tokenName",
        parents: ["registryName"],
        pattern: /^[a-zA-Z0-9-]{5,50}$/,
        rule: "5 to 50 letters, digits or dashes",
        global: false,
    },
    required: ["registryName", "resourceGroupName"],
    inputs: ["credentials", "registryName", "resourceGroupName", "scopeMapId", "status", "tokenName"],
    replaceOnChange: [],
    computed: ["creationDate", "name", "provisioningState", "systemData", "type"],
    toBody: ({ credentials, scopeMapId, status }) => ({ properties: { credentials, scopeMapId, status } }),
    toOutputs: ({ name, type, properties }) => ({ name, type, ...properties }),
    references: ({ properties: { scopeMapId } }) => (typeof scopeMapId === "string" ? [scopeMapId] : []),
    service: {
        provision: async (wanted, previous) => {
            const { scopeMapId, status = "enabled", credentials } = wanted.properties;
            const registryId = wanted.id.slice(0, wanted.id.lastIndexOf("/tokens/"));
            const ownMaps = `${registryId}/${scopeMapType.split("/").at(-1)}/`.toLowerCase();
            if (
                !String(scopeMapId ?? "")
                    .toLowerCase()
                    .startsWith(ownMaps)
            ) {
                throw new ArmError(
                    400,
                    "InvalidScopeMapId",
                    `Expected the id of a scope map of the token's own registry, found "${scopeMapId ?? "none"}".`,
                );
            }
            if (!["enabled", "disabled"].includes(String(status))) {
                throw new ArmError(
                    400,
                    "InvalidTokenStatus",
                    `Expected the status enabled or disabled, found "${status}".`,
                );
            }
            if (credentials !== undefined) {
                throw new ArmError(
                    400,
                    "InvalidTokenCredentials",
                    "The local Azure makes passwords of a token by generateCredentials only; leave credentials out.",
                );
            }
            return {
                ...wanted,
                properties: {
                    scopeMapId,
                    status,
                    credentials: { passwords: passwordsOf(previous) },
                    creationDate: previous?.properties.creationDate ?? new Date().toISOString(),
                    provisioningState: "Succeeded",
                },
            };
        },
        deprovision: async (resource, azure) => azure.secrets.remove(resource.id),
    },
    functions: {},
};
