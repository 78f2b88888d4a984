import type { ColourModel } from "../pixels";
import { type BmpHeader, RAW, RLE4, RLE8 } from "./bmpHeader";
import { unpackRunLengths } from "./bmpRunLengths";

/** Pixels of 1, 4 or 8 bits as RGB. */
export function readBmpIndices(
    file: Buffer,
    header: BmpHeader,
): { data: Uint8Array; channels: 3; colourModel: ColourModel } {
    const { width, height, bits, topDown } = header;
    const { colours, kind } = paletteOf(file, header);
    const expected = { "black and white": 1, greys: 8, colours: bits }[kind];
    if (bits !== expected && (header.compression === RAW || kind === "black and white")) {
        // Pillow would read the rows as if a pixel had that many bits.
        throw new Error(`a BMP of ${bits} bits whose palette is of ${kind}, which take ${expected}`);
    }
    const indices = indicesOf(file, header);
    const data = new Uint8Array(width * height * 3);
    let to = 0;
    for (let row = 0; row < height; row++) {
        const from = (topDown ? row : height - 1 - row) * width;
        for (let column = 0; column < width; column++) {
            const index = indices[from + column] as number;
            const entry = index * 3;
            data[to++] = colours[entry] as number;
            data[to++] = colours[entry + 1] as number;
            data[to++] = colours[entry + 2] as number;
        }
    }
    return { data, channels: 3, colourModel: kind === "greys" ? "rgb" : "palette" };
}

/** One a byte, rows as they come. */
function indicesOf(file: Buffer, { width, height, bits, compression, start }: BmpHeader): Uint8Array {
    if ((compression === RLE8 && bits === 8) || (compression === RLE4 && bits === 4)) {
        const indices = unpackRunLengths(file, start, { width, pixels: width * height, bits });
        if (!indices) {
            throw new Error("a BMP whose run lengths end before the image does");
        }
        return indices;
    }
    if (compression !== RAW) {
        throw new Error(`a BMP of ${bits} bits with compression ${compression}, which is not read`);
    }
    const stride = Math.ceil((width * bits) / 32) * 4;
    const indices = new Uint8Array(width * height);
    const most = 2 ** bits - 1;
    let to = 0;
    for (let row = 0; row < height; row++) {
        for (let column = 0; column < width; column++) {
            const bit = column * bits;
            const byte = file[start + row * stride + (bit >> 3)] as number;
            indices[to++] = (byte >> (8 - bits - (bit & 7))) & most;
        }
    }
    return indices;
}

/**
 * The colour of each index, black beyond those that are there. Pillow takes a palette that says what the indices are
 * anyway for none: such images are resized with mixing.
 */
function paletteOf(
    file: Buffer,
    { palette: { at, count, entryBytes } }: BmpHeader,
): { colours: Uint8Array; kind: "black and white" | "greys" | "colours" } {
    if (count > 256) {
        throw new Error(`a BMP with ${count} colours in its palette, of which 256 can be meant`);
    }
    if (file.length < at + count * entryBytes) {
        throw new Error("a BMP that ends within its palette");
    }
    const colours = new Uint8Array(256 * 3);
    let isGrey = true;
    for (let index = 0; index < count; index++) {
        const [blue, green, red] = file.subarray(at + index * entryBytes) as unknown as [
            number,
            number,
            number,
        ];
        colours.set([red, green, blue], index * 3);
        const own = count === 2 ? index * 255 : index;
        isGrey &&= red === own && green === own && blue === own;
    }
    if (!isGrey) {
        return { colours, kind: "colours" };
    }
    if (count > 2) {
        return {
            colours: Uint8Array.from({ length: 256 * 3 }, (_, at) => Math.trunc(at / 3)),
            kind: "greys",
        };
    }
    return { colours: colours.fill(255, 3, 6), kind: "black and white" };
}
