import { defineType } from "../defineType";
import { registryOperations } from "../longRunning";
import { madeOnce, now, succeeded } from "../provisioned";
import { demand } from "../refusals";
import { scopeMapType } from "./registryUsers";

/** What a scope map can allow (learn: "Token-based repository permissions", actions). */
const actionPattern =
    /^(?:repositories\/(?:[a-z0-9]+(?:[._/-][a-z0-9]+)*(?:\/?\*)?|\*)\/(?:content\/(?:delete|read|write)|metadata\/(?:read|write))|gateway\/[^/]+\/(?:config|message)\/(?:read|write))$/;

/** Rules of names: Container Registry REST description; shapes: azure-native 3.28.0. */
export const scopeMap = defineType({
    token: "azure-native:containerregistry:ScopeMap",
    apiVersion: "2024-11-01-preview",
    armType: scopeMapType,
    name: {
        property: "scopeMapName",
        parents: ["registryName"],
        pattern: /^[a-zA-Z0-9-_]{5,50}$/,
        rule: "5 to 50 letters, digits, dashes or underscores",
    },
    required: ["actions"],
    inputs: ["actions", "description"],
    computed: ["creationDate", "provisioningState", "systemData"],
    longRunning: registryOperations,
    service: {
        provision: async (wanted, previous) => {
            const actions = wanted.properties.actions;
            const wrong = Array.isArray(actions)
                ? actions.find((action) => !actionPattern.test(String(action)))
                : String(actions);
            demand(
                Array.isArray(actions) && actions.length > 0 && wrong === undefined,
                "InvalidScopeMapActions",
                "Expected actions such as repositories/NAME/content/read or repositories/NAME/metadata/write, " +
                    `found ${wrong === undefined ? "none" : `"${wrong}"`}.`,
            );
            return succeeded(wanted, { type: "UserDefined", ...madeOnce(previous, { creationDate: now }) });
        },
        refuseDelete: ({ name }, users) =>
            demand(
                users.length === 0,
                "ScopeMapInUse",
                `The scope map ${name} is used by ${users.map((user) => user.name).join(", ")}. Delete those first.`,
                409,
            ),
    },
});
