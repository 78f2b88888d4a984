import { setTimeout as sleep } from "node:timers/promises";
import { type HubCredential, parseConnectionString } from "./connectionString";
import { sharedAccessSignature } from "./sas";

/** The service API that every call names (iothub-service Swagger 2021-04-12). */
const apiVersion = "2021-04-12";

/** Waits between the attempts of one call; a hub sends no Retry-After with 429. */
const retryDelaysMs = [250, 1000, 3000, 8000];

/** A refusal of the hub: HTTP status, the service's error code (such as `DeviceNotFound`) and its own sentence. */
export class HubError extends Error {
    readonly status: number;
    readonly code: string;

    constructor(status: number, code: string, message: string) {
        super(message);
        this.name = "HubError";
        this.status = status;
        this.code = code;
    }
}

/** One request to the data plane. */
export interface HubRequest {
    readonly method: "GET" | "PUT" | "POST" | "PATCH" | "DELETE";
    readonly path: string;
    readonly body?: unknown;
    /** Sent as `If-Match`; `*` means any version. */
    readonly ifMatch?: string;
}

/** The data plane of one hub: answers the parsed body (undefined when empty) or throws a {@link HubError}. */
export type HubClient = <T = unknown>(request: HubRequest) => Promise<T>;

/** A client that signs every call with the policy key of `connectionString` and retries what may pass by itself. */
export function hubClient(connectionString: string): HubClient {
    const credential = parseConnectionString(connectionString);
    return async <T>(request: HubRequest): Promise<T> => {
        for (const delayMs of retryDelaysMs) {
            try {
                return await send<T>(credential, request);
            } catch (error) {
                if (!isTransient(error)) throw error;
                await sleep(delayMs);
            }
        }
        return await send<T>(credential, request);
    };
}

async function send<T>(credential: HubCredential, request: HubRequest): Promise<T> {
    const response = await fetch(`https://${credential.hostName}${request.path}?api-version=${apiVersion}`, {
        method: request.method,
        headers: {
            Authorization: sharedAccessSignature(credential),
            ...(request.body === undefined ? {} : { "Content-Type": "application/json" }),
            ...(request.ifMatch === undefined ? {} : { "If-Match": request.ifMatch }),
        },
        body: request.body === undefined ? undefined : JSON.stringify(request.body),
        signal: AbortSignal.timeout(30_000),
    }).catch((cause) => {
        throw new Error(
            `Expected the IoT Hub ${credential.hostName} to answer, found: ${reason(cause)}. ` +
                "Check that the hub exists and that this machine reaches it.",
            { cause },
        );
    });
    const text = await response.text();
    if (!response.ok) throw refusal(credential.hostName, request, response, text);
    return (text === "" ? undefined : JSON.parse(text)) as T;
}

function refusal(hostName: string, request: HubRequest, response: Response, text: string): HubError {
    const code = response.headers.get("iothub-errorcode") ?? String(response.status);
    const found = `${response.status} ${code}${text === "" ? "" : `: ${text.slice(0, 500)}`}`;
    return new HubError(
        response.status,
        code,
        `Expected ${hostName} to carry out ${request.method} ${request.path}, found ${found}.`,
    );
}

/** Worth another attempt: throttling, server faults and broken connections; a fresh hub's 401 and 403 are not retried. */
function isTransient(error: unknown): boolean {
    return error instanceof HubError ? error.status === 429 || error.status >= 500 : isConnectionFault(error);
}

function isConnectionFault(error: unknown): boolean {
    return error instanceof Error && error.cause !== undefined;
}

function reason(error: unknown): string {
    if (!(error instanceof Error)) return String(error);
    return error.cause instanceof Error ? error.cause.message : error.message;
}

/** True for the hub's "there is no such device or module". */
export function isNotFound(error: unknown): boolean {
    return error instanceof HubError && error.status === 404;
}
