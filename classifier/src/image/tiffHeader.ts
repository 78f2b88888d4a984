import type { ColourModel } from "./pixels";

/** Tags of the first page of a TIFF that decide what its pixels mean. */
const TAG = {
    bits: 258,
    compression: 259,
    photometric: 262,
    fillOrder: 266,
    samples: 277,
    planes: 284,
    palette: 320,
    extra: 338,
    format: 339,
} as const;

/** Kinds of pixels whose colours are the same here as in Pillow: photometric kind, bits of each sample, extra samples. */
const KINDS: Record<string, ColourModel> = {
    "0 1 ": "palette",
    "1 1 ": "palette",
    "0 2 ": "rgb",
    "1 2 ": "rgb",
    "0 4 ": "rgb",
    "1 4 ": "rgb",
    "0 8 ": "rgb",
    "1 8 ": "rgb",
    "1 8,8 0": "rgb",
    "1 8,8 2": "rgba",
    "2 8,8,8 ": "rgb",
    "2 8,8,8,8 ": "rgba",
    "2 8,8,8,8 0": "rgb",
    "2 8,8,8,8 2": "rgba",
    "2 16,16,16 ": "rgb",
    "2 16,16,16,16 2": "rgba",
    "3 1 ": "palette",
    "3 2 ": "palette",
    "3 4 ": "palette",
    "3 8 ": "palette",
    "5 8,8,8,8 ": "cmyk",
    "6 8,8,8 ": "rgb",
    "2 8,8,8,8 1": "rgba",
};
/** No compression, CCITT, LZW, JPEG, Deflate by its two numbers, PackBits. */
const COMPRESSIONS = [1, 2, 3, 4, 5, 7, 8, 32946, 32773];
const JPEG = 7;
const YCBCR = 6;
const PALETTE = 3;
/** Of 256 colours; nothing else that is looked at has as many values. */
const MOST_VALUES = 3 * 256;

/** Of the last kind, whose colours are multiplied by their alpha: the same only where nothing is transparent. */
const MULTIPLIED = "2 8,8,8,8 1";

export interface TiffHeader {
    colourModel: ColourModel;
    /** Whether its pixels can be told only where all are opaque. */
    mustBeOpaque: boolean;
}

/** What a TIFF is made of, or undefined for another format. Throws an `Error` for what Pillow would show differently. */
export function readTiffHeader(bytes: Uint8Array): TiffHeader | undefined {
    const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const order = file.toString("latin1", 0, 2);
    if (
        file.length < 8 ||
        (order !== "II" && order !== "MM") ||
        ![42, 43].includes(shortOf(file, order)(2))
    ) {
        return undefined;
    }
    const tags = readTags(file, order);
    const tag = (name: keyof typeof TAG) => tags.get(TAG[name]);
    const first = (name: keyof typeof TAG, unset: number) => tag(name)?.[0] ?? unset;

    const [compression, photometric] = [first("compression", 1), first("photometric", 0)];
    // A file may claim any number, and more than four make none of the kinds.
    const samples = Math.min(first("samples", 1), 5);
    const bits = tag("bits") ?? [1];
    const kind = [
        photometric,
        (bits.length === 1 ? Array(samples).fill(bits[0]) : bits).join(),
        (tag("extra") ?? []).join(),
    ].join(" ");
    const colourModel = KINDS[kind];
    const isUsual =
        COMPRESSIONS.includes(compression) &&
        (photometric !== YCBCR || compression === JPEG) &&
        (tag("format") ?? []).every((format) => format === 1) &&
        (first("fillOrder", 1) === 1 || (samples === 1 && bits[0] === 1 && photometric !== PALETTE)) &&
        !isPaletteOfBytes(tag("palette")) &&
        (first("planes", 1) === 1 || kind === "2 8,8,8 ");
    if (!colourModel || !isUsual) {
        throw new Error(
            `a TIFF that readers understand differently (photometric kind ${photometric}, ${bits.join("+")} bits, compression ${compression}): send it as RGB of 8 bits`,
        );
    }
    return { colourModel, mustBeOpaque: kind === MULTIPLIED };
}

/** Colours are to have 16 bits; where all have 8, libtiff takes them so, and Pillow for black. */
function isPaletteOfBytes(palette: number[] | undefined): boolean {
    return palette?.every((value) => value < 256) ?? false;
}

function shortOf(file: Buffer, order: string): (at: number) => number {
    return order === "II" ? (at) => file.readUInt16LE(at) : (at) => file.readUInt16BE(at);
}

/** The short numbers of the first directory, in a TIFF or in a BigTIFF. */
function readTags(file: Buffer, order: string): Map<number, number[]> {
    const short = shortOf(file, order);
    const long =
        order === "II" ? (at: number) => file.readUInt32LE(at) : (at: number) => file.readUInt32BE(at);
    const isBig = short(2) === 43;
    // Numbers of eight bytes: what is beyond four is beyond the file.
    const offset = isBig ? (at: number) => long(at + (order === "II" ? 0 : 4)) : long;
    const [countBytes, entryBytes, room] = isBig ? [8, 20, 8] : [2, 12, 4];
    const tags = new Map<number, number[]>();
    let isRepeated = false;
    try {
        const directory = offset(isBig ? 8 : 4);
        const entries = isBig ? offset(directory) : short(directory);
        for (let entry = 0; entry < entries && !isRepeated; entry++) {
            const at = directory + countBytes + entry * entryBytes;
            const [kind, count] = [short(at + 2), offset(at + 4)];
            const values = at + entryBytes - room;
            if (
                Object.values<number>(TAG).includes(short(at)) &&
                count <= MOST_VALUES &&
                (kind === 3 || kind === 4)
            ) {
                isRepeated ||= tags.has(short(at));
                const [bytes, read] = kind === 3 ? [2, short] : [4, long];
                const from = count * bytes <= room ? values : offset(values);
                tags.set(
                    short(at),
                    Array.from({ length: count }, (_, index) => read(from + index * bytes)),
                );
            }
        }
    } catch (cause) {
        throw new Error("a TIFF that is truncated within its directory", { cause });
    }
    if (isRepeated) {
        // Reading the same again and again would take long, too.
        throw new Error(
            "a TIFF that says the same twice: readers understand that differently, send it as RGB of 8 bits",
        );
    }
    return tags;
}
