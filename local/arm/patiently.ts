import { setTimeout as sleep } from "node:timers/promises";
import { ArmError } from "./armError";

/** azure-native repeats a call three times, after 20 s and then longer, at most 120 s (`client_azcore.go`, azcore's retries). */
const repeats = 3;
const firstWaitMs = 20_000;
const longestWaitMs = 120_000;

/**
 * Repeats a call to ARM where azure-native does: too many requests, a service that is down, another operation in progress.
 * `hurry` divides the waits, except those that ARM names itself.
 */
export async function patiently<T>(call: () => Promise<T>, hurry = 1): Promise<T> {
    for (let waits = 1; ; waits += 1) {
        try {
            return await call();
        } catch (error) {
            if (waits > repeats || !(error instanceof ArmError) || !mayPass(error)) throw error;
            const waitMs = Math.min(longestWaitMs, firstWaitMs * (2 ** waits - 1)) / hurry;
            const { retryAfterS } = error;
            await sleep(retryAfterS === undefined ? waitMs * (0.8 + Math.random() / 2) : retryAfterS * 1000);
        }
    }
}

function mayPass({ status, code }: ArmError): boolean {
    return status === 429 || status === 503 || (status === 409 && code === "AnotherOperationInProgress");
}
