import type { Request, Response } from "express";
import { asksForLeave, MAX_BODY_BYTES } from "./requestBody";

/** Of one body; who sends more than twice what is allowed is not waited for. */
const MOST_BYTES = MAX_BODY_BYTES * 2;
/** What all connections together may send a second only to be thrown away, a small part of what a core can read. */
const BYTES_PER_SECOND = 64 * 1024 * 1024;
/** Bodies of so many bytes are thrown away at a time, which takes eight seconds; who comes on top is cut off. */
const MOST_BYTES_TOGETHER = 8 * BYTES_PER_SECOND;
/** What is read ahead of its turn, so that nobody waits as long as there is no flood. */
const AHEAD_MS = 50;
const LONGEST_MS = 15_000;

/** The bytes that are still to come, of all bodies that are thrown away. */
let bytesTogether = 0;
/** When what was read so far has had its time. */
let paidUntil = Number.NEGATIVE_INFINITY;

/** Whether a request has a body that nobody has read to its end. */
export function hasUnreadBody({ complete, headers }: Request): boolean {
    return !complete && (Number(headers["content-length"]) > 0 || headers["transfer-encoding"] !== undefined);
}

/** The part of a request and its answer that {@link endAfterDraining} needs. */
export type Drained = Pick<Request, "headers" | "destroyed" | "on" | "once" | "pause" | "resume">;

/**
 * Ends an answer that was given before the request was read. Most clients read an answer only after they have sent
 * everything, and would find a reset connection in its place; so what they still send is thrown away first. That takes
 * the processor's time as well, so in a flood it is read in turn. Where even that is too much, or a client does not
 * come to an end, the connection is cut off.
 */
export function endAfterDraining(request: Drained, response: Pick<Response, "end">): void {
    // Who has left sends nothing, nor does who asked for leave to send and did not get it.
    const nothingComes = request.destroyed || asksForLeave(request);
    const expected = Math.min(Number(request.headers["content-length"] ?? MAX_BODY_BYTES), MOST_BYTES);
    if (nothingComes || bytesTogether + expected > MOST_BYTES_TOGETHER) {
        response.end();
        return;
    }
    bytesTogether += expected;
    let bytes = 0;
    let turn: NodeJS.Timeout | undefined;
    let finish = () => {
        finish = () => {};
        bytesTogether -= expected;
        clearTimeout(limit);
        clearTimeout(turn);
        response.end();
    };
    const limit = setTimeout(() => finish(), LONGEST_MS);
    request.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MOST_BYTES) {
            finish();
            return;
        }
        const wait = timeToPay(chunk.length);
        if (wait > AHEAD_MS) {
            request.pause();
            turn = setTimeout(() => request.resume(), wait);
        }
    });
    for (const end of ["close", "end", "error"]) request.once(end, () => finish());
}

/** How long it takes, in milliseconds, until so many bytes more have had their time. */
function timeToPay(bytes: number): number {
    const now = performance.now();
    paidUntil = Math.max(paidUntil, now) + (bytes / BYTES_PER_SECOND) * 1000;
    return paidUntil - now;
}
