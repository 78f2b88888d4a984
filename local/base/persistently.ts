import { setTimeout as sleep } from "node:timers/promises";

/** A failure that may pass by itself: the other side was busy, down, or broke off. */
export class PassingError extends Error {}

const attempts = 7;
const firstMs = 200;

/**
 * Does `work`, and does it again after a {@link PassingError}: at most seven times, with waits that double and are partly
 * left to chance. So `work` has to bear repetition: an attempt may have succeeded without our hearing of it.
 */
export async function persistently<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    for (let attempt = 1; ; attempt++) {
        try {
            return await work();
        } catch (error) {
            if (!(error instanceof PassingError) || attempt === attempts) throw error;
            const waitMs = firstMs * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
            await sleep(waitMs, undefined, { signal }).catch(() => signal?.throwIfAborted());
        }
    }
}
