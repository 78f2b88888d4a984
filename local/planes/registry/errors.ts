import { type Answer, Refusal, type Refusals } from "../../base/http/refusal";

/** The refusals of a registry with their HTTP status (OCI distribution specification, "Error Codes"). */
const statusOf = {
    BLOB_UNKNOWN: 404,
    BLOB_UPLOAD_INVALID: 416,
    BLOB_UPLOAD_UNKNOWN: 404,
    DENIED: 403,
    DIGEST_INVALID: 400,
    MANIFEST_BLOB_UNKNOWN: 400,
    MANIFEST_INVALID: 400,
    MANIFEST_UNKNOWN: 404,
    NAME_INVALID: 400,
    NAME_UNKNOWN: 404,
    SIZE_INVALID: 413,
    TOOMANYREQUESTS: 429,
    UNAVAILABLE: 503,
    UNAUTHORIZED: 401,
    UNSUPPORTED: 405,
    UNKNOWN: 500,
} as const;

/** A refusal in the specification's words; `headers` go along with it. */
export class RegistryError extends Refusal {
    readonly code: keyof typeof statusOf;
    readonly status: number;
    readonly headers: Record<string, string>;

    constructor(code: keyof typeof statusOf, message: string, headers: Record<string, string> = {}) {
        super(message);
        this.code = code;
        this.status = statusOf[code];
        this.headers = headers;
    }
    answer(): Answer {
        const { status, code, message, headers } = this;
        return {
            status,
            headers: { ...headers, "Content-Type": "application/json" },
            json: { errors: [{ code, message, detail: null }] },
        };
    }
}

/** The refusals that every service has, in the specification's codes. */
export const refusals: Refusals = {
    noRoute: (method, path) =>
        new RegistryError("UNSUPPORTED", `${method} ${path} is no operation of this registry`),
    badAddress: (path) => new RegistryError("UNSUPPORTED", `${path} is not percent-encoded as it should be`),
    tooLarge: (limit) => new RegistryError("SIZE_INVALID", `A manifest has at most ${limit} bytes`),
    notJson: (reason) => new RegistryError("MANIFEST_INVALID", `The body is not JSON: ${reason}`),
    internal: (message) => new RegistryError("UNKNOWN", message),
    throttled: () => new RegistryError("TOOMANYREQUESTS", "too many requests"),
    unavailable: () => new RegistryError("UNAVAILABLE", "service unavailable"),
};
