import { type Answer, Refusal, type Refusals } from "../base/http/refusal";
import { subscriptionId } from "./armResource";

/** A refusal as ARM words it: status, code, message. */
export class ArmError extends Refusal {
    readonly status: number;
    readonly code: string;
    /** Seconds to wait before it is tried again, where the refusal names them. */
    readonly retryAfterS: number | undefined;

    constructor(status: number, code: string, message: string, retryAfterS?: number) {
        super(message);
        this.name = "ArmError";
        this.status = status;
        this.code = code;
        this.retryAfterS = retryAfterS;
    }

    answer(): Answer {
        const { status, code, message, retryAfterS } = this;
        return { status, headers: { "retry-after": retryAfterS }, json: { error: { code, message } } };
    }
}

/** The refusals that every service has, in ARM's words. */
export const refusals: Refusals = {
    noRoute: (method, path) => new ArmError(404, "InvalidResourceType", `There is no ${method} ${path}.`),
    badAddress: (path) =>
        new ArmError(400, "InvalidRequestUri", `The address ${path} is not percent-encoded as it should be.`),
    tooLarge: (limit) =>
        new ArmError(413, "RequestEntityTooLarge", `The request is larger than ${limit} bytes.`),
    notJson: () =>
        new ArmError(400, "InvalidRequestContent", "The request content was invalid: it is not JSON."),
    internal: (message) => new ArmError(500, "InternalServerError", message),
    throttled: () => new ArmError(429, "TooManyRequests", "The number of requests exceeded the limit."),
    unavailable: () => new ArmError(503, "ServiceUnavailable", "The service is unavailable."),
};

/** The refusal of another subscription than the one there is. */
export function subscriptionNotFound(found: string | undefined): ArmError {
    return new ArmError(
        404,
        "SubscriptionNotFound",
        `The local Azure serves subscription ${subscriptionId} only, found ${found}.`,
    );
}
