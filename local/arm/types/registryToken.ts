import { isWithin, parentIdOf } from "../armResource";
import { defineType } from "../defineType";
import { registryOperations } from "../longRunning";
import { madeOnce, now, succeeded } from "../provisioned";
import { demand } from "../refusals";
import { passwordsOf, tokenType } from "./registryUsers";

/**
 * Rules of names: Container Registry REST description; shapes: azure-native 3.28.0. A token has no password until the
 * registry's `generateCredentials` makes one, and keeps those it has when it is updated.
 */
export const registryToken = defineType({
    token: "azure-native:containerregistry:Token",
    apiVersion: "2024-11-01-preview",
    armType: tokenType,
    name: {
        property: "tokenName",
        parents: ["registryName"],
        pattern: /^[a-zA-Z0-9-]{5,50}$/,
        rule: "5 to 50 letters, digits or dashes",
    },
    inputs: ["credentials", "scopeMapId", "status"],
    computed: ["creationDate", "provisioningState", "systemData"],
    references: ({ properties: { scopeMapId } }) => (typeof scopeMapId === "string" ? [scopeMapId] : []),
    longRunning: registryOperations,
    service: {
        provision: async (wanted, previous) => {
            const { scopeMapId, status = "enabled", credentials } = wanted.properties;
            demand(
                isWithin(`${parentIdOf(wanted)}/scopeMaps`, String(scopeMapId ?? "")),
                "InvalidScopeMapId",
                `Expected the id of a scope map of the token's own registry, found "${scopeMapId ?? "none"}".`,
            );
            demand(
                ["enabled", "disabled"].includes(String(status)),
                "InvalidTokenStatus",
                `Expected the status enabled or disabled, found "${status}".`,
            );
            demand(
                credentials === undefined,
                "InvalidTokenCredentials",
                "The local Azure makes passwords of a token by generateCredentials only; leave credentials out.",
            );
            return succeeded(wanted, {
                status,
                credentials: { passwords: passwordsOf(previous) },
                ...madeOnce(previous, { creationDate: now }),
            });
        },
    },
});
