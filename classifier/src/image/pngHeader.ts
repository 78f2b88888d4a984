import { crc32 } from "node:zlib";
import { exifOrientation } from "./metadataOrientation";
import type { ColourModel } from "./pixels";

const SIGNATURE = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
const GREY = 0;
const PALETTE = 3;
/** Colour types with an alpha channel; a colour that is declared transparent does not make one. */
const WITH_ALPHA = [4, 6];

/** What a PNG file says beside its pixels. */
export interface PngHeader {
    colourModel: ColourModel;
    /** EXIF's, wherever the file has it: libvips looks only before the pixels. */
    orientation: number;
}

/** Reads what a PNG is made of. Throws an `Error` for what Pillow would show as something else. */
export function readPngHeader(bytes: Uint8Array): PngHeader | undefined {
    const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (file.length < 33 || !file.subarray(0, 8).equals(SIGNATURE)) {
        return undefined;
    }
    const [bits, type] = [file[24] as number, file[25] as number];
    if (type === GREY && bits === 16) {
        throw new Error("a grey PNG of 16 bits, which would be cut off to white: send one of 8 bits");
    }
    const isIndexed = type === PALETTE || (type === GREY && bits === 1);
    return {
        colourModel: isIndexed ? "palette" : WITH_ALPHA.includes(type) ? "rgba" : "rgb",
        orientation: orientationOf(file),
    };
}

/** Goes through the chunks, which have a length, a name, their content and a checksum. */
function orientationOf(file: Buffer): number {
    let orientation = 1;
    for (let at = 8; at + 12 <= file.length; at += 12 + file.readUInt32BE(at)) {
        const end = at + 8 + file.readUInt32BE(at);
        const name = file.toString("latin1", at + 4, at + 8);
        // libvips checks those of pixels, and passes over the others'.
        if (
            name !== "IDAT" &&
            end + 4 <= file.length &&
            crc32(file.subarray(at + 4, end)) !== file.readUInt32BE(end)
        ) {
            throw new Error(`a PNG with a wrong checksum in ${/^\w{4}$/.test(name) ? name : "a chunk"}`);
        }
        if (name === "eXIf") {
            orientation = exifOrientation(file.subarray(at + 8, end)) ?? 1;
        }
        if (name === "IEND") {
            break;
        }
    }
    return orientation;
}
