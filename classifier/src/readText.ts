import { readFileSync } from "node:fs";

const UTF8_MARK = [0xef, 0xbb, 0xbf];
const UTF16_MARKS = [
    { mark: [0xff, 0xfe], encoding: "utf-16le", name: "UTF-16 LE" },
    { mark: [0xfe, 0xff], encoding: "utf-16be", name: "UTF-16 BE" },
] as const;
const UTF32_MARKS = [
    [0xff, 0xfe, 0x00, 0x00],
    [0x00, 0x00, 0xfe, 0xff],
];
const REMEDY = "Save the file as UTF-8.";

/**
 * Reads a text that a user wrote, by its byte-order mark: UTF-16 of either order, else UTF-8. The mark is left out, and
 * nothing else is changed. Throws a sentence with the line for what is no text in these.
 */
export function readText(path: string): string {
    return decodeText(readFileSync(path), path);
}

/** The text of bytes that were read already; `name` is what the sentence calls them. */
export function decodeText(bytes: Uint8Array, name: string): string {
    const text = decode(bytes, name);
    const nul = text.indexOf("\0");
    if (nul >= 0) {
        throw new Error(`Expected text in ${name}, line ${lineOf(text, nul)}, found a NUL. ${REMEDY}`);
    }
    return text;
}

function decode(bytes: Uint8Array, name: string): string {
    if (UTF32_MARKS.some((mark) => startsWith(bytes, mark))) {
        throw new Error(`Expected ${name} to be UTF-8 or UTF-16, found UTF-32 by its mark. ${REMEDY}`);
    }
    const marked = UTF16_MARKS.find(({ mark }) => startsWith(bytes, mark));
    if (marked) {
        return decodeUtf16(bytes, name, marked);
    }
    const unmarked = startsWith(bytes, UTF8_MARK) ? bytes.subarray(UTF8_MARK.length) : bytes;
    // Latin letters in UTF-16 have a NUL in every second byte.
    const nuls = unmarked.subarray(0, 1000).filter((byte) => byte === 0).length;
    if (nuls > 0 && nuls >= Math.min(unmarked.length, 1000) / 4) {
        throw new Error(
            `Expected ${name} to be UTF-8, found NULs as in UTF-16 without a byte-order mark. ${REMEDY}`,
        );
    }
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(unmarked);
    const wrong = firstWrongByte(unmarked, text);
    if (wrong !== undefined) {
        const before = new TextDecoder("utf-8").decode(unmarked.subarray(0, wrong));
        const byte = unmarked[wrong]?.toString(16).padStart(2, "0");
        throw new Error(
            `Expected ${name} to be UTF-8, found in line ${lineOf(before, before.length)} the byte 0x${byte}, which is ` +
                `none there. ${REMEDY}`,
        );
    }
    return text;
}

function decodeUtf16(
    bytes: Uint8Array,
    name: string,
    { encoding, name: found }: (typeof UTF16_MARKS)[number],
): string {
    try {
        return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes.subarray(2));
    } catch (cause) {
        throw new Error(
            `Expected ${name} to be ${found}, as its byte-order mark says, found bytes that are not. ${REMEDY}`,
            { cause },
        );
    }
}

/** Where the bytes and what a lenient decoder made of them first differ. */
function firstWrongByte(bytes: Uint8Array, text: string): number | undefined {
    if (!text.includes("\ufffd")) {
        return undefined;
    }
    const lenient = Buffer.from(text);
    let at = 0;
    while (at < lenient.length && lenient[at] === bytes[at]) {
        at++;
    }
    if (at === lenient.length) {
        return undefined;
    }
    // A wrong byte may be that with which the replacement begins.
    while (((lenient[at] ?? 0) & 0xc0) === 0x80) {
        at--;
    }
    return at;
}

function startsWith(bytes: Uint8Array, mark: readonly number[]): boolean {
    return mark.every((byte, index) => bytes[index] === byte);
}

/** The number of the line that a place in a text is in, wherever its lines end in. */
function lineOf(text: string, place: number): number {
    return text.slice(0, place).split(/\r\n|\r|\n/).length;
}
