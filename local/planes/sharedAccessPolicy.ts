import { covers, isSignedBy, parseSas } from "./sas";

/** A shared access policy of a hub or a provisioning service, with its keys. */
export interface SharedAccessPolicy {
    readonly keyName: string;
    /** Separated by commas, as in the resource: `RegistryRead, RegistryWrite`. */
    readonly rights: string;
    /** base64 */
    readonly primaryKey: string;
    readonly secondaryKey: string;
}

/**
 * The rights of the policy that signed the token of a request to `path`; none where the token is missing, malformed,
 * expired, signed by another key, for another resource or of an unknown policy.
 */
export function policyRights(
    { authorization = "", path }: { authorization?: string; path: string },
    { hostName, policies }: { hostName: string; policies: readonly SharedAccessPolicy[] },
): string[] {
    const token = parseSas(authorization);
    const policy = policies.find(({ keyName }) => keyName === token?.policy);
    const isGood =
        token &&
        policy &&
        covers(token.resource, hostName, path) &&
        isSignedBy(token, [policy.primaryKey, policy.secondaryKey]);
    return isGood ? policy.rights.split(",").map((right) => right.trim()) : [];
}
