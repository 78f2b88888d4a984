import type { IncomingHttpHeaders } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { ArmError } from "./armError";

/** An answer of ARM that is no refusal. */
export interface OperationAnswer {
    readonly status: number;
    readonly headers: IncomingHttpHeaders;
    readonly body: unknown;
}

/** What ARM's documents about operations have, as far as it is looked at. */
interface Document {
    readonly status?: string;
    readonly error?: { readonly code?: string; readonly message?: string };
    readonly properties?: { readonly provisioningState?: string };
}

/** How often azure-native asks where no answer says how long to wait (`client_azcore.go`). */
const frequencyMs = { change: 10_000, deletion: 30_000 };
const ended = ["succeeded", "failed", "canceled"];

/**
 * Waits for what `first`, the answer to a request, began, and answers what came of it. As azcore's pollers do: the address in
 * `Azure-AsyncOperation` is asked until its status is a last one, then the resource is read; otherwise the one in `Location`
 * as long as it answers 202; otherwise the resource of a PUT until its `provisioningState` is a last one. Throws for an
 * operation that failed. `hurry` divides the waits.
 */
export async function followOperation<T>(
    send: (method: string, path: string) => Promise<OperationAnswer>,
    method: string,
    path: string,
    first: OperationAnswer,
    hurry = 1,
): Promise<T> {
    const pauseMs = (method === "DELETE" ? frequencyMs.deletion : frequencyMs.change) / hurry;
    const { location } = first.headers;
    const operation = first.headers["azure-asyncoperation"];
    if (typeof operation === "string") {
        await poll(send, operation, first, pauseMs, ({ body }) => (body as Document | undefined)?.status);
        if (method === "PUT") return (await send("GET", path)).body as T;
        return (method === "POST" && location ? (await send("GET", location)).body : undefined) as T;
    }
    if (location) {
        const last = await poll(send, location, first, pauseMs, ({ status }) =>
            status === 202 ? "InProgress" : "Succeeded",
        );
        return last.body as T;
    }
    if (method !== "PUT" || !stateOf(first)) return first.body as T;
    const last = isEnded(stateOf(first)) ? first : await poll(send, path, first, pauseMs, stateOf);
    return last.body as T;
}

async function poll(
    send: (method: string, path: string) => Promise<OperationAnswer>,
    address: string,
    first: OperationAnswer,
    pauseMs: number,
    statusOf: (answer: OperationAnswer) => string | undefined,
): Promise<OperationAnswer> {
    await sleep((retryAfterS(first.headers) ?? 0) * 1000);
    for (;;) {
        const answer = await send("GET", address);
        const status = statusOf(answer);
        if (status === undefined) throw new Error(`Expected a status at ${address}, found none.`);
        if (status.toLowerCase() === "succeeded") return answer;
        if (isEnded(status)) throw failure(status, answer);
        const named = retryAfterS(answer.headers);
        await sleep(named === undefined ? pauseMs : named * 1000);
    }
}

const stateOf = ({ body }: OperationAnswer) => (body as Document | undefined)?.properties?.provisioningState;
const isEnded = (status: string | undefined) => ended.includes(status?.toLowerCase() ?? "");

function failure(status: string, { status: httpStatus, body }: OperationAnswer): ArmError {
    const { code = status, message = "The operation gave no reason." } =
        (body as Document | undefined)?.error ?? {};
    return new ArmError(httpStatus, code, `Code="${code}" Message="${message}"`);
}

/** The seconds that an answer asks to wait; like azcore, none where they are 0. */
export function retryAfterS(headers: IncomingHttpHeaders): number | undefined {
    const seconds = Number(headers["retry-after"]);
    return seconds > 0 ? seconds : undefined;
}
