/** What the head of a BMP file says, as Pillow understands it. */
export interface BmpHeader {
    width: number;
    height: number;
    topDown: boolean;
    bits: number;
    compression: number;
    /** Where the pixels begin. */
    start: number;
    /** Of red, green, blue and alpha; alpha is 0 where there is none. Only with `BITFIELDS`. */
    masks?: readonly [number, number, number, number];
    palette: BmpPalette;
}

/** Entries of blue, green, red, and in all but the oldest headers a byte that says nothing. */
interface BmpPalette {
    at: number;
    count: number;
    entryBytes: 3 | 4;
}

/** The values of the field `compression`. */
export const RAW = 0;
export const RLE8 = 1;
export const RLE4 = 2;
export const BITFIELDS = 3;

const FILE_HEADER = 14;
/** OS/2 1, Windows 3, its second and third version, OS/2 2, Windows 4 and 5. */
const HEADERS = [12, 40, 52, 56, 64, 108, 124];
const MOST_COLOURS = 65_536;

/** Reads the head of a BMP file. Throws an `Error` that says what is wrong with it. */
export function readBmpHeader(file: Buffer): BmpHeader {
    const size = file.length < FILE_HEADER + 4 ? 0 : file.readUInt32LE(FILE_HEADER);
    if (!HEADERS.includes(size) || file.length < FILE_HEADER + size) {
        throw new Error(`a BMP with a header of ${size} bytes, and known are ${HEADERS.join(", ")}`);
    }
    const isOldest = size === 12;
    const at = (field: number) => FILE_HEADER + field;
    const bits = file.readUInt16LE(at(isOldest ? 10 : 14));
    const compression = isOldest ? RAW : file.readUInt32LE(at(16));
    // A height below zero says that the rows come from the top; of those only some have 0xff in front.
    const height = isOldest ? file.readUInt16LE(at(6)) : file.readInt32LE(at(8));

    // The oldest headers with masks have them behind them.
    const masksInside = size >= 52;
    const maskBytes = compression === BITFIELDS && !masksInside ? 12 : 0;
    const afterHeader = at(size) + maskBytes;
    if (file.length < afterHeader) {
        throw new Error("a BMP that ends within its header");
    }
    const count = (isOldest ? 0 : file.readUInt32LE(at(32))) || 2 ** Math.min(bits, 32);
    if (bits <= 8 && count > MOST_COLOURS) {
        throw new Error(`a BMP with ${count} colours in its palette`);
    }
    const entryBytes = isOldest ? 3 : 4;
    const paletteEnd = afterHeader + (bits <= 8 ? count * entryBytes : 0);
    const offset = file.readUInt32LE(10);
    const isOffsetOfPalette = offset === at(size) && bits <= 8;
    return {
        width: isOldest ? file.readUInt16LE(at(4)) : file.readUInt32LE(at(4)),
        height: Math.abs(height),
        topDown: height < 0,
        bits,
        compression,
        start: isOffsetOfPalette || offset === 0 ? paletteEnd : offset,
        ...(compression === BITFIELDS && {
            masks: [0, 4, 8, 12].map((field) =>
                field < 12 || size >= 56 ? file.readUInt32LE(at(40 + field)) : 0,
            ) as unknown as BmpHeader["masks"],
        }),
        palette: { at: afterHeader, count, entryBytes },
    };
}
