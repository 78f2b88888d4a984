import { randomBytes } from "node:crypto";

/** The refusals that this hub knows, with their HTTP status (names: `ErrorCode.cs` of the C# service SDK). */
const statusOf = {
    InvalidProtocolVersion: 400,
    ArgumentInvalid: 400,
    ArgumentNull: 400,
    IotHubFormatError: 400,
    InvalidConfigurationContent: 400,
    IotHubUnauthorizedAccess: 401,
    ResourceNotFound: 404,
    DeviceNotFound: 404,
    ModuleNotFound: 404,
    DeviceAlreadyExists: 409,
    ModuleAlreadyExistsOnDevice: 409,
    PreconditionFailed: 412,
    MessageTooLarge: 413,
    ServerError: 500,
} as const;

/** The refusals that were seen in the service's second envelope, with their number there. */
const numbered: Partial<Record<HubErrorName, number>> = { ModuleAlreadyExistsOnDevice: 409301 };

export type HubErrorName = keyof typeof statusOf;

/** A refusal as the service words it: `name` goes to the header `iothub-errorcode`, `message` into the body. */
export class HubError extends Error {
    override readonly name: HubErrorName;
    readonly status: number;

    constructor(name: HubErrorName, message: string) {
        super(message);
        this.name = name;
        this.status = statusOf[name];
    }
}

/** The body of a refusal, in the one of the service's two envelopes that this refusal comes in. */
export function errorBody(error: HubError, now = new Date()): object {
    const trackingId = `${randomBytes(16).toString("hex")}-G:0`;
    const errorCode = numbered[error.name];
    if (errorCode !== undefined) {
        return { errorCode, message: error.message, trackingId, timestampUtc: now.toISOString() };
    }
    const [date = "", time = ""] = now.toISOString().split(/[T.]/);
    const [year, month, day] = date.split("-");
    return {
        Message: `ErrorCode:${error.name};${error.message}`,
        ExceptionMessage: `Tracking ID:${trackingId}-TimeStamp:${month}/${day}/${year} ${time}`,
    };
}
