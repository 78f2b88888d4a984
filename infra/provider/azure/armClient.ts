import { setTimeout as sleep } from "node:timers/promises";
import { backOff, type Patience, retryAfterMs } from "../backOff";
import { isNotActive, settlingDelaysMs } from "../settling";
import { ArmError, refusal } from "./armError";
import { followOperation } from "./armOperation";
import type { Answer, ArmRequest, Send } from "./armRequest";

/** About 16 s of waits, and three attempts where ARM does not answer; its own Retry-After counts where it sends one. */
const patience: Patience = { firstMs: 500, attempts: 6, totalMs: 180_000 };

/** Too many requests, and another operation on the same resource under way, as two tokens of one registry make them. */
const transientStatuses = [409, 429];

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
    const response = await send(request, `${resourceManager}${path}${version}`);
    const text =
        response.status === 202
            ? await followOperation(resourceManager, send, request, response)
            : response.text;
    return (text === "" ? undefined : JSON.parse(text)) as T;
}

function sender(resourceManager: string, token: () => Promise<string>): Send {
    return async (request, url) => {
        const bearer = await token();
        const pause = backOff(patience);
        const settling = [...settlingDelaysMs];
        for (;;) {
            const answer = await attempt(resourceManager, bearer, request, url).catch(
                (error: Error) => error,
            );
            const isAnswer = !(answer instanceof Error);
            if (isAnswer && answer.ok) return answer;
            const failure = isAnswer ? refusal(request, answer) : answer;
            const mayPass = !isAnswer || transientStatuses.includes(answer.status) || answer.status >= 500;
            const delayMs =
                failure instanceof ArmError && isNotActive(failure)
                    ? settling.shift()
                    : mayPass
                      ? pause(isAnswer ? retryAfterMs(answer.headers) : undefined)
                      : undefined;
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
