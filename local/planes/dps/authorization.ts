import type { ProvisioningServiceSettings } from "../../arm/resourceType";
import { covers, isSignedBy, parseSas } from "../hub/sas";
import { DpsError } from "./errors";
import type { DpsRequest } from "./request";

export type Right =
    | "EnrollmentRead"
    | "EnrollmentWrite"
    | "RegistrationStatusRead"
    | "RegistrationStatusWrite";

/** Each right is demanded as it is named (learn: "Control access to DPS with shared access signatures"). */
export function authorize(
    { headers, path }: DpsRequest,
    needed: Right,
    { hostName, policies }: ProvisioningServiceSettings,
): void {
    const token = parseSas(headers.authorization ?? "");
    const policy = policies.find(({ keyName }) => keyName === token?.policy);
    const rights = policy?.rights.split(", ") ?? [];
    const isGood =
        token &&
        policy &&
        covers(token.resource, hostName, path) &&
        isSignedBy(token, [policy.primaryKey, policy.secondaryKey]) &&
        rights.includes(needed);
    if (!isGood) throw new DpsError("Unauthorized", "Unauthorized");
}
