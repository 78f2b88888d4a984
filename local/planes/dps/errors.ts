import { randomUUID } from "node:crypto";

/** Status and code of the refusals (Azure IoT SDKs, ProvisioningServiceErrorCode: the status and three digits). */
const refusals = {
    BadRequest: { status: 400, code: 400004 },
    Unauthorized: { status: 401, code: 401002 },
    NotFound: { status: 404, code: 404201 },
    OperationNotFound: { status: 404, code: 404203 },
    EnrollmentExists: { status: 409, code: 409201 },
    PreconditionFailed: { status: 412, code: 412201 },
    Throttled: { status: 429, code: 429001 },
    ServiceUnavailable: { status: 503, code: 503001 },
} as const;

/** A refusal of the provisioning service. */
export class DpsError extends Error {
    readonly status: number;
    readonly code: number;

    constructor(name: keyof typeof refusals, message: string) {
        super(message);
        this.status = refusals[name].status;
        this.code = refusals[name].code;
    }
}

/** The body as ProvisioningServiceErrorDetails words it. */
export function dpsErrorBody({ code, message }: DpsError): object {
    return {
        errorCode: code,
        trackingId: randomUUID(),
        message,
        timestampUtc: new Date().toISOString(),
    };
}
