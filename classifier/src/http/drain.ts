import type { Request, Response } from "express";
import { MAX_BODY_BYTES } from "./requestBody";

const MOST_BYTES = MAX_BODY_BYTES * 2;
const FEW_BYTES = 64 * 1024;
const BYTES_PER_SECOND = 32 * 1024 * 1024;
const LONGEST_MS = 2000;

/** How much was read this second, by all connections, only to be thrown away. */
const drained = { second: 0, bytes: 0 };

/** Whether a request has a body that nobody has read to its end. */
export function hasUnreadBody({ complete, headers }: Request): boolean {
    return !complete && (Number(headers["content-length"]) > 0 || headers["transfer-encoding"] !== undefined);
}

/**
 * Ends an answer that was given before the request was read. Most clients read an answer only after they have sent
 * everything, and would find a reset connection in its place; so what they still send is thrown away first. That takes
 * the processor's time as well, so in a flood, and from clients without an end, only little is.
 */
export function endAfterDraining(request: Request, response: Response): void {
    // Who asked for leave to send and did not get it sends nothing.
    if (request.headers.expect !== undefined) {
        response.end();
        return;
    }
    let bytes = 0;
    const finish = () => {
        clearTimeout(timer);
        response.end();
    };
    const timer = setTimeout(finish, LONGEST_MS);
    request.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > allowance(chunk.length)) {
            finish();
        }
    });
    request.once("close", finish);
    request.once("end", finish);
    request.once("error", finish);
}

function allowance(newBytes: number): number {
    const second = Math.floor(performance.now() / 1000);
    if (second !== drained.second) {
        Object.assign(drained, { second, bytes: 0 });
    }
    drained.bytes += newBytes;
    return drained.bytes < BYTES_PER_SECOND ? MOST_BYTES : FEW_BYTES;
}
