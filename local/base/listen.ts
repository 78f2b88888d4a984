import { once } from "node:events";
import type { Server } from "node:net";

/**
 * Starts `server` on the loopback address; `what` names it in the error for a port that is taken, whose `code` stays
 * EADDRINUSE. Port 0 takes a free one. Returns the port.
 */
export async function listenLocally(server: Server, port: number, what: string): Promise<number> {
    server.listen(port, "127.0.0.1");
    try {
        await once(server, "listening");
    } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        const sentence =
            code === "EADDRINUSE"
                ? `${what} needs port ${port} on 127.0.0.1, which another program uses; stop that program and try again.`
                : `${what} cannot listen on port ${port} of 127.0.0.1: ${(error as Error).message}.`;
        throw Object.assign(new Error(sentence, { cause: error }), { code });
    }
    const address = server.address();
    return typeof address === "object" && address ? address.port : port;
}

/** Stops `server` at once: no new connection, and the open ones are cut. */
export async function closeAtOnce(server: Server & { closeAllConnections?: () => void }): Promise<void> {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections?.();
    await closed;
}
