import type { lookup } from "node:dns";
import { get as getHttp, type IncomingMessage, type RequestOptions } from "node:http";
import { get as getHttps } from "node:https";
import { isIP } from "node:net";
import { z } from "zod";
import { RequestError } from "../errors";
import { guardedLookup, isPublic, notPublic } from "./publicAddress";
import { MAX_BODY_BYTES } from "./requestBody";

const TIMEOUT_MS = 10_000;
const MAX_REDIRECTS = 5;
/** An error shows so many characters of a text that is no address. */
const LONGEST_SHOWN = 100;

/** Fetches the image at an http or https address, all of it in memory of its own. */
export type FetchImage = (url: URL, signal: AbortSignal) => Promise<Buffer>;

export interface ImageFetching {
    /** Whether addresses of this machine and its networks may be fetched from. */
    allowPrivateUrls: boolean;
    /** How names become addresses, if not as the system does it. */
    resolve?: typeof lookup;
    /** Which addresses are public, if not by their number. */
    allows?: (address: string) => boolean;
    /** How long it may take, with all redirects. */
    timeoutMs?: number;
}

/** The body of the `/url` routes. */
export const urlBody = z.looseObject({
    url: z.unknown().meta({ type: "string", description: "Of an image; http or https, and public." }),
});

/** The address in a request's `{"url": ...}`. */
export function urlIn(body: Buffer): URL {
    try {
        return webUrl(urlBody.parse(JSON.parse(utf8(body))).url);
    } catch (cause) {
        throw cause instanceof RequestError
            ? cause
            : badUrl('Expected a JSON body {"url": "https://..."}, got something else.', cause);
    }
}

/** Refuses what is no UTF-8, and keeps a byte-order mark, which is no JSON to the exported container either. */
function utf8(bytes: Buffer): string {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** The address in a text, which must be http or https: `file:` would open files of the server. */
export function webUrl(given: unknown): URL {
    const url = typeof given === "string" && URL.canParse(given) ? new URL(given) : undefined;
    if (!url || !isWeb(url)) {
        const shown = url
            ? `"${withoutSecrets(url)}"`
            : JSON.stringify(given)?.split("?")[0]?.slice(0, LONGEST_SHOWN);
        throw badUrl(`Expected "url" to be an http or https address, got ${shown}.`);
    }
    return url;
}

/**
 * Makes a fetcher that takes no more than `MAX_BODY_BYTES`, follows five redirects, and goes to public addresses only,
 * unless it may go anywhere.
 */
export function createImageFetcher({
    allowPrivateUrls,
    resolve,
    allows = isPublic,
    timeoutMs = TIMEOUT_MS,
}: ImageFetching): FetchImage {
    const guarded = guardedLookup(allows, resolve);
    const open = (url: URL, signal: AbortSignal): Promise<IncomingMessage> => {
        const hostname = url.hostname.replace(/^\[|\]$/g, "");
        // An address that is given as such is not looked up.
        if (!allowPrivateUrls && isIP(hostname) && !allows(hostname)) {
            throw notPublic(hostname);
        }
        return get(url, {
            agent: false,
            signal,
            lookup: allowPrivateUrls ? undefined : guarded,
            headers: { Accept: "image/*", "User-Agent": "edge-classifier" },
        });
    };
    return async (url, signal) => {
        // A timer of our own: AbortSignal.any holds its sources weakly, so an AbortSignal.timeout may be collected as
        // garbage before its time, and then nothing ends the fetch (seen with Node 20).
        const outOfTime = new AbortController();
        const timer = setTimeout(() => outOfTime.abort(), timeoutMs);
        const limited = AbortSignal.any([signal, outOfTime.signal]);
        try {
            return await readImage(await follow(url, (next) => open(next, limited)));
        } catch (cause) {
            throw badUrl(`Expected an image at ${withoutSecrets(url)}: ${(cause as Error).message}.`, cause);
        } finally {
            clearTimeout(timer);
        }
    };
}

async function follow(start: URL, open: (url: URL) => Promise<IncomingMessage>): Promise<IncomingMessage> {
    let url = start;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
        const response = await open(url);
        const { statusCode = 0, headers } = response;
        if (statusCode >= 200 && statusCode < 300) {
            return response;
        }
        response.destroy();
        if (statusCode < 300 || statusCode >= 400 || headers.location === undefined) {
            throw new Error(`it answered ${statusCode}`);
        }
        url = new URL(headers.location, url);
        if (!isWeb(url)) {
            throw new Error(`it redirects to ${url.protocol}, and only http and https are fetched`);
        }
    }
    throw new Error(`it redirects more than ${MAX_REDIRECTS} times`);
}

function get(url: URL, options: RequestOptions): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
        const request = url.protocol === "https:" ? getHttps(url, options) : getHttp(url, options);
        request.once("response", resolve);
        request.once("error", reject);
    });
}

async function readImage(response: IncomingMessage): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > MAX_BODY_BYTES) {
            throw new Error(`it has more than ${MAX_BODY_BYTES} bytes`);
        }
        chunks.push(chunk);
    }
    return Buffer.concat(chunks, bytes);
}

function isWeb({ protocol }: URL): boolean {
    return protocol === "http:" || protocol === "https:";
}

/** Storage puts a signature into the query, others a password before the host; both would end up in the log. */
function withoutSecrets({ protocol, host, pathname }: URL): string {
    return `${protocol}//${host}${pathname}`;
}

function badUrl(message: string, cause?: unknown): RequestError {
    return new RequestError(400, "BadRequestImageUrl", message, { cause });
}
