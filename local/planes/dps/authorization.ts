import type { Request } from "../../base/http/request";
import { policyRights } from "../sharedAccessPolicy";
import { DpsError } from "./errors";
import type { ProvisioningServiceSettings } from "./settings";

export type Right =
    | "EnrollmentRead"
    | "EnrollmentWrite"
    | "RegistrationStatusRead"
    | "RegistrationStatusWrite";

/** Each right is demanded as it is named (learn: "Control access to DPS with shared access signatures"). */
export function authorize(
    { headers: { authorization }, path }: Pick<Request, "headers" | "path">,
    needed: Right,
    service: ProvisioningServiceSettings,
): void {
    if (!policyRights({ authorization, path }, service).includes(needed))
        throw new DpsError("Unauthorized", "Unauthorized");
}
