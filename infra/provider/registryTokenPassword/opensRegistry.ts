import { setTimeout as sleep } from "node:timers/promises";

/** Up to 60 s, the registry's documentation says, until a password that replaces another one is known; in milliseconds. */
const patienceMs = 90_000;
const firstPauseMs = 500;
const longestPauseMs = 10_000;

/** An account of a registry, by the host name under which images are pulled. */
export interface RegistryAccount {
    readonly loginServer: string;
    readonly username: string;
    readonly password: string;
}

/**
 * Waits until an account opens its registry, 90 seconds at most. Answers false where it still does not then; a registry that
 * cannot be reached from here, or answers otherwise, is not waited for.
 */
export async function opensRegistry(account: RegistryAccount): Promise<boolean> {
    const begun = performance.now();
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
        const status = await signIn(account).catch(() => undefined);
        if (status !== 401) return true;
        if (performance.now() - begun + pauseMs > patienceMs) return false;
        await sleep(pauseMs);
    }
}

async function signIn({ loginServer, username, password }: RegistryAccount): Promise<number> {
    // As Docker does: a registry on the machine itself may be without TLS.
    const scheme = /^(localhost|127\.0\.0\.1)(:|$)/.test(loginServer) ? "http" : "https";
    const basic = Buffer.from(`${username}:${password}`).toString("base64");
    const response = await fetch(`${scheme}://${loginServer}/v2/`, {
        headers: { Authorization: `Basic ${basic}` },
        signal: AbortSignal.timeout(10_000),
    });
    await response.arrayBuffer();
    return response.status;
}
