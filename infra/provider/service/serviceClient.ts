import { setTimeout as sleep } from "node:timers/promises";
import type { AzureAccount } from "../azure/azureAccount";
import { backOff, type Patience, retryAfterMs } from "../backOff";
import { isSettling, settlingDelaysMs } from "../settling";
import type { Service } from "./service";
import { type AccessSettings, type Place, type ServiceAccess, serviceAccess } from "./serviceAccess";
import { ServiceError } from "./serviceError";
import { sharedAccessSignature } from "./sharedAccessSignature";

/**
 * About 16 s of waits, and three attempts where nobody answers. A hub sends no Retry-After with 429, so the waits are ours;
 * a provisioning service may, and then its own counts.
 */
const patience: Patience = { firstMs: 250, attempts: 7, totalMs: 90_000 };

/** One request to the data plane. */
export interface ServiceRequest {
    readonly method: "GET" | "PUT" | "POST" | "PATCH" | "DELETE";
    readonly path: string;
    readonly body?: unknown;
    /** Sent as `If-Match`; `*` means any version. */
    readonly ifMatch?: string;
}

/** The data plane of one service. */
export interface ServiceClient {
    readonly hostName: string;
    /** Answers the parsed body (undefined when empty) or throws a {@link ServiceError}; repeats what may pass by itself. */
    call<T = unknown>(request: ServiceRequest): Promise<T>;
}

/** Finds services and opens them, each once in the life of the provider. */
export type OpenService = (service: Service, place: Place) => Promise<ServiceClient>;

/** Opens services as `account`, or with what `settings` has for them. */
export function serviceClients(account: AzureAccount, settings: AccessSettings): OpenService {
    const opened = new Map<string, Promise<ServiceClient>>();
    return (service, place) => {
        const key = (place.id ?? place.hostName ?? "").toLowerCase();
        const known = opened.get(key);
        if (known) return known;
        const access = () => serviceAccess(service, place, account, settings);
        const client = serviceClient(service, account, access);
        opened.set(key, client);
        // What failed once is asked again the next time.
        client.catch(() => opened.delete(key));
        return client;
    };
}

async function serviceClient(
    service: Service,
    account: AzureAccount,
    access: () => Promise<ServiceAccess>,
): Promise<ServiceClient> {
    let current = await access();
    return {
        hostName: current.hostName,
        async call<T>(request: ServiceRequest) {
            const pause = backOff(patience);
            // A role that was assigned a moment ago reaches the service late, as does the service itself.
            const refused = current.policy ? [] : [...settlingDelaysMs];
            const settling = current.isNew ? [...settlingDelaysMs] : [];
            let isFresh = false;
            for (;;) {
                const used = current;
                // Where nobody can be signed in, asking again changes nothing.
                const authorization = used.policy
                    ? sharedAccessSignature(used.policy)
                    : `Bearer ${await account.token(service.entraResource)}`;
                try {
                    return await send<T>(service, used, request, authorization);
                } catch (error) {
                    const settlingMs = isSettling(error) ? settling.shift() : undefined;
                    if (settlingMs !== undefined) {
                        await sleep(settlingMs);
                        continue;
                    }
                    // Somebody has rotated the key since it was asked for.
                    if (isRefused(error) && used.isRenewable && !isFresh) {
                        isFresh = true;
                        current = await access();
                        continue;
                    }
                    const delayMs = isRefused(error)
                        ? refused.shift()
                        : isTransient(error)
                          ? pause(error instanceof ServiceError ? error.retryAfterMs : undefined)
                          : undefined;
                    if (delayMs === undefined) throw error;
                    await sleep(delayMs);
                }
            }
        },
    };
}

async function send<T>(
    service: Service,
    access: ServiceAccess,
    request: ServiceRequest,
    authorization: string,
): Promise<T> {
    const url = `https://${access.hostName}${request.path}?api-version=${service.apiVersion}`;
    const { response, text } = await ask(url, {
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
            `Expected the ${service.name} ${access.hostName} to answer, found: ${reason(cause)}. ` +
                "Check that it exists and that this machine reaches it.",
            { cause },
        );
    });
    if (!response.ok) throw refusal(service, access, request, response, text);
    return (text === "" ? undefined : JSON.parse(text)) as T;
}

/** An answer counts when it is there whole. */
async function ask(url: string, init: RequestInit): Promise<{ response: Response; text: string }> {
    const response = await fetch(url, init);
    return { response, text: await response.text() };
}

function refusal(
    { entraRole, connectionString }: Service,
    { hostName, policy, isRenewable }: ServiceAccess,
    { method, path }: ServiceRequest,
    response: Response,
    text: string,
): ServiceError {
    const code = response.headers.get("iothub-errorcode") ?? String(response.status);
    const told = `${response.status} ${code}${text === "" ? "" : `: ${text.slice(0, 500)}`}`;
    const error = new ServiceError(
        response.status,
        code,
        `Expected ${hostName} to carry out ${method} ${path}, found ${told}.`,
        retryAfterMs(response.headers),
    );
    if (isRefused(error)) {
        error.message += policy
            ? ` Check the rights of the policy ${policy.keyName}${isRenewable ? "" : `, and ${connectionString.name}`}.`
            : ` Give whoever deploys the role "${entraRole}" on it.`;
    }
    return error;
}

function isRefused(error: unknown): boolean {
    return error instanceof ServiceError && (error.status === 401 || error.status === 403);
}

/** Worth another attempt whoever asks: throttling, server faults and broken connections. */
function isTransient(error: unknown): boolean {
    if (error instanceof ServiceError) return error.status === 429 || error.status >= 500;
    return error instanceof Error && error.cause !== undefined;
}

function reason(error: unknown): string {
    if (!(error instanceof Error)) return String(error);
    return error.cause instanceof Error ? error.cause.message : error.message;
}
