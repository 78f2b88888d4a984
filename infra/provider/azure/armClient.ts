import { setTimeout as sleep } from "node:timers/promises";
import { backOff, type Patience, retryAfterMs } from "../backOff";

/** About 16 s of waits, and three attempts where ARM does not answer; its own Retry-After counts where it sends one. */
const patience: Patience = { firstMs: 500, attempts: 6, totalMs: 180_000 };

/** Too many requests, and another operation on the same resource under way, as two tokens of one registry make them. */
const transientStatuses = [409, 429];

/** How long an operation that ARM carries out in the background may take, in milliseconds. */
const operationPatienceMs = 300_000;

/** A refusal of Azure Resource Manager: HTTP status, its error code (such as `ResourceNotFound`) and its sentence. */
export class ArmError extends Error {
    readonly status: number;
    readonly code: string;

    constructor(status: number, code: string, message: string) {
        super(message);
        this.name = "ArmError";
        this.status = status;
        this.code = code;
    }
}

/** One request to Azure Resource Manager; `path` begins with `/subscriptions/`, and may have a query. */
export interface ArmRequest {
    readonly method: "GET" | "POST";
    readonly path: string;
    readonly apiVersion: string;
    readonly body?: unknown;
}

/**
 * Carries out a request at the ARM of an origin such as `https://management.azure.com`, with a token for it, and answers
 * the parsed body; waits for what ARM does in the background, and repeats what may pass by itself. Throws an
 * {@link ArmError} for a refusal.
 */
export async function callArm<T>(
    resourceManager: string,
    token: () => Promise<string>,
    request: ArmRequest,
): Promise<T> {
    const send = sender(resourceManager, token);
    const { path, apiVersion } = request;
    const version = `${path.includes("?") ? "&" : "?"}api-version=${apiVersion}`;
    let response = await send(request, `${resourceManager}${path}${version}`);
    const deadline = Date.now() + operationPatienceMs;
    while (response.status === 202) {
        const location = operationUrl(resourceManager, response);
        const waitMs = retryAfterMs(response.headers) ?? 2000;
        if (Date.now() + waitMs > deadline) {
            throw new Error(
                `Expected ARM to end ${request.method} ${request.path} within ${operationPatienceMs / 1000} s, found it ` +
                    "still at work. Repeat the command.",
            );
        }
        await sleep(waitMs);
        response = await send({ ...request, method: "GET", body: undefined }, location);
    }
    return JSON.parse(response.text) as T;
}

/** An answer that has arrived as a whole; one that breaks off is asked for again. */
type Answer = Pick<Response, "status" | "ok" | "headers"> & { readonly text: string };

/** Sends a request as often as it needs, and answers when ARM does not refuse it. */
function sender(resourceManager: string, token: () => Promise<string>) {
    return async (request: ArmRequest, url: string): Promise<Answer> => {
        const bearer = await token();
        const pause = backOff(patience);
        for (;;) {
            const answer = await attempt(resourceManager, bearer, request, url).catch(
                (error: Error) => error,
            );
            const isAnswer = !(answer instanceof Error);
            if (isAnswer && answer.ok) return answer;
            const failure = isAnswer ? refusal(request, answer) : answer;
            const mayPass = !isAnswer || transientStatuses.includes(answer.status) || answer.status >= 500;
            const delayMs = mayPass ? pause(isAnswer ? retryAfterMs(answer.headers) : undefined) : undefined;
            if (delayMs === undefined) throw failure;
            await sleep(delayMs);
        }
    };
}

function attempt(
    resourceManager: string,
    bearer: string,
    { method, body }: ArmRequest,
    url: string,
): Promise<Answer> {
    return fetch(url, {
        method,
        headers: {
            Authorization: `Bearer ${bearer}`,
            ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: AbortSignal.timeout(60_000),
    })
        .then(async (response) => {
            const { status, ok, headers } = response;
            return { status, ok, headers, text: await response.text() };
        })
        .catch((cause) => {
            const reason = cause.cause instanceof Error ? cause.cause.message : cause.message;
            throw new Error(
                `Expected ${resourceManager} to answer, found: ${reason}. Check the network, then repeat the command.`,
                { cause },
            );
        });
}

/** The token goes along, so it goes to ARM alone. */
function operationUrl(resourceManager: string, response: Answer): string {
    const location = response.headers.get("location");
    if (location && new URL(location, resourceManager).origin === new URL(resourceManager).origin)
        return new URL(location, resourceManager).href;
    throw new Error(
        `Expected ARM to name where its operation is followed, at ${resourceManager}, found ${location ?? "nothing"}. ` +
            "Repeat the command.",
    );
}

function refusal({ method, path }: ArmRequest, response: Answer): ArmError {
    const { text } = response;
    const { code, message } = errorOf(text) ?? { code: String(response.status), message: text.slice(0, 500) };
    return new ArmError(
        response.status,
        code,
        `Expected Azure to carry out ${method} ${path}, found ${response.status} ${code}: ${message}`,
    );
}

function errorOf(text: string): { code: string; message: string } | undefined {
    try {
        const { code, message } = JSON.parse(text).error;
        return { code: String(code), message: String(message) };
    } catch {
        // Something between us and ARM answered, in words of its own.
        return undefined;
    }
}
