import type { DesiredModule } from "./desiredModule";

/** After so many restarts edgeAgent gives a module up (`RestartPolicyManager.cs`, as the two times below). */
export const maxRestartCount = 20;
/** The first rest after a failure, in milliseconds: before a restart, and before another call to a hub that is away. */
export const firstCoolOff = 10_000;
/** The longest rest before a restart, in milliseconds. */
const longestCoolOff = 300_000;
/** A module that has run for so long, in milliseconds, is healthy again: its restarts are forgotten. */
export const intensiveCareTime = 10 * 60_000;

/** How long, in milliseconds, a module rests before its next restart: the first rest, doubled by each one before. */
export function coolOff(restartCount: number, first: number): number {
    return Math.min(first * 2 ** restartCount, longestCoolOff);
}

/**
 * What becomes of a module that ended: `backoff` is restarted after a rest, `failed` and `stopped` are left alone. Health
 * is not watched, so on-unhealthy acts as on-failure does.
 */
export function statusAfterExit(
    { restartPolicy }: Pick<DesiredModule, "restartPolicy">,
    hasFailed: boolean,
    restartCount: number,
): "backoff" | "failed" | "stopped" {
    const isRestarted = restartPolicy === "always" || (restartPolicy !== "never" && hasFailed);
    if (isRestarted) return restartCount < maxRestartCount ? "backoff" : "failed";
    return hasFailed ? "failed" : "stopped";
}
