import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import sharp, { type Sharp } from "../../../classifier/node_modules/sharp";
import { bmp, bombs } from "./bombs";

/** Something that is sent as an image, and a name by which it is found again: the same seed makes the same bytes. */
export interface HostileImage {
    name: string;
    bytes: Buffer;
}

type Random = (below: number) => number;

const VARIANTS_PER_IMAGE = 56;

/** Over a thousand inputs of which most are no image any more, and those that are one are odd. */
export async function hostileImages(seed: number): Promise<HostileImage[]> {
    const generator = xoroshiro128plus(seed);
    const random: Random = (below) => uniformInt(generator, 0, below - 1);
    const images = await oddImages(random);
    const all = Object.entries({ ...images, ...bombs(), ...otherFiles(images) });
    for (const [name, image] of Object.entries(images)) {
        for (let variant = 0; variant < VARIANTS_PER_IMAGE; variant++) {
            const [how, damage] = damages[variant % damages.length] as Damage;
            const others = Object.values(images);
            const other = others[random(others.length)] ?? image;
            all.push([`${name}, ${how} (${variant})`, damage(Buffer.from(image), random, other)]);
        }
    }
    return all.map(([name, bytes]) => ({ name, bytes }));
}

/** Valid images, most of them of kinds that are rarely met. */
async function oddImages(random: Random): Promise<Record<string, Buffer>> {
    const [width, height] = [48, 36];
    const noise = Buffer.from(Array.from({ length: width * height * 4 }, () => random(256)));
    const make = (change: (image: Sharp) => Sharp) =>
        change(sharp(noise, { raw: { width, height, channels: 4 } })).toBuffer();
    const frames = (change: (image: Sharp) => Sharp) =>
        change(sharp(noise, { raw: { width, height, channels: 4, pageHeight: height / 4 } })).toBuffer();
    return {
        "baseline JPEG": await make((image) => image.jpeg()),
        "progressive JPEG": await make((image) => image.jpeg({ progressive: true })),
        "CMYK JPEG": await make((image) => image.toColourspace("cmyk").jpeg()),
        "grey JPEG": await make((image) => image.greyscale().jpeg()),
        "JPEG with EXIF": await make((image) => image.withMetadata({ orientation: 6 }).jpeg()),
        "RGBA PNG": await make((image) => image.png()),
        "interlaced PNG": await make((image) => image.png({ progressive: true })),
        "palette PNG": await make((image) => image.png({ palette: true })),
        "16-bit PNG": await make((image) => image.toColourspace("rgb16").png()),
        "animated GIF": await frames((image) => image.gif()),
        "lossy WebP": await make((image) => image.webp()),
        "lossless WebP": await make((image) => image.webp({ lossless: true })),
        "animated WebP": await frames((image) => image.webp()),
        "deflated TIFF": await make((image) =>
            image.tiff({ compression: "deflate", predictor: "horizontal" }),
        ),
        "tiled TIFF": await make((image) =>
            image.tiff({ compression: "lzw", tile: true, tileWidth: 16, tileHeight: 16 }),
        ),
        "16-bit TIFF": await make((image) => image.toColourspace("rgb16").tiff({ compression: "none" })),
        "JPEG in a TIFF": await make((image) => image.removeAlpha().tiff({ compression: "jpeg" })),
        "24-bit BMP": Buffer.concat([bmp(width, height, 24), noise]),
        "8-bit BMP": Buffer.concat([bmp(width, height, 8), noise]),
        "packed BMP": Buffer.concat([bmp(width, height, 8, 1).subarray(0, -16), noise]),
    };
}

/** Files of other kinds, and files that are two things at once. */
function otherFiles(images: Record<string, Buffer>): Record<string, Buffer> {
    const jpeg = images["baseline JPEG"] ?? Buffer.alloc(0);
    const gif = images["animated GIF"] ?? Buffer.alloc(0);
    const script = "<script>alert(1)</script>";
    const svg =
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd"/></svg>';
    const texts: Record<string, string> = {
        nothing: "",
        "one byte": "\xff",
        JSON: '{"url":"http://127.0.0.1/"}',
        HTML: `<!doctype html>${script}`,
        SVG: svg,
        "SVG with a billion laughs": `<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>${svg}`,
        PDF: "%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>",
        PostScript: "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage",
        "ImageMagick's commands":
            "push graphic-context\nviewbox 0 0 9 9\nimage over 0,0 0,0 'ephemeral:/x'\npop graphic-context",
        PPM: "P6 2 2 255\n\0\0\0\0\0\0\0\0\0\0\0\0",
        FITS: "SIMPLE  =                    T",
        "an empty zip": "PK\x05\x06".padEnd(22, "\0"),
        gzip: "\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0",
        ELF: "\x7fELF\x02\x01\x01".padEnd(64, "\0"),
        ICO: "\0\0\x01\0\x01\0\x10\x10\0\0\x01\0\x20\0\0\0\0\0\x16\0\0\0",
        AVIF: "\0\0\0\x20ftypavif\0\0\0\0avifmif1miaf",
        "JPEG XL": "\0\0\0\x0cJXL \x0d\x0a\x87\x0a",
        "JPEG 2000": "\0\0\0\x0cjP  \x0d\x0a\x87\x0a",
        OpenEXR: "\x76\x2f\x31\x01\x02\0\0\0",
        Radiance: "#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 1\n",
        "a path": "/etc/passwd",
    };
    return {
        ...Object.fromEntries(
            Object.entries(texts).map(([name, text]) => [name, Buffer.from(text, "latin1")]),
        ),
        "JPEG that is a zip too": Buffer.concat([jpeg, Buffer.from("PK\x05\x06".padEnd(22, "\0"), "latin1")]),
        "JPEG that is a page too": Buffer.concat([jpeg, Buffer.from(script)]),
        "PDF that is a JPEG too": Buffer.concat([Buffer.from("%PDF-1.7\n"), jpeg]),
        "GIF that is a script too": Buffer.concat([gif, Buffer.from("=1;alert(1)//")]),
        "GIF after a JPEG": Buffer.concat([jpeg, gif]),
        "4 MiB of nothing": Buffer.alloc(4 * 1024 * 1024),
        "4 MiB after a JPEG's first bytes": Buffer.concat([
            jpeg.subarray(0, 20),
            Buffer.alloc(4_000_000, 0xff),
        ]),
    };
}

type Damage = [how: string, damage: (image: Buffer, random: Random, other: Buffer) => Buffer];

const HEADER_BYTES = 64;

const damages: Damage[] = [
    ["cut off", (image, random) => image.subarray(0, random(image.length))],
    [
        "cut off in its header",
        (image, random) => image.subarray(0, random(Math.min(HEADER_BYTES, image.length))),
    ],
    ["bits flipped", (image, random) => flip(image, random, image.length, 1 + random(30))],
    ["bits of its header flipped", (image, random) => flip(image, random, HEADER_BYTES, 1 + random(6))],
    [
        "header values at their limits",
        (image, random) => {
            const at = random(Math.min(HEADER_BYTES, image.length - 4));
            const limits = [0, 1, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];
            image.writeUInt32BE(limits[random(limits.length)] ?? 0, at);
            return image;
        },
    ],
    [
        "a part missing",
        (image, random) => {
            const from = random(image.length);
            return Buffer.concat([image.subarray(0, from), image.subarray(from + 1 + random(200))]);
        },
    ],
    [
        "a part doubled",
        (image, random) => {
            const from = random(image.length);
            return Buffer.concat([image.subarray(0, from + random(200)), image.subarray(from)]);
        },
    ],
    [
        "a part of another in it",
        (image, random, other) => {
            const from = random(image.length);
            return Buffer.concat([image.subarray(0, from), other.subarray(random(other.length))]);
        },
    ],
];

function flip(image: Buffer, random: Random, within: number, bits: number): Buffer {
    for (let bit = 0; bit < bits; bit++) {
        const at = random(Math.min(within, image.length));
        image[at] = (image[at] ?? 0) ^ (1 << random(8));
    }
    return image;
}
