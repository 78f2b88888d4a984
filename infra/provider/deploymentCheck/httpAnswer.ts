import { deploymentFailure } from "./deploymentFailure";
import type { ModuleState } from "./moduleState";

/** Asks the module itself; it may still be loading its model when the device reports it running. */
export async function httpAnswer(url: string): Promise<ModuleState> {
    const awaits = "answers over HTTP";
    try {
        const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
        await response.body?.cancel();
        if (response.ok) return { awaits: undefined, description: `${url} answers` };
        const { status } = response;
        return {
            awaits,
            description: `${url} answers ${status}`,
            failure: deploymentFailure({ kind: "unwell", url, status }),
        };
    } catch (error) {
        const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
        // Where several addresses were tried, the error has a code and no message.
        const { message, code } = cause as NodeJS.ErrnoException;
        const reason = message || code || String(cause);
        return {
            awaits,
            description: `${url} does not answer: ${reason}`,
            failure: deploymentFailure({ kind: "unreachable", url, reason }),
        };
    }
}
