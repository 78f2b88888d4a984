import { randomBytes } from "node:crypto";
import { type Answer, Refusal, type Refusals } from "../../base/http/refusal";

/** The refusals that this hub knows, with their HTTP status (names: `ErrorCode.cs` of the C# service SDK). */
const statusOf = {
    InvalidProtocolVersion: 400,
    ArgumentInvalid: 400,
    ArgumentNull: 400,
    IotHubFormatError: 400,
    InvalidConfigurationTargetCondition: 400,
    InvalidConfigurationContent: 400,
    InvalidConfigurationCustomMetricsQuery: 400,
    IotHubUnauthorizedAccess: 401,
    IotHubNotFound: 401,
    ResourceNotFound: 404,
    DeviceNotFound: 404,
    ModuleNotFound: 404,
    ConfigurationNotFound: 404,
    DeviceNotOnline: 404,
    // Own: the service's name for it is not known, its text is (ARM's 409002).
    IotHubNotActive: 409,
    DeviceAlreadyExists: 409,
    ModuleAlreadyExistsOnDevice: 409,
    ConfigurationAlreadyExists: 409,
    PreconditionFailed: 412,
    MessageTooLarge: 413,
    ConfigurationCountLimitExceeded: 413,
    ThrottlingBacklogTimeout: 429,
    ServerError: 500,
    ServiceUnavailable: 503,
    GatewayTimeout: 504,
} as const;

/** The refusals that were seen in the service's second envelope, with their number there. */
const numbered: Partial<Record<HubErrorName, number>> = { ModuleAlreadyExistsOnDevice: 409301 };
/** The refusals whose second envelope comes inside the first (measured for direct methods to a device that is off). */
const nested: Partial<Record<HubErrorName, number>> = { DeviceNotOnline: 404103, GatewayTimeout: 504101 };

export type HubErrorName = keyof typeof statusOf;

/** A refusal as the service words it: `name` goes to the header `iothub-errorcode`, `message` into the body. */
export class HubError extends Refusal {
    override readonly name: HubErrorName;
    readonly status: number;

    constructor(name: HubErrorName, message: string) {
        super(message);
        this.name = name;
        this.status = statusOf[name];
    }

    answer(): Answer {
        return { status: this.status, headers: { "iothub-errorcode": this.name }, json: errorBody(this) };
    }
}

/** The refusals that every service has, in the words of a hub. */
export const refusals: Refusals = {
    noRoute: (method, path) =>
        new HubError("ResourceNotFound", `${method} ${path} is no route of the local IoT Hub`),
    badAddress: (path) =>
        new HubError(
            "ArgumentInvalid",
            `BadRequest: the address ${path} is not percent-encoded as it should be`,
        ),
    tooLarge: (limit) => new HubError("MessageTooLarge", `The body is larger than ${limit} bytes`),
    notJson: (reason) => new HubError("IotHubFormatError", `The body is not JSON: ${reason}`),
    internal: (message) => new HubError("ServerError", message),
    throttled: () => throttled("CRUD"),
    unavailable: () => new HubError("ServiceUnavailable", "Service unavailable. Please retry the operation."),
};

/** More calls than the hub takes (words of a live hub, as users report them); there is no Retry-After. */
export function throttled(operation: string): HubError {
    return new HubError(
        "ThrottlingBacklogTimeout",
        `The request has been throttled. Wait 10 seconds and try again. Operation type: ${operation}`,
    );
}

/** The body of a refusal, in the one of the service's two envelopes that this refusal comes in. */
export function errorBody(error: HubError, now = new Date()): object {
    const trackingId = `${randomBytes(16).toString("hex")}-G:0`;
    const errorCode = numbered[error.name] ?? nested[error.name];
    const second = { errorCode, message: error.message, trackingId, timestampUtc: now.toISOString() };
    if (numbered[error.name] !== undefined) return second;
    const isNested = nested[error.name] !== undefined;
    const [date = "", time = ""] = now.toISOString().split(/[T.]/);
    const [year, month, day] = date.split("-");
    return {
        Message: isNested ? JSON.stringify(second) : `ErrorCode:${error.name};${error.message}`,
        ExceptionMessage: `Tracking ID:${trackingId}-TimeStamp:${month}/${day}/${year} ${time}`,
    };
}
