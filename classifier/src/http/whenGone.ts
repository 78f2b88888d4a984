import type { Request } from "express";

/** Fires when the connection is closed before the answer is written. */
export function whenGone({ res }: Request): AbortSignal {
    const gone = new AbortController();
    res?.once("close", () => {
        // To abort makes an exception with its stack, which every request that went well would pay for.
        if (!res.writableFinished) {
            gone.abort();
        }
    });
    return gone.signal;
}
