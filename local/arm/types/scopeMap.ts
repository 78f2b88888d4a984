import { ArmError } from "../armError";
import type { ResourceType } from "../resourceType";
import { scopeMapType } from "./registryUsers";

/** What a scope map can allow (learn: "Token-based repository permissions", actions). */
const actionPattern =
    /^(?:repositories\/(?:[a-z0-9]+(?:[._/-][a-z0-9]+)*(?:\/?\*)?|\*)\/(?:content\/(?:delete|read|write)|metadata\/(?:read|write))|gateway\/[^/]+\/(?:config|message)\/(?:read|write))$/;

/** Rules of names: Container Registry REST description; shapes: azure-native 3.28.0. */
export const scopeMap: ResourceType = {
    token: "azure-native:containerregistry:ScopeMap",
    apiVersion: "2024-11-01-preview",
    armType: scopeMapType,
    name: {
        property: "scopeMapName",
        parents: ["registryName"],
        pattern: /^[a-zA-Z0-9-_]{5,50}$/,
        rule: "5 to 50 letters, digits, dashes or underscores",
        global: false,
    },
    required: ["actions", "registryName", "resourceGroupName"],
    inputs: ["actions", "description", "registryName", "resourceGroupName", "scopeMapName"],
    replaceOnChange: [],
    computed: ["creationDate", "name", "provisioningState", "systemData", "type"],
    toBody: ({ actions, description }) => ({ properties: { actions, description } }),
    toOutputs: ({ name, type, properties }) => ({ name, type, ...properties }),
    service: {
        provision: async (wanted, previous) => {
            const actions = wanted.properties.actions;
            const wrong = Array.isArray(actions)
                ? actions.find((action) => !actionPattern.test(String(action)))
                : String(actions);
            if (!Array.isArray(actions) || actions.length === 0 || wrong !== undefined) {
                throw new ArmError(
                    400,
                    "InvalidScopeMapActions",
                    "Expected actions such as repositories/NAME/content/read or repositories/NAME/metadata/write, " +
                        `found ${wrong === undefined ? "none" : `"${wrong}"`}.`,
                );
            }
            return {
                ...wanted,
                properties: {
                    ...wanted.properties,
                    type: "UserDefined",
                    creationDate: previous?.properties.creationDate ?? new Date().toISOString(),
                    provisioningState: "Succeeded",
                },
            };
        },
        refuseDelete: (resource, users) => {
            if (users.length === 0) return;
            throw new ArmError(
                409,
                "ScopeMapInUse",
                `The scope map ${resource.name} is used by ${users.map(({ name }) => name).join(", ")}. Delete those first.`,
            );
        },
        deprovision: async () => {},
    },
    functions: {},
};
