/** How files begin; a dot stands for any byte. */
const BEGINNINGS: readonly [begin: string, name: string][] = [
    ["\xff\xd8\xff", "JPEG"],
    ["\x89PNG\r\n\x1a\n", "PNG"],
    ["GIF87a", "GIF"],
    ["GIF89a", "GIF"],
    ["BM", "BMP"],
    ["RIFF....WEBP", "WebP"],
    ["II*\0", "TIFF"],
    ["MM\0*", "TIFF"],
    ["II+\0", "TIFF"],
    ["MM\0+", "TIFF"],
    ["\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"],
    ["\xff\x4f\xff\x51", "JPEG 2000"],
    ["\0\0\0\x0cJXL ", "JPEG XL"],
    ["\xff\x0a", "JPEG XL"],
    ["....ftypavi", "AVIF"],
    ["....ftyphe", "HEIC"],
    ["....ftypmif1", "HEIC"],
    ["....ftypmsf1", "HEIC"],
    ["....ftyp", "MP4 or QuickTime"],
    ["\0\0\x01\0", "ICO"],
    ["\0\0\x02\0", "CUR"],
    ["icns", "ICNS"],
    ["DDS ", "DDS"],
    ["qoif", "QOI"],
    ["8BPS", "Photoshop"],
    ["\x01\xda", "SGI"],
    ["\x0a\x00\x01", "PCX"],
    ["\x0a\x02\x01", "PCX"],
    ["\x0a\x03\x01", "PCX"],
    ["\x0a\x04\x01", "PCX"],
    ["\x0a\x05\x01", "PCX"],
    ["P1", "PBM"],
    ["P2", "PGM"],
    ["P3", "PPM"],
    ["P4", "PBM"],
    ["P5", "PGM"],
    ["P6", "PPM"],
    ["PF", "PFM"],
    ["Pf", "PFM"],
    ["/* XPM */", "XPM"],
    ["#define", "XBM"],
    ["%!PS", "PostScript"],
    ["%PDF", "PDF"],
    ["<svg", "SVG"],
    ["<?xml", "XML or SVG"],
    ["DanM", "MSP"],
    ["LinS", "MSP"],
    ["\x59\xa6\x6a\x95", "Sun raster"],
    ["SIMPLE", "FITS"],
    ["\xd7\xcd\xc6\x9a", "WMF"],
    ["\x28\0\0\0", "DIB (a BMP without its file header)"],
    // A TGA has no mark; this is how those of Pillow and of most programs begin.
    ["\0\0\x02\0\0\0\0\0", "TGA"],
    ["\0\0\x0a\0\0\0\0\0", "TGA"],
    ["\0\0\x03\0\0\0\0\0", "TGA"],
    ["\0\0\x0b\0\0\0\0\0", "TGA"],
    ["\0\x01\x01", "TGA"],
    ["\0\x01\x09", "TGA"],
];

/** The name of the format that a file begins like, if it is one that somebody may send. */
export function formatOf(bytes: Uint8Array): string | undefined {
    const head = String.fromCharCode(...bytes.subarray(0, 16));
    const found = BEGINNINGS.filter(([begin]) =>
        [...begin].every((char, at) => char === "." || char === head[at]),
    );
    // The longest says most: a TGA begins like a cursor, but has nothing where that counts its pictures.
    return found.toSorted(([one], [other]) => other.length - one.length)[0]?.[1];
}

/** Says what has been sent that is not decoded, and what to do about it. */
export function notRead(format: string | undefined, { length }: Uint8Array): string {
    if (format === "HEIC") {
        return 'HEIC, as iPhones take it: have it sent as JPEG ("Most Compatible" among the formats of the camera)';
    }
    return format
        ? `${format}. Convert it to one of these first`
        : `${length} bytes that begin like none of these`;
}
