import { HubError } from "./errors";
import { covers, isSignedBy, parseSas } from "./sas";

/** A shared access policy of the hub, as the resource model describes it. */
export interface SharedAccessPolicy {
    keyName: string;
    /** Separated by commas, as in the resource: `RegistryRead, RegistryWrite, ServiceConnect, DeviceConnect`. */
    rights: string;
    /** base64 */
    primaryKey: string;
    secondaryKey: string;
}

export type Right = "RegistryRead" | "RegistryWrite" | "ServiceConnect" | "DeviceConnect";

/**
 * Refuses with 401 a request whose token is missing, malformed, expired, signed by another key, for another resource, of
 * an unknown policy or of one without the rights needed. The answer is the same for all of them, as the service's is.
 */
export function authorize(
    request: { authorization: string | undefined; path: string; needed: readonly Right[] },
    hostName: string,
    policies: SharedAccessPolicy[],
): void {
    const token = parseSas(request.authorization ?? "");
    const policy = policies.find(({ keyName }) => keyName === token?.policy);
    const rights = new Set<string>(policy?.rights.split(",").map((right) => right.trim()));
    const allowed =
        token &&
        policy &&
        covers(token.resource, hostName, request.path) &&
        isSignedBy(token, [policy.primaryKey, policy.secondaryKey]) &&
        request.needed.every((right) => rights.has(right));
    if (!allowed) throw new HubError("IotHubUnauthorizedAccess", "Unauthorized");
}
