import { RequestError } from "../errors";
import { MAX_BODY_BYTES } from "./requestBody";

const TIMEOUT_MS = 10_000;

/** Fetches the image that a request names in `{"url": ...}`. Only http and https: no files of the server. */
export async function remoteImage(body: Buffer): Promise<Buffer> {
    const url = urlOf(body);
    try {
        const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
        if (!response.ok) {
            throw new Error(`it answered ${response.status}`);
        }
        return await readAtMost(response, MAX_BODY_BYTES);
    } catch (cause) {
        throw badUrl(`Expected an image at ${url}: ${reasonOf(cause)}.`, cause);
    }
}

function urlOf(body: Buffer): URL {
    let given: unknown;
    try {
        given = (JSON.parse(body.toString("utf8")) as { url?: unknown } | null)?.url;
    } catch (cause) {
        throw badUrl('Expected a JSON body {"url": "https://..."}, got something else.', cause);
    }
    const url = typeof given === "string" && URL.canParse(given) ? new URL(given) : undefined;
    if (!url || (url.protocol !== "http:" && url.protocol !== "https:")) {
        throw badUrl(`Expected "url" to be an http or https address, got ${JSON.stringify(given)}.`);
    }
    return url;
}

async function readAtMost(response: Response, maxBytes: number): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of response.body ?? []) {
        bytes += chunk.length;
        if (bytes > maxBytes) {
            throw new Error(`it has more than ${maxBytes} bytes`);
        }
        chunks.push(chunk);
    }
    return Buffer.concat(chunks, bytes);
}

function reasonOf(error: unknown): string {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return cause instanceof Error ? cause.message : String(cause);
}

function badUrl(message: string, cause?: unknown): RequestError {
    return new RequestError(400, "BadRequestImageUrl", message, { cause });
}
