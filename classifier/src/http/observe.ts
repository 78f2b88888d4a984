import type { Request, RequestHandler, Response } from "express";
import { clientGone, RequestError } from "../errors";
import type { LogEntry } from "../log";
import type { Metrics } from "../metrics";
import { requestId } from "./requestIds";

/** What `observe` needs to tell others what happens. */
export interface Observers {
    log: (entry: LogEntry) => void;
    metrics: Pick<Metrics, "request">;
    /** Whether lines may be long. */
    debugging: () => boolean;
}

/** The client left before its answer was written. */
const CLIENT_LEFT = clientGone();

/** Writes one line and counts one request, whatever becomes of it. Gives each an id, `response.locals.requestId`. */
export function observe({ log, metrics, debugging }: Observers): RequestHandler {
    return (request, response, next) => {
        const start = performance.now();
        response.locals.requestId = requestId(request.headers);
        const { method, path } = request;
        response.once("close", () => {
            const left = !response.writableFinished;
            const status = left ? CLIENT_LEFT.status : response.statusCode;
            const ms = performance.now() - start;
            metrics.request({ method, route: routeOf(request), status }, ms / 1000);
            log({
                level: "info",
                event: "request",
                method,
                path,
                status,
                ms: Math.round(ms * 10) / 10,
                bytes: Number(request.headers["content-length"] ?? 0),
                ...response.locals.noted,
                ...(left && { code: CLIENT_LEFT.code }),
                ...(debugging() && aboutClient(request)),
                requestId: response.locals.requestId,
            });
        });
        next();
    };
}

/** Adds to what the log will say about a request. */
export function note(response: Response | undefined, details: Record<string, unknown>): void {
    if (response) {
        response.locals.noted = { ...response.locals.noted, ...details };
    }
}

/** Puts what went wrong into the log: the caller's mistake into the request's line, ours with its stack before it. */
export function reporter(log: Observers["log"]): (error: unknown, response: Response) => void {
    return (error, response) => {
        if (error instanceof RequestError) {
            note(response, { code: error.code, message: error.message });
            return;
        }
        log({
            level: "error",
            event: "request failed",
            message: error instanceof Error ? error.stack : String(error),
            requestId: response.locals.requestId,
        });
    };
}

/** The first form of the route that answered, not the path: a counter for every path of a scan would fill the memory. */
function routeOf({ baseUrl, route }: Request): string {
    const [path] = [route?.path].flat();
    return typeof path === "string" ? baseUrl.toLowerCase() + path : "none";
}

function aboutClient({ headers, socket, httpVersion }: Request): Record<string, unknown> {
    return {
        client: socket.remoteAddress,
        userAgent: headers["user-agent"],
        contentType: headers["content-type"],
        httpVersion,
    };
}
