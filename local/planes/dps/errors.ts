import { randomUUID } from "node:crypto";
import { type Answer, Refusal, type Refusals } from "../../base/http/refusal";

/** Status and code of the refusals (Azure IoT SDKs, ProvisioningServiceErrorCode: the status and three digits). */
const statuses = {
    BadRequest: { status: 400, code: 400004 },
    Unauthorized: { status: 401, code: 401002 },
    NotFound: { status: 404, code: 404201 },
    OperationNotFound: { status: 404, code: 404203 },
    EnrollmentExists: { status: 409, code: 409201 },
    PreconditionFailed: { status: 412, code: 412201 },
    Throttled: { status: 429, code: 429001 },
    ServiceError: { status: 500, code: 500001 },
    ServiceUnavailable: { status: 503, code: 503001 },
} as const;

/** A refusal of the provisioning service, whose body is a ProvisioningServiceErrorDetails. */
export class DpsError extends Refusal {
    readonly status: number;
    readonly code: number;

    constructor(name: keyof typeof statuses, message: string) {
        super(message);
        this.status = statuses[name].status;
        this.code = statuses[name].code;
    }

    answer(): Answer {
        const { status, code, message } = this;
        return {
            status,
            headers: { "x-ms-error-code": code },
            json: {
                errorCode: code,
                trackingId: randomUUID(),
                message,
                timestampUtc: new Date().toISOString(),
            },
        };
    }
}

/** The refusals that every service has, in the words of this one. */
export const refusals: Refusals = {
    noRoute: (method, path) => new DpsError("NotFound", `There is no ${method} ${path} here`),
    badAddress: (path) =>
        new DpsError("BadRequest", `The address ${path} is not percent-encoded as it should be`),
    tooLarge: (limit) => new DpsError("BadRequest", `The body is larger than ${limit} bytes`),
    notJson: () => new DpsError("BadRequest", "The body is not JSON"),
    internal: (message) => new DpsError("ServiceError", message),
    throttled: () => new DpsError("Throttled", "Operations are being throttled by the service."),
    unavailable: () => new DpsError("ServiceUnavailable", "The service is unavailable."),
};
