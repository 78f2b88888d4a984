import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/**
 * A loopback port that nobody holds, for what frees it and takes it again. It is none of those that systems hand out by
 * themselves (from 32768 on), where any connection of another test can have it meanwhile, and none of a local stack's.
 */
export async function freePort(): Promise<number> {
    for (;;) {
        const port = randomInt(12_000, 32_000);
        const server = createServer().listen(port, "127.0.0.1");
        const free = await once(server, "listening").then(
            () => true,
            () => false,
        );
        if (!free) continue;
        await once(server.close(), "close");
        return port;
    }
}
