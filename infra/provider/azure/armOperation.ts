import { setTimeout as sleep } from "node:timers/promises";
import { retryAfterMs } from "../backOff";
import { refusal } from "./armError";
import type { Answer, ArmRequest, Send } from "./armRequest";

/** How long an operation that ARM carries out in the background may take, in milliseconds. */
const operationPatienceMs = 300_000;

/**
 * Follows what ARM does in the background, and answers the text of its result (azure-resource-manager-rpc, "Asynchronous
 * operations"): at `Azure-AsyncOperation` its status is asked for until it has ended, at `Location` the result is.
 */
export async function followOperation(
    resourceManager: string,
    send: Send,
    request: ArmRequest,
    accepted: Answer,
): Promise<string> {
    const deadline = Date.now() + operationPatienceMs;
    const next = async ({ headers }: Answer, url: string | null) => {
        const target = operationUrl(resourceManager, url);
        const waitMs = retryAfterMs(headers) ?? 2000;
        if (Date.now() + waitMs > deadline) {
            throw new Error(
                `Expected ARM to end ${request.method} ${request.path} within ${operationPatienceMs / 1000} s, found it ` +
                    "still at work. Repeat the command.",
            );
        }
        await sleep(waitMs);
        return send({ ...request, method: "GET", body: undefined }, target);
    };
    const statusUrl = accepted.headers.get("azure-asyncoperation");
    const location = accepted.headers.get("location");
    let answer = accepted;
    if (statusUrl !== null) {
        let status: OperationStatus;
        do {
            answer = await next(answer, statusUrl);
            status = JSON.parse(answer.text) as OperationStatus;
        } while (!hasEnded(request, answer, status));
        if (location === null) return JSON.stringify(status.properties ?? {});
        answer = await send(
            { ...request, method: "GET", body: undefined },
            operationUrl(resourceManager, location),
        );
    }
    while (answer.status === 202) answer = await next(answer, answer.headers.get("location") ?? location);
    return answer.text;
}

interface OperationStatus {
    readonly status?: string;
    readonly error?: unknown;
    /** The result, where it is not at a place of its own. */
    readonly properties?: unknown;
}

/** Whether an operation has ended well; throws for one that has failed. */
function hasEnded(request: ArmRequest, answer: Answer, { status = "", error }: OperationStatus): boolean {
    if (["Failed", "Canceled"].includes(status))
        throw refusal(request, { ...answer, text: JSON.stringify({ error: error ?? { code: status } }) });
    return status === "Succeeded";
}

/** The token goes along, so it goes to ARM alone. */
function operationUrl(resourceManager: string, location: string | null): string {
    if (location && new URL(location, resourceManager).origin === new URL(resourceManager).origin)
        return new URL(location, resourceManager).href;
    throw new Error(
        `Expected ARM to name where its operation is followed, at ${resourceManager}, found ${location ?? "nothing"}. ` +
            "Repeat the command.",
    );
}
