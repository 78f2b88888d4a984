import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { readBytes } from "./readBytes";
import type { Refusals } from "./refusal";

/** A request whose address is read; its body comes when a handler asks for it. */
export interface Request {
    readonly method: string;
    /** The path as it came. */
    readonly path: string;
    /** What the route's parameters stand for, decoded. */
    readonly params: Readonly<Record<string, string>>;
    readonly query: URLSearchParams;
    readonly headers: IncomingHttpHeaders;
    /** The body as it comes. */
    readonly stream: IncomingMessage;
    /** The whole body; refused where it is larger than `limit`, or else than the service's. */
    bytes(limit?: number): Promise<Buffer>;
    text(): Promise<string>;
    /** The body as JSON; undefined where there is none. */
    json(): Promise<unknown>;
}

/** Reads the address of `message`; throws the service's refusal for one that is none. */
export function readRequest(
    message: IncomingMessage,
    { refusals, bodyLimit }: { readonly refusals: Refusals; readonly bodyLimit: number },
): Request {
    const target = message.url ?? "/";
    const url = parseTarget(target);
    if (!url) throw refusals.badAddress(target);
    const bytes = (limit = bodyLimit) => readBytes(message, limit, () => refusals.tooLarge(limit));
    const text = async () => (await bytes()).toString("utf8");
    return {
        method: message.method ?? "",
        path: url.pathname,
        params: {},
        query: url.searchParams,
        headers: message.headers,
        stream: message,
        bytes,
        text,
        async json() {
            const found = await text();
            return found.trim() === "" ? undefined : parseJson(found, refusals);
        },
    };
}

/** Reads JSON; throws the service's refusal for what is none. */
export function parseJson(text: string, { notJson }: Pick<Refusals, "notJson">): unknown {
    try {
        return JSON.parse(text);
    } catch (error) {
        throw notJson((error as Error).message);
    }
}

/** The value of a header that is sent once. */
export function header({ headers }: Request, name: string): string | undefined {
    const value = headers[name];
    return Array.isArray(value) ? value[0] : value;
}

function parseTarget(target: string): URL | undefined {
    try {
        const url = new URL(target, "http://service");
        decodeURIComponent(url.pathname);
        return url;
    } catch {
        return undefined;
    }
}
