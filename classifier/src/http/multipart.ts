/** A part of a form; its content is a view of the body. */
export interface Part {
    name: string | undefined;
    fileName: string | undefined;
    content: Buffer;
}

/** As many as the exported container takes. */
const MOST_PARTS = 1000;
const LONGEST_HEAD = 16 * 1024;
/** Clients break lines with LF alone, although they must not; the exported container reads that. */
const BLANK_LINE = /\r\n\r\n|\n\n|\r\r/;
const [TAB, LF, CR, SPACE, DASH] = [9, 10, 13, 32, 45];

/** The parts of a form, read as the exported container's Werkzeug does. Throws where a part has no end. */
export function parseMultipart(body: Buffer, boundary: string): Part[] {
    const delimiter = Buffer.from(`--${boundary}`, "latin1");
    const parts: Part[] = [];
    let before = nextDelimiter(body, delimiter, 0, false);
    while (!before.last) {
        const head = body.toString("latin1", before.end, before.end + LONGEST_HEAD);
        const blank = BLANK_LINE.exec(head);
        if (!blank || parts.length === MOST_PARTS) {
            throw new Error(
                blank
                    ? `more than ${MOST_PARTS} parts`
                    : `no blank line within ${LONGEST_HEAD} bytes of a part`,
            );
        }
        // The line break of a blank line may be that of the delimiter as well, where a part is empty.
        const start = before.end + blank.index + blank[0].length;
        const after = nextDelimiter(body, delimiter, start - blank[0].length / 2, true);
        const fields = dispositionOf(body.toString("utf8", before.end, before.end + blank.index));
        parts.push({
            name: fields.get("name"),
            fileName: fields.get("filename"),
            content: body.subarray(Math.min(start, after.start), after.start),
        });
        before = after;
    }
    return parts;
}

/** The parameters of a header such as `form-data; name="a"`, by their names in lower case; the last of a name counts. */
export function parametersOf(header: string): Map<string, string> {
    // Runs of blanks are cut first: otherwise a long one takes the time of its square.
    const found = header
        .replace(/\s+/g, " ")
        .matchAll(/[; ] ?([^ ;="]+) ?= ?(?:"((?:[^"\\]|\\.)*)"|([^ ;"]*))/g);
    return new Map(
        [...found].map(([, name = "", quoted, plain = ""]) => {
            const value = quoted?.replace(/\\(.)/g, "$1") ?? plain;
            // RFC 2231: name*=UTF-8''value
            return name.endsWith("*")
                ? [name.slice(0, -1).toLowerCase(), value.replace(/^[^']*'[^']*'/, "")]
                : [name.toLowerCase(), value];
        }),
    );
}

function dispositionOf(head: string): Map<string, string> {
    const lines = head.replace(/(?:\r\n|\r|\n)[ \t]/g, " ").split(/[\r\n]+/);
    return parametersOf(lines.find((line) => /^content-disposition\s*:/i.test(line)) ?? "");
}

interface Delimiter {
    /** Where it begins, with the line break before it. */
    start: number;
    end: number;
    /** Whether it ends the form. */
    last: boolean;
}

function nextDelimiter(body: Buffer, delimiter: Buffer, from: number, afterBreak: boolean): Delimiter {
    for (let at = body.indexOf(delimiter, from); at >= 0; at = body.indexOf(delimiter, at + 1)) {
        const start = at - breakBefore(body, at, from);
        const end = at + delimiter.length;
        if (afterBreak && start === at) {
            continue;
        }
        if (body[end] === DASH && body[end + 1] === DASH) {
            return { start, end, last: true };
        }
        const line = afterBlanks(body, end);
        if (body[line] === CR || body[line] === LF) {
            const isPair = body[line] === CR && body[line + 1] === LF;
            return { start, end: line + (isPair ? 2 : 1), last: false };
        }
    }
    throw new Error("no delimiter where one must be");
}

function afterBlanks(body: Buffer, from: number): number {
    let at = from;
    while (body[at] === SPACE || body[at] === TAB) at++;
    return at;
}

function breakBefore(body: Buffer, at: number, from: number): number {
    const [first, second] = [body[at - 2], body[at - 1]];
    const length = second === LF ? (first === CR ? 2 : 1) : second === CR ? 1 : 0;
    return Math.min(length, at - from);
}
