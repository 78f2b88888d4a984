import { z } from "zod";
import type { Answer } from "../../base/http/refusal";
import { attest, type Caller } from "./attestation";
import type { Enrollments } from "./enrollments";
import { DpsError } from "./errors";
import type { Registrations } from "./registrations";
import { stateOf } from "./registrations";
import type { ProvisioningServiceSettings } from "./settings";

/** What a device may ask, over whatever protocol; every question has to prove who asks. */
export interface DeviceApi {
    register(caller: Caller, body: unknown): Promise<Answer>;
    operation(caller: Caller, operationId: string): Promise<Answer>;
    state(caller: Caller): Promise<Answer>;
}

/** `payload` is for a custom allocation, which there is none of here, and passed over. */
const registrationBody = z.strictObject({ registrationId: z.string(), payload: z.unknown().optional() });

export function deviceApi(
    settings: () => ProvisioningServiceSettings,
    list: Enrollments,
    devices: Registrations,
): DeviceApi {
    function admit(caller: Caller) {
        if (caller.idScope !== settings().idScope)
            throw new DpsError("NotFound", `Id scope not found: ${caller.idScope}`);
        return attest(caller, list);
    }

    return {
        async register(caller, body) {
            const attested = admit(caller);
            const { success, data } = registrationBody.safeParse(body);
            if (!success || data.registrationId.toLowerCase() !== caller.registrationId.toLowerCase())
                throw new DpsError(
                    "BadRequest",
                    `Expected the body to be {"registrationId": "${caller.registrationId}"}, with a payload or without`,
                );
            return devices.register(caller.registrationId, attested);
        },
        async operation(caller, operationId) {
            admit(caller);
            return devices.operation(caller.registrationId, operationId);
        },
        async state(caller) {
            admit(caller);
            return { status: 200, json: stateOf(devices.get(caller.registrationId)) };
        },
    };
}
