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

/** The rights that a bearer token of Entra has here; none when it is not valid for hubs. */
export type BearerRights = (token: string) => Promise<readonly Right[]>;

/** Whom a hub lets in. */
export interface HubAccess {
    readonly hostName: string;
    policies(): SharedAccessPolicy[];
    readonly bearerRights: BearerRights;
}

interface AuthorizedRequest {
    readonly authorization: string | undefined;
    readonly path: string;
    readonly needed: readonly Right[];
}

/**
 * Refuses with 401 a request whose token is missing, malformed, expired, signed by another key, for another resource, of
 * an unknown policy or of one without the rights needed. The answer is the same for all of them, as the service's is.
 */
export async function authorize(request: AuthorizedRequest, hub: HubAccess): Promise<void> {
    const [, bearer] = /^Bearer (\S+)$/.exec(request.authorization ?? "") ?? [];
    const rights: readonly string[] =
        bearer === undefined ? policyRights(request, hub) : await hub.bearerRights(bearer);
    if (rights.length > 0 && request.needed.every((right) => rights.includes(right))) return;
    throw new HubError("IotHubUnauthorizedAccess", "Unauthorized");
}

function policyRights({ authorization, path }: AuthorizedRequest, hub: HubAccess): string[] {
    const token = parseSas(authorization ?? "");
    const policy = hub.policies().find(({ keyName }) => keyName === token?.policy);
    const isGood =
        token &&
        policy &&
        covers(token.resource, hub.hostName, path) &&
        isSignedBy(token, [policy.primaryKey, policy.secondaryKey]);
    const rights = isGood ? policy.rights.split(",").map((right) => right.trim()) : [];
    // Writing includes reading: iothubowner has no RegistryRead of its own (learn: "Control access to IoT Hub with SAS").
    return rights.includes("RegistryWrite") ? ["RegistryRead", ...rights] : rights;
}
