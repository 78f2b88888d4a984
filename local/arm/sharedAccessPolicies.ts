import type { SharedAccessPolicy } from "../planes/sharedAccessPolicy";
import { newSymmetricKey } from "../planes/symmetricKey";
import type { ArmResource } from "./armResource";
import { demand } from "./refusals";
import type { AzureContext, FunctionType, ResourceService } from "./resourceType";

/** The rights that the policies of a service can give, and the policies that it has when none are named. */
export interface PolicyRules {
    readonly rights: readonly string[];
    readonly byDefault: readonly ShownPolicy[];
}

/** A policy as ARM shows it in the resource. */
type ShownPolicy = Pick<SharedAccessPolicy, "keyName" | "rights">;

/** Code of Microsoft.Devices for a resource that asks for something wrong. */
export const invalidCode = "400004";

/**
 * Keeps the policies that a resource asks for, and answers them without their keys. A policy gets its keys once and
 * keeps them when the resource is updated.
 */
export function keepPolicies(wanted: ArmResource, rules: PolicyRules, azure: AzureContext): ShownPolicy[] {
    const known = policiesOf(wanted, azure);
    const named = (wanted.properties.authorizationPolicies ??
        rules.byDefault) as Partial<SharedAccessPolicy>[];
    const policies = named.map(({ keyName, rights, primaryKey, secondaryKey }) => {
        const listed = rights?.split(",").map((right) => right.trim()) ?? [];
        demand(
            keyName && listed.length > 0 && listed.every((right) => rules.rights.includes(right)),
            invalidCode,
            `Expected each authorization policy to have a keyName and rights out of ${rules.rights.join(", ")}, ` +
                `found "${keyName}" with "${rights}".`,
        );
        const before = known.find((policy) => policy.keyName === keyName);
        return {
            keyName,
            rights: listed.join(", "),
            primaryKey: primaryKey ?? before?.primaryKey ?? newSymmetricKey(),
            secondaryKey: secondaryKey ?? before?.secondaryKey ?? newSymmetricKey(),
        };
    });
    azure.secrets.put(wanted.id, { policies });
    return policies.map(({ keyName, rights }) => ({ keyName, rights }));
}

/** The policies that are kept for a resource, with their keys. */
export function policiesOf(resource: ArmResource, azure: AzureContext): SharedAccessPolicy[] {
    return (azure.secrets.get(resource.id)?.policies ?? []) as SharedAccessPolicy[];
}

/** The actions of such a service: one lists all keys, one those of a policy that it finds below `keysPath`. */
export function listKeys(keysPath: string): NonNullable<ResourceService["action"]> {
    const ofPolicy = new RegExp(`^${keysPath}/([^/]+)/listkeys$`, "i");
    return (resource, action, azure) => {
        const policies = policiesOf(resource, azure);
        if (action === "listkeys") return { value: policies };
        const keyName = ofPolicy.exec(action)?.[1];
        if (!keyName) return undefined;
        const policy = policies.find((one) => one.keyName === decodeURIComponent(keyName));
        demand(policy, "KeyNotFound", `${resource.name} has no policy "${keyName}".`, 404);
        return { ...policy };
    };
}

/** The function of the SDK that asks for the keys of one policy. */
export function keysForKeyName(keysPath: string): FunctionType {
    return {
        required: ["keyName"],
        action: ({ keyName }) => `${keysPath}/${encodeURIComponent(String(keyName))}/listkeys`,
    };
}
