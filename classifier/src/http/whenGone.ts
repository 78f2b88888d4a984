import type { Request } from "express";

/** Fires when the connection is closed before the answer is written. */
export function whenGone({ res }: Request): AbortSignal {
    const gone = new AbortController();
    res?.once("close", () => {
        // Aborting creates an exception with its stack; requests that went well should not pay for one.
        if (!res.writableFinished) {
            gone.abort();
        }
    });
    return gone.signal;
}
