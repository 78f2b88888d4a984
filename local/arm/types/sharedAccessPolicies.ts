import { randomBytes } from "node:crypto";
import type { SharedAccessPolicy } from "../../planes/sharedAccessPolicy";
import { ArmError } from "../armError";
import type { ArmResource } from "../armResource";
import type { AzureContext, Properties } from "../resourceType";

/** How a service with shared access policies keeps them: its rights, its policies by default, its code for a bad one. */
export interface PolicyRules {
    readonly rights: readonly string[];
    readonly byDefault: readonly { readonly keyName: string; readonly rights: string }[];
    readonly badPolicyCode: string;
}

/** The policies that a resource asks for, with keys. Keys are made once per policy and stay when it is updated. */
export function keepPolicyKeys(
    wanted: ArmResource,
    rules: PolicyRules,
    azure: AzureContext,
): SharedAccessPolicy[] {
    const known = policiesOf(wanted, azure);
    const named = (wanted.properties.authorizationPolicies ??
        rules.byDefault) as Partial<SharedAccessPolicy>[];
    return named.map(({ keyName, rights, primaryKey, secondaryKey }) => {
        const listed = rights?.split(",").map((right) => right.trim()) ?? [];
        if (!keyName || listed.length === 0 || listed.some((right) => !rules.rights.includes(right))) {
            throw new ArmError(
                400,
                rules.badPolicyCode,
                `Expected each authorization policy to have a keyName and rights out of ${rules.rights.join(", ")}, ` +
                    `found "${keyName}" with "${rights}".`,
            );
        }
        const before = known.find((policy) => policy.keyName === keyName);
        return {
            keyName,
            rights: listed.join(", "),
            primaryKey: primaryKey ?? before?.primaryKey ?? newKey(),
            secondaryKey: secondaryKey ?? before?.secondaryKey ?? newKey(),
        };
    });
}

/** The policies that are kept for a resource, with their keys. */
export function policiesOf(resource: ArmResource, azure: AzureContext): SharedAccessPolicy[] {
    return (azure.secrets.get(resource.id)?.policies ?? []) as SharedAccessPolicy[];
}

/** Answers the action that lists all keys, and the one that lists those of one policy, below `keysPath`. */
export function listKeys(
    resource: ArmResource,
    action: string,
    keysPath: RegExp,
    azure: AzureContext,
): Properties | undefined {
    const policies = policiesOf(resource, azure);
    if (action === "listkeys") return { value: policies };
    const keyName = keysPath.exec(action)?.[1];
    if (!keyName) return undefined;
    const policy = policies.find((one) => one.keyName === decodeURIComponent(keyName));
    if (policy) return { ...policy };
    throw new ArmError(404, "KeyNotFound", `${resource.name} has no policy "${keyName}".`);
}

function newKey(): string {
    return randomBytes(32).toString("base64");
}
