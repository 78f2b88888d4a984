import { policyRights } from "../sharedAccessPolicy";
import { HubError } from "./errors";
import type { HubSettings } from "./settings";

export type Right = "RegistryRead" | "RegistryWrite" | "ServiceConnect" | "DeviceConnect";

/** The rights that a bearer token of Entra has here; none when it is not valid for hubs. */
export type BearerRights = (token: string) => Promise<readonly Right[]>;

/**
 * Refuses with 401 a request whose token gives it less than the rights that it needs. The answer is the same whatever is
 * wrong, as the service's is.
 */
export async function authorize(
    request: { authorization?: string; path: string; needed: readonly Right[] },
    hub: Pick<HubSettings, "hostName" | "policies">,
    bearerRights: BearerRights,
): Promise<void> {
    const [, bearer] = /^Bearer (\S+)$/i.exec(request.authorization ?? "") ?? [];
    const rights: readonly string[] =
        bearer === undefined ? withReading(policyRights(request, hub)) : await bearerRights(bearer);
    if (rights.length > 0 && request.needed.every((right) => rights.includes(right))) return;
    throw new HubError("IotHubUnauthorizedAccess", "Unauthorized");
}

/** Writing includes reading: iothubowner has no RegistryRead of its own (learn: "Control access to IoT Hub with SAS"). */
function withReading(rights: string[]): string[] {
    return rights.includes("RegistryWrite") ? ["RegistryRead", ...rights] : rights;
}
