import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Options } from "./config";

export interface Listening {
    server: Server;
    /** The port that was taken, also where 0 was asked for. */
    port: number;
}

/** Listens for HTTP, or for HTTPS where a certificate is given. Throws a sentence if the port cannot be had. */
export async function listen(handler: RequestListener, options: Options): Promise<Listening> {
    const { host, port } = options;
    const server = await createServerFor(handler, options);
    try {
        server.listen(port, host);
        await once(server, "listening");
    } catch (cause) {
        const { code, message } = cause as NodeJS.ErrnoException;
        const reasons: Record<string, string> = {
            EADDRINUSE: "another process listens there; stop it or set PORT to a free one",
            EACCES: "this user may not; set PORT to 1024 or above",
        };
        throw new Error(`Expected to listen on ${host}:${port}: ${reasons[code ?? ""] ?? message}.`, {
            cause,
        });
    }
    return { server, port: (server.address() as AddressInfo).port };
}

/** Accepts nothing new and lets the server end once what it has accepted is answered. */
export function drain(server: Server): void {
    server.close();
    // A connection kept alive by its client only turns idle after its answer, and would hold the process for seconds.
    setInterval(() => server.closeIdleConnections(), 50).unref();
}

async function createServerFor(
    handler: RequestListener,
    { tlsCertFile, tlsKeyFile }: Options,
): Promise<Server> {
    if (!tlsCertFile || !tlsKeyFile) {
        return createServer(handler);
    }
    try {
        const [cert, key] = await Promise.all([readFile(tlsCertFile), readFile(tlsKeyFile)]);
        return createTlsServer({ cert, key }, handler);
    } catch (cause) {
        throw new Error(
            `Expected a PEM certificate in ${tlsCertFile} and its key in ${tlsKeyFile}: ${(cause as Error).message}.`,
            { cause },
        );
    }
}
