import { randomUUID } from "node:crypto";

/** The refusals of the token endpoint with their HTTP status (RFC 6749 §5.2; learn "Microsoft Entra authentication error codes"). */
const statusOf = {
    invalid_request: 400,
    invalid_scope: 400,
    invalid_resource: 400,
    unauthorized_client: 400,
    unsupported_grant_type: 400,
    invalid_client: 401,
} as const;

/** A refusal in Entra's words; `number` is the one behind AADSTS. */
export class EntraError extends Error {
    readonly error: keyof typeof statusOf;
    readonly number: number;
    readonly status: number;

    constructor(error: keyof typeof statusOf, number: number, message: string) {
        super(message);
        this.error = error;
        this.number = number;
        this.status = statusOf[error];
    }
}

/** The body of a refusal. */
export function entraErrorBody({ error, number, message }: EntraError): object {
    return {
        error,
        error_description: `AADSTS${number}: ${message}`,
        error_codes: [number],
        timestamp: new Date()
            .toISOString()
            .replace("T", " ")
            .replace(/\.\d+Z$/, "Z"),
        trace_id: randomUUID(),
        correlation_id: randomUUID(),
    };
}
