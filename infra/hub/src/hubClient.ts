import { setTimeout as sleep } from "node:timers/promises";
import { azureCloud } from "./azureCloud";
import { azureToken } from "./azureToken";
import { backOff } from "./backOff";
import { type HubAccess, parseConnectionString } from "./connectionString";
import { sharedAccessSignature } from "./sas";

/** A service with a data plane over REST, and SAS tokens or Entra to get in. */
export interface Service {
    /** In sentences. */
    readonly name: string;
    /** What every call names. */
    readonly apiVersion: string;
    /** What Entra issues tokens for, in every cloud. */
    readonly resource: string;
}

const iotHub: Service = {
    name: "IoT Hub",
    // iothub-service Swagger 2021-04-12.
    apiVersion: "2021-04-12",
    // learn: "Control access to IoT Hub by using Microsoft Entra ID".
    resource: "https://iothubs.azure.net",
};

/** A hub sends no Retry-After with 429, so the waits are ours: about 16 s in all. */
const firstDelayMs = 250;
const attempts = 7;

/** Waits, two minutes in all, until a role that was assigned a moment ago has reached the hub. */
const roleDelaysMs = [2000, 5000, 10_000, 20_000, 25_000, 28_000, 30_000];

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

/**
 * A client that signs every call with the policy key of `connectionString`, or has Entra vouch for it where there is
 * none, and retries what may pass by itself.
 */
export function hubClient(connectionString: string, rolePatienceMs = roleDelaysMs): HubClient {
    return serviceClient(iotHub, connectionString, rolePatienceMs);
}

/** The same for another service. */
export function serviceClient(
    service: Service,
    connectionString: string,
    rolePatienceMs = roleDelaysMs,
): HubClient {
    const access = parseConnectionString(connectionString);
    return async <T>(request: HubRequest): Promise<T> => {
        const authorization = await authorizationFor(service, access);
        const passing = backOff(firstDelayMs, attempts);
        const refused = access.key === undefined ? [...rolePatienceMs] : [];
        for (;;) {
            try {
                return await send<T>(service, access, request, authorization);
            } catch (error) {
                const delays = isRefused(error) ? refused : isTransient(error) ? passing : [];
                const delayMs = delays.shift();
                if (delayMs === undefined) throw error;
                await sleep(delayMs);
            }
        }
    };
}

async function send<T>(
    { name, apiVersion }: Service,
    access: HubAccess,
    request: HubRequest,
    authorization: string,
): Promise<T> {
    const response = await fetch(`https://${access.hostName}${request.path}?api-version=${apiVersion}`, {
        method: request.method,
        headers: {
            Authorization: authorization,
            ...(request.body === undefined ? {} : { "Content-Type": "application/json" }),
            ...(request.ifMatch === undefined ? {} : { "If-Match": request.ifMatch }),
        },
        body: request.body === undefined ? undefined : JSON.stringify(request.body),
        signal: AbortSignal.timeout(30_000),
    }).catch((cause) => {
        throw new Error(
            `Expected the ${name} ${access.hostName} to answer, found: ${reason(cause)}. ` +
                "Check that it exists and that this machine reaches it.",
            { cause },
        );
    });
    const text = await response.text();
    if (!response.ok) throw refusal(access, request, response, text);
    return (text === "" ? undefined : JSON.parse(text)) as T;
}

/** Under Entra the token is for all hubs, and the credential remembers it. */
async function authorizationFor({ resource }: Service, access: HubAccess): Promise<string> {
    if (access.key !== undefined) return sharedAccessSignature(access);
    return `Bearer ${await azureToken(await azureCloud(), resource)}`;
}

function refusal(access: HubAccess, request: HubRequest, response: Response, text: string): HubError {
    const code = response.headers.get("iothub-errorcode") ?? String(response.status);
    const found = `${response.status} ${code}${text === "" ? "" : `: ${text.slice(0, 500)}`}`;
    const error = new HubError(
        response.status,
        code,
        `Expected ${access.hostName} to carry out ${request.method} ${request.path}, found ${found}.`,
    );
    if (access.key === undefined && isRefused(error))
        error.message += ' Give whoever deploys the role "IoT Hub Data Contributor" on the hub.';
    return error;
}

function isRefused(error: unknown): boolean {
    return error instanceof HubError && (error.status === 401 || error.status === 403);
}

/** Worth another attempt whoever asks: throttling, server faults and broken connections. */
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

/** How often a write may find that the version it had read is not the current one. */
const mostConflicts = 4;

/**
 * Does a write that names the version it has read, and does it again on top of the current one where that is another:
 * somebody else's, or our own from an attempt whose answer was lost.
 */
export async function onCurrentVersion<T>(readAndWrite: () => Promise<T>): Promise<T> {
    for (let conflicts = 1; ; conflicts++) {
        try {
            return await readAndWrite();
        } catch (error) {
            const isConflict = error instanceof HubError && error.status === 412;
            if (!isConflict || conflicts === mostConflicts) throw error;
        }
    }
}

/** True for the hub's "there is no such device or module". */
export function isNotFound(error: unknown): boolean {
    return error instanceof HubError && error.status === 404;
}
