import { decode } from "bmp-ts";
import { RequestError } from "../errors";
import type { DecodedImage } from "./pixels";

const HEADER_BYTES = 26;
/** The most that run lengths, its only compression, get into a byte. */
const MOST_PIXELS_PER_BYTE = 128;

export function isBmp(bytes: Uint8Array): boolean {
    return bytes[0] === 0x42 && bytes[1] === 0x4d;
}

/** Decodes a BMP, which sharp's prebuilt libvips cannot read. Its alpha, if any, is dropped. */
export function decodeBmp(bytes: Uint8Array, maxPixels: number): DecodedImage {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const pixels =
        buffer.length < HEADER_BYTES ? 0 : buffer.readUInt32LE(18) * Math.abs(buffer.readInt32LE(22));
    // The decoder allocates what the header claims, so the claim is checked first.
    if (pixels === 0 || pixels > maxPixels || pixels > buffer.length * MOST_PIXELS_PER_BYTE) {
        throw new RequestError(
            400,
            "BadRequestImageFormat",
            `Expected a BMP of 1 to ${maxPixels} pixels, got ${buffer.length} bytes that claim to be ${pixels} pixels.`,
        );
    }
    // Only in its own order, ABGR, does the library get images with a palette right.
    const { data, width, height, bitPP, palette } = decode(buffer);
    return {
        data: abgrToRgb(data),
        width,
        height,
        channels: 3,
        colourModel: bitPP <= 8 && !isGreyRamp(palette) ? "palette" : "rgb",
    };
}

function abgrToRgb(abgr: Uint8Array): Uint8Array {
    const rgb = new Uint8Array((abgr.length / 4) * 3);
    for (let from = 0, to = 0; from < abgr.length; from += 4) {
        rgb[to++] = abgr[from + 3] as number;
        rgb[to++] = abgr[from + 2] as number;
        rgb[to++] = abgr[from + 1] as number;
    }
    return rgb;
}

/** A palette that says what its indices are anyway: Pillow takes such an image for a grey one. */
function isGreyRamp(palette: readonly { red: number; green: number; blue: number }[]): boolean {
    return (
        palette.length > 2 &&
        palette.every(({ red, green, blue }, i) => red === i && green === i && blue === i)
    );
}
