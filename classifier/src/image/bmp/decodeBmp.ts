import type { DecodedImage } from "../pixels";
import { readBmpColours } from "./bmpColours";
import { BITFIELDS, RAW, readBmpHeader } from "./bmpHeader";
import { readBmpIndices } from "./bmpIndices";

/** The most that run lengths get into a byte; steps could claim more. */
const MOST_PIXELS_PER_BYTE = 128;

/**
 * Decodes a BMP, which sharp's prebuilt libvips cannot read, to the pixels of Pillow's `BmpImagePlugin.py`: headers of OS/2
 * and Windows, palettes, bit masks, run lengths. What Pillow refuses or gets wrong is refused.
 */
export function decodeBmp(bytes: Uint8Array, maxPixels: number): DecodedImage {
    const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const header = readBmpHeader(file);
    const { width, height, bits, compression, start } = header;
    const pixels = width * height;
    if (pixels === 0 || pixels > maxPixels) {
        throw new Error(`a BMP of ${width} by ${height} pixels`);
    }
    const rowBytes = Math.ceil((width * bits) / 8);
    const isRaw = compression === RAW || compression === BITFIELDS;
    // The last row needs no padding.
    const needed = isRaw ? (height - 1) * Math.ceil((width * bits) / 32) * 4 + rowBytes : 0;
    if (start + needed > file.length || pixels > file.length * MOST_PIXELS_PER_BYTE) {
        throw new Error(`a BMP of ${width} by ${height} pixels in ${file.length} bytes: it is truncated`);
    }
    if (bits === 1 || bits === 4 || bits === 8) {
        return { width, height, ...readBmpIndices(file, header) };
    }
    if (bits !== 16 && bits !== 24 && bits !== 32) {
        throw new Error(`a BMP of ${bits} bits, and known are 1, 4, 8, 16, 24 and 32`);
    }
    const colours = readBmpColours(file, header);
    return { width, height, ...colours, colourModel: colours.channels === 4 ? "rgba" : "rgb" };
}
