import { setTimeout as sleep } from "node:timers/promises";

/** How long anything may take on the slowest machine, in milliseconds: well below what a test itself may take. */
const longest = 40_000;

/** What `waited` gives; says what was waited for when that does not come within `limit` milliseconds. */
export async function within<T>(what: string, waited: Promise<T>, limit = longest): Promise<T> {
    const called = new AbortController();
    const late = sleep(limit, undefined, { signal: called.signal }).then(
        () => {
            throw inVain(what);
        },
        () => waited,
    );
    try {
        return await Promise.race([waited, late]);
    } finally {
        called.abort();
    }
}

/** Waits until `look` finds something; says what was looked for when that takes longer than any machine should. */
export async function until<T>(
    what: string,
    look: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
    for (const end = Date.now() + longest; Date.now() < end; await sleep(20)) {
        const found = await look();
        if (found) return found;
    }
    throw inVain(what);
}

function inVain(what: string): Error {
    return new Error(`Waited in vain for ${what}.`);
}
