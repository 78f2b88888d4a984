import { exifOrientation, xmpOrientation } from "./metadataOrientation";

/** Facts from the head of a JPEG file. */
export interface JpegHeader {
    width: number;
    height: number;
    /** 1 for grey, 3 for colour, 4 for inks. */
    components: number;
    progressive: boolean;
    /** How to turn the image upright, as EXIF counts it: 1 to 8, and 1 where nothing is said. */
    orientation: number;
}

/** Encoders write some ten. Each goes over the whole image, at a cost of a few bytes: 5000 took half a minute. */
export const MAX_SCANS = 100;

const EXIF = Buffer.from("Exif\0\0");

/**
 * Reads the head of a JPEG file of the usual kinds: baseline, extended or progressive, 8 bits, Huffman-coded. Undefined
 * for everything else and for what is written in a way that readers understand differently.
 */
export function readJpegHeader(bytes: Uint8Array): JpegHeader | undefined {
    const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (file.length < 4 || file.readUInt16BE(0) !== 0xffd8) {
        return undefined;
    }
    let orientation: number | undefined;
    let frame: Omit<JpegHeader, "orientation"> | undefined;
    // Segments begin with 0xff, a marker and their length, which counts its own two bytes.
    for (let at = 2; at + 4 <= file.length && file[at] === 0xff; at += 2 + file.readUInt16BE(at + 2)) {
        const marker = file[at + 1] as number;
        if (marker < 0xc0 || marker === 0xff || file.readUInt16BE(at + 2) < 2) {
            return undefined;
        }
        const content = file.subarray(at + 4, at + 2 + file.readUInt16BE(at + 2));
        if (marker === 0xda) {
            return frame && { ...frame, orientation: orientation ?? 1 };
        }
        if (marker === 0xe1 && content.indexOf(EXIF) === 0) {
            if (orientation !== undefined) {
                return undefined;
            }
            orientation = exifOrientation(content.subarray(EXIF.length));
            if (orientation === undefined) {
                return undefined;
            }
        }
        if (marker === 0xe1 && xmpOrientation(content) !== 1) {
            return undefined;
        }
        if (isFrame(marker)) {
            if (frame || content.length < 6 || marker > 0xc2 || content[0] !== 8) {
                return undefined;
            }
            frame = {
                height: content.readUInt16BE(1),
                width: content.readUInt16BE(3),
                components: content[5] as number,
                progressive: marker === 0xc2,
            };
        }
    }
    return undefined;
}

/** Counts the markers of a scan; within a scan's data these two bytes do not follow each other. */
export function scansOf({ buffer, byteOffset, byteLength }: Uint8Array): number {
    const bytes = Buffer.from(buffer, byteOffset, byteLength);
    const marker = Buffer.from([0xff, 0xda]);
    let scans = 0;
    for (let at = bytes.indexOf(marker); at >= 0; at = bytes.indexOf(marker, at + marker.length)) {
        scans++;
    }
    return scans;
}

/** Whether a marker starts a frame; three markers of the same row start tables instead. */
function isFrame(marker: number): boolean {
    return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}
