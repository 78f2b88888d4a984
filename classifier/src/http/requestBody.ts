import type { IncomingMessage } from "node:http";
import { RequestError } from "../errors";

/** The limit of the exported container and of the cloud service. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** Reads a whole request body, sent with a length or in chunks. Refuses it as soon as it is known to be too long. */
export async function readBody(request: IncomingMessage, maxBytes = MAX_BODY_BYTES): Promise<Buffer> {
    const length = Number(request.headers["content-length"] ?? 0);
    if (length > maxBytes) {
        throw tooLarge(maxBytes);
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    // The answer to a body that is too long still needs the connection.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > maxBytes) {
            throw tooLarge(maxBytes);
        }
        chunks.push(chunk);
    }
    return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, bytes);
}

function tooLarge(maxBytes: number): RequestError {
    return new RequestError(400, "BadRequestImageSizeBytes", `Expected at most ${maxBytes} bytes, got more.`);
}
