import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";
import type { Options } from "./config";
import { originForm } from "./http/containerPath";
import { answerUnreadable } from "./http/unreadable";
import type { LogEntry } from "./log";

/** How often connections are looked at for being too slow. */
const CHECK_CONNECTIONS_MS = 1000;

export interface Listening {
    server: Server;
    /** The port that was taken, also where 0 was asked for. */
    port: number;
}

/** Listens for HTTP, or for HTTPS where a certificate is given. Throws a sentence if the port cannot be had. */
export async function listen(
    handler: RequestListener,
    options: Options,
    log: (entry: LogEntry) => void,
): Promise<Listening> {
    const { host, port } = options;
    // A host in the address is of no interest, and express does not get over one that is none.
    const serve: RequestListener = (request, response) => {
        request.url = originForm(request.url ?? "/");
        handler(request, response);
    };
    const server = await createServerFor(serve, options);
    server.maxConnections = options.maxConnections;
    // Who asks for leave to send a body gets it when the body is read, and not at all if it is not.
    server.on("checkContinue", serve);
    // Node refuses any other expectation; the exported container does not look at it.
    server.on("checkExpectation", serve);
    answerUnreadable(server, log);
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

/**
 * Accepts nothing new, and resolves once all that was accepted is answered: with true, or with false if `limitMs` was
 * not enough and the rest was cut off.
 */
export async function drain(server: Server, limitMs: number): Promise<boolean> {
    const closed = once(server, "close");
    server.close();
    // A connection kept alive by its client only turns idle after its answer, and would hold the process for seconds.
    const sweep = setInterval(() => server.closeIdleConnections(), 50);
    const limit = new AbortController();
    const drained = await Promise.race([
        closed.then(() => true),
        setTimeout(limitMs, false, { signal: limit.signal }),
    ]);
    limit.abort();
    clearInterval(sweep);
    server.closeAllConnections();
    return drained;
}

async function createServerFor(handler: RequestListener, options: Options): Promise<Server> {
    const { tlsCertFile, tlsKeyFile } = options;
    const server = {
        headersTimeout: options.headersTimeoutSeconds * 1000,
        requestTimeout: options.requestTimeoutSeconds * 1000,
        connectionsCheckingInterval: CHECK_CONNECTIONS_MS,
        // As the exported container: firmware sends no Host, and ends lines with LF alone. What else this lets pass is
        // refused by `refuseAmbiguousFraming`.
        requireHostHeader: false,
        insecureHTTPParser: true,
    };
    if (!tlsCertFile || !tlsKeyFile) {
        return createServer(server, handler);
    }
    try {
        const [cert, key] = await Promise.all([readFile(tlsCertFile), readFile(tlsKeyFile)]);
        return createTlsServer({ ...server, cert, key }, handler);
    } catch (cause) {
        throw new Error(
            `Expected a PEM certificate in ${tlsCertFile} and its key in ${tlsKeyFile}: ${(cause as Error).message}.`,
            { cause },
        );
    }
}
