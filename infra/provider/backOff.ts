/** How long a call is repeated. Times are in milliseconds. */
export interface Patience {
    /** About how long the first wait is. */
    readonly firstMs: number;
    /** How often it is tried at most. */
    readonly attempts: number;
    /** No attempt begins later than so long after the first one. */
    readonly totalMs: number;
}

/**
 * Answers before each further attempt how long to wait, and undefined where it is time to give up. Each wait is about twice
 * as long as the one before, and a quarter of it left to chance either way, so that callers who failed together do not come
 * back together; `askedMs` is the wait that the other side asks for, which counts instead.
 */
export function backOff(
    { firstMs, attempts, totalMs }: Patience,
    now = () => performance.now(),
): (askedMs?: number) => number | undefined {
    const begun = now();
    let waits = 0;
    return (askedMs) => {
        if (waits === attempts - 1) return undefined;
        const waitMs = askedMs ?? firstMs * 2 ** waits * (0.75 + Math.random() / 2);
        waits += 1;
        return now() - begun + waitMs > totalMs ? undefined : waitMs;
    };
}

/** The wait that an answer asks for by `Retry-After`, in milliseconds; undefined where it has none in seconds. */
export function retryAfterMs(headers: Headers): number | undefined {
    const seconds = headers.get("retry-after");
    return seconds && /^\d+$/.test(seconds) ? Number(seconds) * 1000 : undefined;
}
