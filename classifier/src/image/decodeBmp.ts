import { decode } from "bmp-ts";
import { RequestError } from "../errors";
import { dropAlpha } from "./colour";
import type { DecodedImage } from "./pixels";

const HEADER_BYTES = 26;

export function isBmp(bytes: Uint8Array): boolean {
    return bytes[0] === 0x42 && bytes[1] === 0x4d;
}

/** Decodes a BMP, which sharp's prebuilt libvips cannot read. Its alpha, if any, is dropped as Pillow does. */
export function decodeBmp(bytes: Uint8Array, maxPixels: number): DecodedImage {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const pixels =
        buffer.length < HEADER_BYTES ? 0 : buffer.readUInt32LE(18) * Math.abs(buffer.readInt32LE(22));
    // The decoder allocates what the header claims, so the claim is checked first.
    if (pixels === 0 || pixels > maxPixels) {
        throw new RequestError(
            400,
            "BadRequestImageFormat",
            `Expected a BMP of 1 to ${maxPixels} pixels, got a header that claims ${pixels}.`,
        );
    }
    const bmp = decode(buffer, { toRGBA: true });
    const { width, height } = bmp;
    return {
        data: dropAlpha({ data: bmp.data, width, height, channels: 4 }).data,
        width,
        height,
        channels: 3,
        colourModel: bmp.bitPP <= 8 ? "palette" : "rgb",
    };
}
