import type { DecodedImage } from "../pixels";
import { unpackLzw } from "./lzw";

const EXTENSION = 0x21;
const CONTROL = 0xf9;
const IMAGE = 0x2c;
const TRAILER = 0x3b;

/**
 * Decodes the first frame of a GIF as Pillow does: with the colours that transparency hides, on a screen that grows with
 * the frame, and as greys where the palette says what the indices are anyway. Other frames are not looked at.
 */
export function decodeGif(bytes: Uint8Array, maxPixels: number): DecodedImage {
    const file = new GifReader(bytes);
    file.at = 6;
    let [width, height] = [file.short(), file.short()];
    const flags = file.byte();
    file.at += 2;
    const shared = flags & 0x80 ? file.palette(flags) : undefined;

    let transparent = 0;
    for (;;) {
        const kind = file.byte();
        if (kind === TRAILER) {
            throw new Error("a GIF without an image");
        }
        if (kind === EXTENSION) {
            const label = file.byte();
            const [block] = [...file.blocks()];
            if (label === CONTROL && block && (block[0] as number) & 1) {
                transparent = block[3] ?? 0;
            }
        }
        if (kind === IMAGE) {
            break;
        }
    }
    const [left, top, across, down] = [file.short(), file.short(), file.short(), file.short()];
    const frameFlags = file.byte();
    const own = frameFlags & 0x80 ? file.palette(frameFlags) : undefined;
    if (own?.isGrey && shared && !shared.isGrey) {
        // Pillow shows the frame in the colours of the others.
        throw new Error("a GIF with a frame of greys in a palette of colours");
    }
    const bits = file.byte();
    width = Math.max(width, left + across);
    height = Math.max(height, top + down);
    if (width * height === 0 || across * down === 0 || width * height > maxPixels || bits < 1 || bits > 8) {
        throw new Error(
            `a GIF of ${width} by ${height} pixels with a frame of ${across} by ${down}, ${bits} bits`,
        );
    }
    const frame = unpackLzw(file.blocks(), bits, across * down);
    if (!frame) {
        throw new Error("a GIF that is truncated or damaged");
    }

    const palette = own ?? shared ?? GREYS;
    const indices = new Uint8Array(width * height).fill(transparent);
    for (const [row, place] of rowsOf(down, (frameFlags & 0x40) !== 0).entries()) {
        indices.set(frame.subarray(row * across, (row + 1) * across), (top + place) * width + left);
    }
    const data = new Uint8Array(indices.length * 3);
    let to = 0;
    for (const index of indices) {
        data[to++] = palette.colours[index * 3] ?? 0;
        data[to++] = palette.colours[index * 3 + 1] ?? 0;
        data[to++] = palette.colours[index * 3 + 2] ?? 0;
    }
    return { data, width, height, channels: 3, colourModel: palette.isGrey ? "rgb" : "palette" };
}

interface Palette {
    colours: Uint8Array;
    isGrey: boolean;
}

const GREYS: Palette = {
    colours: Uint8Array.from({ length: 256 * 3 }, (_, at) => Math.trunc(at / 3)),
    isGrey: true,
};

/** Where the rows of the file belong. */
function rowsOf(height: number, interlaced: boolean): number[] {
    const passes = interlaced
        ? [
              [0, 8],
              [4, 8],
              [2, 4],
              [1, 2],
          ]
        : [[0, 1]];
    return passes.flatMap(([first = 0, step = 1]) =>
        Array.from({ length: Math.max(0, Math.ceil((height - first) / step)) }, (_, at) => first + at * step),
    );
}

class GifReader {
    at = 0;
    readonly bytes: Uint8Array;

    constructor(bytes: Uint8Array) {
        this.bytes = bytes;
    }

    byte(): number {
        const value = this.bytes[this.at++];
        if (value === undefined) {
            throw new Error("a GIF that is truncated");
        }
        return value;
    }

    short(): number {
        return this.byte() | (this.byte() << 8);
    }

    palette(flags: number): Palette {
        const length = 3 << ((flags & 7) + 1);
        const colours = this.bytes.subarray(this.at, this.at + length);
        this.at += length;
        return colours.every((value, at) => value === Math.trunc(at / 3))
            ? GREYS
            : { colours, isGrey: false };
    }

    *blocks(): Generator<Uint8Array> {
        for (let length = this.byte(); length > 0; length = this.byte()) {
            yield this.bytes.subarray(this.at, this.at + length);
            this.at += length;
        }
    }
}
