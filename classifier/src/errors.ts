/**
 * What the caller sent cannot be answered. `code` is one of the Custom Vision prediction API's error codes where it
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
