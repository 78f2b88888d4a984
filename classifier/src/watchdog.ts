import { setTimeout as sleep } from "node:timers/promises";
import type { PoolState } from "./workers/pool";

const MAX_FAILURES = 3;

/** The service runs, but cannot do what it is for. */
export class BrokenService extends Error {
    override readonly name = "BrokenService";
}

export interface Watched {
    /** Classifies a picture that is known to be fine; rejects if that fails. */
    selfCheck(): Promise<unknown>;
    state(): Pick<PoolState, "answered" | "failed">;
    intervalMs: number;
    signal: AbortSignal;
    log(entry: Record<string, unknown>): void;
}

/**
 * Looks from time to time whether the service still can do what it is for: requests that are answered prove it, else a
 * self-check must. Rejects with a `BrokenService` once that has failed three times in a row; resolves when `signal` fires.
 */
export async function watch({ selfCheck, state, intervalMs, signal, log }: Watched): Promise<void> {
    let failures = 0;
    let before = state();
    while (await sleep(intervalMs, true, { signal, ref: false }).catch(() => false)) {
        const now = state();
        const proven = now.answered > before.answered && now.failed === before.failed;
        try {
            if (!proven) {
                await selfCheck();
            }
            failures = 0;
        } catch (cause) {
            failures++;
            const { message } = cause as Error;
            log({ level: "warn", event: "self-check failed", failures, message });
            if (failures === MAX_FAILURES) {
                throw new BrokenService(
                    `Expected the self-check to pass, it failed ${failures} times: ${message}`,
                    {
                        cause,
                    },
                );
            }
        }
        before = state();
    }
}
