const ORIENTATION_TAG = 0x0112;
const SHORT = 3;

/** The orientation in the first directory of a TIFF structure: 1 if there is none, undefined if it cannot be read. */
export function exifOrientation(tiff: Buffer): number | undefined {
    const order = tiff.toString("latin1", 0, 4);
    const little = order === "II*\0";
    if ((!little && order !== "MM\0*") || tiff.length < 10) {
        return undefined;
    }
    const short = (at: number) => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
    const directory = little ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
    if (directory + 2 > tiff.length || directory + 2 + short(directory) * 12 > tiff.length) {
        return undefined;
    }
    for (let entry = 0; entry < short(directory); entry++) {
        const at = directory + 2 + entry * 12;
        if (short(at) === ORIENTATION_TAG) {
            const value = short(at + 8);
            return short(at + 2) === SHORT && value >= 1 && value <= 8 ? value : undefined;
        }
    }
    return 1;
}

/** The orientation that XMP names, 1 if it names none. Pillow goes by it where EXIF is silent, and libvips does not. */
export function xmpOrientation(xmp: Buffer): number {
    const at = xmp.indexOf("tiff:Orientation");
    const value =
        at < 0 ? undefined : /^tiff:Orientation(?:="|>)([1-8])/.exec(xmp.toString("latin1", at, at + 24));
    return Number(value?.[1] ?? 1);
}
