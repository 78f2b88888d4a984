import type { Request } from "express";
import { clientGone, RequestError } from "../errors";

/** The limit of the exported container and of the cloud service. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** How much memory a request's body will take: what it says, or the limit if it comes in chunks. */
export function expectedBytes({ headers }: Request, maxBytes = MAX_BODY_BYTES): number {
    return headers["transfer-encoding"] === undefined
        ? Math.min(Number(headers["content-length"] ?? 0), maxBytes)
        : maxBytes;
}

/** Whether a client waits to be told to send its body. Other expectations there are none. */
export function asksForLeave({ headers }: Pick<Request, "headers">): boolean {
    return /\b100-continue\b/i.test(headers.expect ?? "");
}

export interface BodyReading {
    maxBytes?: number;
    /** Gives the memory for a body of known length: none but its own by default, so that it can be handed to a worker. */
    take?: (bytes: number) => Buffer;
}

/** Reads a whole request body, sent with a length or in chunks. Refuses it as soon as it is known to be too long. */
export async function readBody(
    request: Request,
    { maxBytes = MAX_BODY_BYTES, take = Buffer.allocUnsafeSlow }: BodyReading = {},
): Promise<Buffer> {
    const length = Number(request.headers["content-length"] ?? 0);
    if (length > maxBytes) {
        throw tooLarge(maxBytes);
    }
    if (asksForLeave(request)) {
        request.res?.writeContinue();
    }
    try {
        return length > 0 ? await readInto(take(length), request) : await readChunks(request, maxBytes);
    } catch (error) {
        throw error instanceof RequestError ? error : clientGone(error);
    }
}

async function readInto(body: Buffer, request: Request): Promise<Buffer> {
    let bytes = 0;
    for await (const chunk of chunksOf(request)) {
        bytes += chunk.copy(body, bytes);
    }
    return body;
}

async function readChunks(request: Request, maxBytes: number): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of chunksOf(request)) {
        bytes += chunk.length;
        if (bytes > maxBytes) {
            throw tooLarge(maxBytes);
        }
        chunks.push(chunk);
    }
    return Buffer.concat(chunks, bytes);
}

/** The answer to a body that is too long still needs the connection. */
function chunksOf(request: Request): AsyncIterable<Buffer> {
    return request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
}

function tooLarge(maxBytes: number): RequestError {
    return new RequestError(400, "BadRequestImageSizeBytes", `Expected at most ${maxBytes} bytes, got more.`);
}
