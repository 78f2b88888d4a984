import { randomUUID } from "node:crypto";
import { type Answer, Refusal, type Refusals } from "../../base/http/refusal";

/** The refusals of the token endpoint with their HTTP status (RFC 6749 §5.2; learn "Microsoft Entra authentication error codes"). */
const statusOf = {
    invalid_request: 400,
    invalid_scope: 400,
    invalid_resource: 400,
    unauthorized_client: 400,
    unsupported_grant_type: 400,
    invalid_client: 401,
    temporarily_unavailable: 503,
} as const;

/** A refusal in Entra's words; `number` is the one behind AADSTS. */
export class EntraError extends Refusal {
    readonly error: keyof typeof statusOf;
    readonly number: number;
    readonly status: number;

    constructor(error: keyof typeof statusOf, number: number, message: string) {
        super(message);
        this.error = error;
        this.number = number;
        this.status = statusOf[error];
    }

    answer(): Answer {
        const { status, error, number, message } = this;
        return {
            status,
            json: {
                error,
                error_description: `AADSTS${number}: ${message}`,
                error_codes: [number],
                timestamp: new Date()
                    .toISOString()
                    .replace("T", " ")
                    .replace(/\.\d+Z$/, "Z"),
                trace_id: randomUUID(),
                correlation_id: randomUUID(),
            },
        };
    }
}

/** The refusals that every service has, in Entra's words. */
export const refusals: Refusals = {
    noRoute: (method, path) => new EntraError("invalid_request", 900561, `There is no ${method} ${path}.`),
    badAddress: (path) => new EntraError("invalid_request", 90013, `The address ${path} is not valid.`),
    tooLarge: (limit) =>
        new EntraError("invalid_request", 90023, `The request is larger than ${limit} bytes.`),
    notJson: (reason) => new EntraError("invalid_request", 90023, `The request is not JSON: ${reason}`),
    internal: (message) => new EntraError("temporarily_unavailable", 90033, message),
    throttled: () => new EntraError("temporarily_unavailable", 90055, "The tenant's requests are throttled."),
    unavailable: () =>
        new EntraError("temporarily_unavailable", 90033, "A transient error has occurred. Please try again."),
};
