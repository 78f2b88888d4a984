import type { Request } from "../../base/http/request";
import { policyRights } from "../sharedAccessPolicy";
import { DpsError } from "./errors";
import type { ProvisioningServiceSettings } from "./settings";

export type Right =
    | "EnrollmentRead"
    | "EnrollmentWrite"
    | "RegistrationStatusRead"
    | "RegistrationStatusWrite";

/** The rights are those of learn, "Control access to DPS with shared access signatures". */
export function authorize(
    { headers: { authorization }, path }: Pick<Request, "headers" | "path">,
    needed: Right,
    service: ProvisioningServiceSettings,
): void {
    const rights = policyRights({ authorization, path }, service);
    if (!rights.includes(needed) && !rights.includes(writing(needed)))
        throw new DpsError("Unauthorized", "Unauthorized");
}

/** Writing includes reading: provisioningserviceowner, with which the service's clients read, has no right named Read. */
function writing(right: Right): string {
    return right.replace(/Read$/, "Write");
}
