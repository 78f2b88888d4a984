/**
 * Waits, two minutes in all, in milliseconds: so long what was made or assigned a moment ago may take until every part of
 * Azure knows it.
 */
export const settlingDelaysMs: readonly number[] = [2000, 5000, 10_000, 20_000, 25_000, 28_000, 30_000];

/** What was made so long ago is known everywhere, in milliseconds. */
const settledAfterMs = 900_000;

/** Whether a resource may have been made a moment ago; `createdAt` is ARM's, and where there is none it may. */
export function mayBeNew(createdAt: string | undefined): boolean {
    const made = Date.parse(createdAt ?? "");
    return Number.isNaN(made) || Date.now() - made < settledAfterMs;
}

/** How ARM and a hub say that the hub, which ARM has called ready, is not (azure-powershell issue 16842). */
const notActive = /not currently in Active state|\bnot Active\b|\b(IH)?409002\b/i;

/** Whether a refusal says that a hub, which was made a moment ago, is not active yet. */
export function isNotActive({ status, message }: { status: number; message: string }): boolean {
    return status === 409 && notActive.test(message);
}

/**
 * Whether a service refuses, or is not found, for no other reason than that it was made a moment ago: it is not active, its
 * gateway does not know it (azure-iot-cli-extension issue 77), or its name is not in the DNS (issue 194 there).
 */
export function isSettling(error: unknown): boolean {
    const { status, message, cause } = error as Error & {
        status?: number;
        cause?: { code?: unknown; cause?: { code?: unknown } };
    };
    if (status === undefined) return [cause?.code, cause?.cause?.code].includes("ENOTFOUND");
    return isNotActive({ status, message }) || (status === 401 && message.includes("IotHubNotFound"));
}
