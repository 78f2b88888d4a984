import type { Response } from "express";

/** So many refusals a second are answered without a wait, and as many together. */
const PER_SECOND = 100;
/** Nobody waits longer, however many are refused. */
const LONGEST_MS = 2000;

/** When the turn of the last refusal is, or was. */
let lastTurn = Number.NEGATIVE_INFINITY;

/**
 * Answers a request that is refused with its body unread. Clients that are refused at once come back at once, and taking in
 * what they send, only to throw it away, takes the time that images need; so in a flood they wait, their bodies unread.
 */
export function refuseInTurn(response: Pick<Response, "once">, answer: () => void): void {
    const now = performance.now();
    const turn = Math.max(lastTurn, now - 1000) + 1000 / PER_SECOND;
    lastTurn = Math.min(turn, now + LONGEST_MS);
    if (lastTurn <= now) {
        answer();
        return;
    }
    const timer = setTimeout(answer, lastTurn - now);
    response.once("close", () => clearTimeout(timer));
}
