import type { SharedAccessPolicy } from "../planes/sharedAccessPolicy";
import { newSymmetricKey } from "../planes/symmetricKey";
import type { ArmResource } from "./armResource";
import { demand } from "./refusals";
import type { AzureContext, FunctionType, Properties, ResourceService } from "./resourceType";

/** The rights that the policies of a service can give, and the policies that it has when none are named. */
export interface PolicyRules {
    readonly rights: readonly string[];
    readonly byDefault: readonly Pick<SharedAccessPolicy, "keyName" | "rights">[];
}

/** Code of Microsoft.Devices for a resource that asks for something wrong. */
export const invalidCode = "400004";

/**
 * Keeps the policies that a resource names, and no others: a key that it leaves out is made anew, as `az … renew-key` has it
 * done. Without a list the policies stay as they are, keys included; a new resource then has those of its service.
 */
export function keepPolicies(wanted: ArmResource, rules: PolicyRules, azure: AzureContext): void {
    const before = azure.secrets.get(wanted.id);
    const named = (wanted.properties.authorizationPolicies ?? undefined) as
        | Partial<SharedAccessPolicy>[]
        | undefined;
    if (!named && before) return;
    const policies = (named ?? rules.byDefault).map((policy) => withKeys(policy, rules));
    azure.secrets.put(wanted.id, { ...before, policies });
}

function withKeys(
    { keyName, rights, primaryKey, secondaryKey }: Partial<SharedAccessPolicy>,
    rules: PolicyRules,
): SharedAccessPolicy {
    const listed = rights?.split(",").map((right) => right.trim()) ?? [];
    demand(
        keyName && listed.length > 0 && listed.every((right) => rules.rights.includes(right)),
        invalidCode,
        `Expected each authorization policy to have a keyName and rights out of ${rules.rights.join(", ")}, ` +
            `found "${keyName}" with "${rights}".`,
    );
    demand(
        primaryKey !== "" && secondaryKey !== "",
        invalidCode,
        `Expected the keys of policy "${keyName}" to be left out or given, found an empty one.`,
    );
    return {
        keyName,
        rights: listed.join(", "),
        primaryKey: primaryKey ?? newSymmetricKey(),
        secondaryKey: secondaryKey ?? newSymmetricKey(),
    };
}

/** The properties as ARM shows them: a GET has no word of the policies, only `listkeys` has. */
export function withoutPolicies({ authorizationPolicies, ...shown }: Properties): Properties {
    return shown;
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
