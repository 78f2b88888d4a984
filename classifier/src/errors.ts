/**
 * Says that a request cannot be answered. `code` is one of the Custom Vision prediction API's error codes where it
 * has one; the message is meant for the caller.
 */
export class RequestError extends Error {
    readonly status: number;
    readonly code: string;

    constructor(status: number, code: string, message: string, options?: ErrorOptions) {
        super(message, options);
        this.name = "RequestError";
        this.status = status;
        this.code = code;
    }
}

/** The code for what the model is not made for, such as an image for one that takes rows of values. */
export const WRONG_MODEL = "BadRequestNotSupported";

/** There is more to do than can be done soon; the caller may try again. */
export function serviceBusy(reason: string): RequestError {
    return new RequestError(
        503,
        "ServiceUnavailable",
        `Expected to answer at once, but ${reason}. Try again.`,
    );
}

/** The work on a request did not end in time. */
export function tookTooLong(deadlineMs: number): RequestError {
    return new RequestError(
        504,
        "Timeout",
        `Expected an answer within ${deadlineMs / 1000} s, found none yet.`,
    );
}

/** The caller closed the connection: only the log gets to read this. */
export function clientGone(cause?: unknown): RequestError {
    return new RequestError(499, "ClientClosedRequest", "Expected the caller to wait, but it is gone.", {
        cause,
    });
}
