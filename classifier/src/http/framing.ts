import type { RequestHandler } from "express";
import { note } from "./observe";

/**
 * Refuses a request of which two servers could take different bytes for its body. The parser is told to be lenient with
 * line ends, as the exported container is, and then lets these pass as well; a proxy in front of the service may end
 * such a request elsewhere, and take what follows for somebody else's. Its connection is closed: nobody knows what
 * comes next on it.
 */
export const refuseAmbiguousFraming: RequestHandler = (request, response, next) => {
    const fault = framingFault(request.rawHeaders);
    if (fault === undefined) {
        next();
        return;
    }
    const refusal = { code: "BadRequest", message: fault };
    note(response, refusal);
    const body = JSON.stringify(refusal);
    response.shouldKeepAlive = false;
    response
        .writeHead(400, {
            "Content-Type": "application/json; charset=utf-8",
            "Content-Length": Buffer.byteLength(body),
        })
        .end(body);
};

/** What is wrong with the headers that say how long a body is, or with any that no proxy would pass on. */
export function framingFault(rawHeaders: readonly string[]): string | undefined {
    const names = rawHeaders.filter((_, index) => index % 2 === 0);
    const valuesOf = (wanted: string) =>
        names.flatMap((name, index) =>
            name.toLowerCase() === wanted ? [rawHeaders[index * 2 + 1]?.trim() ?? ""] : [],
        );
    const lengths = valuesOf("content-length");
    const codings = valuesOf("transfer-encoding");
    if (names.some((name) => /\s/.test(name))) {
        return "Expected the names of headers without spaces, found one with a space before its colon.";
    }
    if (rawHeaders.some(hasControlCharacter)) {
        return "Expected headers of printable characters, found a control character in one.";
    }
    if (new Set(lengths).size > 1) {
        return `Expected one Content-Length, found several that differ (${lengths.join(", ")}).`;
    }
    if (codings.length > 0 && lengths.length > 0) {
        return "Expected Content-Length or Transfer-Encoding, found both: send one of them.";
    }
    if (codings.length > 0 && !isChunkedOnce(codings)) {
        return `Expected "Transfer-Encoding: chunked", found "${codings.join(", ")}".`;
    }
    return undefined;
}

/** As the last coding, without which a body would only end with its connection. */
function isChunkedOnce(headers: readonly string[]): boolean {
    const codings = headers
        .flatMap((header) => header.split(","))
        .map((coding) => coding.trim().toLowerCase());
    return headers.length === 1 && codings.indexOf("chunked") === codings.length - 1;
}

function hasControlCharacter(text: string): boolean {
    return [...text].some((character) => (character < " " && character !== "\t") || character === "\x7f");
}
