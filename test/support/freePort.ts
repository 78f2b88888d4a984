import { randomInt } from "node:crypto";
import { isFree } from "../../local/base/ports";

/**
 * A loopback port that nobody holds, for what frees it and takes it again. It is none of those that systems hand out by
 * themselves (from 32768 on), where any connection of another test can have it meanwhile, and none of a local stack's.
 */
export async function freePort(): Promise<number> {
    const port = randomInt(12_000, 32_000);
    return (await isFree(port)) ? port : freePort();
}
