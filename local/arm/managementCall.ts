import { readFileSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { request } from "node:https";
import { text } from "node:stream/consumers";
import { readEndpoints } from "../endpoints";
import { parseFaults } from "../faults/faultSettings";
import { readRuntimeSettings } from "../runtimeSettings";
import { ArmError } from "./armError";
import { followOperation, type OperationAnswer, retryAfterS } from "./followOperation";
import { patiently } from "./patiently";

/**
 * One call to the management endpoint of the local Azure in `folder`, as the Azure SDK makes it: repeated where that is too
 * busy, and answered when what it began has ended. Throws an {@link ArmError} for a refusal.
 */
export function callManagement<T>(folder: string, method: string, path: string, body?: unknown): Promise<T> {
    const send = managementSender(folder);
    const hurry = hurryOf(folder);
    const patient = (...call: Parameters<typeof send>) => patiently(() => send(...call), hurry);
    return patient(method, path, body).then((answer) =>
        followOperation<T>(patient, method, path, answer, hurry).catch((cause: Error) => {
            if (method !== "PUT" || cause instanceof ArmError) throw cause;
            throw new UnfinishedChange(answer.body, cause);
        }),
    );
}

/** A PUT that ARM has accepted, as `accepted`, and whose end nobody could be asked for. */
export class UnfinishedChange extends Error {
    readonly accepted: unknown;

    constructor(accepted: unknown, cause: Error) {
        super(cause.message, { cause });
        this.accepted = accepted;
    }
}

/** What the unfriendly mode divides its waits by: those of whoever waits for it are among them. */
function hurryOf(folder: string): number {
    const { faults } = readRuntimeSettings(folder);
    return faults ? parseFaults(faults.plan).hurry : 1;
}

/** Sends one request, once; a path may be a whole address, of which only the path counts. */
function managementSender(folder: string) {
    const { managementUrl, managementToken, caFile } = readEndpoints(folder);
    return async (method: string, path: string, body?: unknown): Promise<OperationAnswer> => {
        const { pathname, search } = new URL(path, managementUrl);
        const { status, headers, answer } = await send(`${managementUrl}${pathname}${search}`, {
            method,
            ca: readFileSync(caFile),
            token: managementToken,
            body,
        }).catch((cause: Error) => {
            throw new Error(
                `Expected the local Azure to answer at ${managementUrl}, found: ${cause.message}. ` +
                    "Start it with: npm run edge -- local start",
                { cause },
            );
        });
        const parsed = answer === "" ? undefined : JSON.parse(answer);
        if (status < 400) return { status, headers, body: parsed };
        const { code = String(status), message = answer } = parsed?.error ?? {};
        throw new ArmError(status, code, `Code="${code}" Message="${message}"`, retryAfterS(headers));
    };
}

function send(
    url: string,
    { method, ca, token, body }: { method: string; ca: Buffer; token: string; body: unknown },
): Promise<{ status: number; headers: IncomingHttpHeaders; answer: string }> {
    const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
    return new Promise((resolve, reject) => {
        const outgoing = request(url, { method, ca, headers, agent: false }, (response) => {
            const { statusCode: status = 0, headers } = response;
            text(response).then((answer) => resolve({ status, headers, answer }), reject);
        });
        outgoing.on("error", reject);
        outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
}
