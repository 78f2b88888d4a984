import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { readBytes } from "../../base/readBytes";
import { DpsError } from "./errors";

/** Of the service's REST description; earlier ones are not served here. */
export const serviceApiVersions = ["2021-10-01"];
/** Those that device clients send. */
export const deviceApiVersions = ["2019-03-31", "2021-06-01"];

const largestBody = 256 * 1024;

/** An HTTP request, its address decoded. */
export interface DpsRequest {
    readonly method: string;
    readonly path: string;
    /** What is between the slashes of the path. */
    readonly segments: readonly string[];
    readonly query: URLSearchParams;
    readonly headers: IncomingHttpHeaders;
    /** Reads the body as JSON; refuses what is none, or too large. */
    body(): Promise<unknown>;
}

/** What is answered to a request. */
export interface Answer {
    readonly status: number;
    readonly body?: unknown;
    /** Seconds after which to ask again, where what was asked for goes on. */
    readonly retryAfter?: number;
}

export function dpsRequest(request: IncomingMessage): DpsRequest {
    const url = new URL(request.url ?? "/", "https://dps");
    return {
        method: request.method ?? "",
        path: url.pathname,
        segments: decodedSegments(url.pathname),
        query: url.searchParams,
        headers: request.headers,
        body: () => readBody(request),
    };
}

/** Refuses an api-version that is not among those served. */
export function checkApiVersion(given: string | null, served: readonly string[]): void {
    if (given !== null && served.includes(given)) return;
    throw new DpsError("BadRequest", `Expected the api-version to be ${served.join(" or ")}`);
}

export function noRoute({ method, path }: DpsRequest): DpsError {
    return new DpsError("NotFound", `There is no ${method} ${path} here`);
}

/** Reads JSON as sent over HTTP or MQTT. */
export function parseJson(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        throw new DpsError("BadRequest", "The body is not JSON");
    }
}

function decodedSegments(pathname: string): string[] {
    try {
        return pathname.slice(1).split("/").map(decodeURIComponent);
    } catch {
        throw new DpsError("BadRequest", `The address ${pathname} is not percent-encoded as it should be`);
    }
}

async function readBody(request: IncomingMessage): Promise<unknown> {
    const tooLarge = () => new DpsError("BadRequest", `The body is larger than ${largestBody} bytes`);
    return parseJson((await readBytes(request, largestBody, tooLarge)).toString("utf8"));
}
