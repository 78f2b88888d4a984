import sharp, { type Metadata, type Sharp } from "sharp";
import { RequestError } from "../errors";
import { decodeBmp } from "./bmp/decodeBmp";
import { dropAlpha } from "./colour";
import { formatOf, notRead } from "./formatOf";
import { decodeGif } from "./gif/decodeGif";
import { refuseOtherFormats } from "./imageFormats";
import { MAX_SCANS, scansOf } from "./jpegHeader";
import { xmpOrientation } from "./metadataOrientation";
import { turned } from "./orientation";
import type { ColourModel, DecodedImage, Pixels, Placement } from "./pixels";
import { readPngHeader } from "./pngHeader";
import { readTiffHeader } from "./tiffHeader";

/** The largest image that is decoded unless told otherwise; a few bytes can claim to be any number of pixels. */
export const DEFAULT_MAX_PIXELS = 50_000_000;
/** Only the first frame is decoded, but finding the others takes time too: half a second for 30 000 in a TIFF. */
const MAX_FRAMES = 1000;
/** libvips ends a decoding by itself after this time, because nothing can interrupt the thread that decodes. */
const TIMEOUT_SECONDS = 10;

refuseOtherFormats();
// Requests are what runs side by side; one image on several threads costs 5-10 % more CPU and gains nothing.
sharp.concurrency(1);
sharp.cache(false);

/** What is decoded by ourselves, as sharp's prebuilt libvips cannot, or does it in another way than Pillow. */
const OWN_DECODERS: Record<string, (bytes: Uint8Array, maxPixels: number) => DecodedImage> = {
    BMP: decodeBmp,
    GIF: decodeGif,
};
const BY_SHARP = ["JPEG", "PNG", "WebP", "TIFF"];

/**
 * Decodes a JPEG, PNG, GIF, BMP, WebP or TIFF as Pillow does: turned upright by EXIF, its ICC profile ignored, the
 * first frame of an animation. Throws a `RequestError` for anything else, and for what cannot be had as Pillow has it.
 */
export function decode(bytes: Uint8Array, maxPixels: number): Promise<DecodedImage> {
    return asRequestErrors(maxPixels, async () => {
        const format = formatOf(bytes);
        const own = OWN_DECODERS[format ?? ""];
        if (own) {
            return own(bytes, maxPixels);
        }
        if (!format || !BY_SHARP.includes(format)) {
            throw new Error(notRead(format, bytes));
        }
        const png = readPngHeader(bytes);
        const tiff = readTiffHeader(bytes);
        const image = open(bytes, format, maxPixels);
        const metadata = await image.metadata();
        checkEffort(metadata, bytes);
        const colourModel = (png ?? tiff)?.colourModel ?? colourModelOf(metadata);
        const pixels = await rawPixels(inColourModel(image, colourModel));
        if (tiff?.mustBeOpaque && !isOpaque(pixels)) {
            throw new Error(
                "a TIFF with colours that are multiplied by their alpha: send it as RGB of 8 bits",
            );
        }
        const decoded: DecodedImage = {
            // A colour that is declared transparent is no alpha channel.
            ...(colourModel === "rgb" ? { ...dropAlpha(pixels), channels: 3 } : pixels),
            colourModel,
        };
        // What sharp has not turned already.
        const orientation = metadata.orientation ? 1 : (png?.orientation ?? 1);
        return turned(decoded, orientation === 1 ? orientationInXmp(metadata) : orientation);
    });
}

/**
 * Decodes a JPEG at a fraction of its size and lets libvips resize the rest: not Pillow's pixels, but in a half to a
 * quarter of the time. `place` is told the size of the upright image. Undefined for what cannot be decoded scaled.
 */
export function decodeScaled(
    bytes: Uint8Array,
    maxPixels: number,
    place: Placement,
): Promise<Pixels | undefined> {
    return asRequestErrors(maxPixels, async () => {
        const format = formatOf(bytes);
        if (format !== "JPEG") {
            return undefined;
        }
        const image = open(bytes, format, maxPixels);
        const metadata = await image.metadata();
        checkEffort(metadata, bytes);
        if (metadata.space === "cmyk" || orientationInXmp(metadata) !== 1) {
            return undefined;
        }
        const { size, window } = place(metadata.autoOrient);
        return rawPixels(
            image
                .resize({ ...size, fit: "fill", kernel: "linear" })
                .extract(window)
                .toColourspace("srgb"),
        );
    });
}

function open(bytes: Uint8Array, format: string, maxPixels: number): Sharp {
    return sharp(bytes, {
        autoOrient: true,
        ignoreIcc: true,
        // A TIFF whose data break off is not truncated for libtiff; what is damaged in a JPEG looks alike everywhere.
        failOn: format === "TIFF" ? "warning" : "truncated",
        limitInputPixels: maxPixels,
    }).timeout({ seconds: TIMEOUT_SECONDS });
}

/** Refuses what is small and claims few pixels, but would take long all the same. */
function checkEffort({ pages = 1, format, isProgressive }: Metadata, bytes: Uint8Array): void {
    if (pages > MAX_FRAMES) {
        throw new Error(`${pages} frames, and at most ${MAX_FRAMES} are looked at`);
    }
    if (format === "jpeg" && isProgressive && scansOf(bytes) > MAX_SCANS) {
        throw new Error(`more than ${MAX_SCANS} scans`);
    }
}

async function rawPixels(image: Sharp): Promise<Pixels & { channels: 3 | 4 }> {
    const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height, channels: info.channels === 4 ? 4 : 3 };
}

/** Whatever a decoder says is about what the caller sent. */
async function asRequestErrors<T>(maxPixels: number, run: () => Promise<T>): Promise<T> {
    try {
        return await run();
    } catch (cause) {
        if (cause instanceof RequestError) {
            throw cause;
        }
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new RequestError(
            400,
            "BadRequestImageFormat",
            `Expected a JPEG, PNG, GIF, BMP, WebP or TIFF image of at most ${maxPixels} pixels, got: ${reason}.`,
            { cause },
        );
    }
}

function isOpaque({ data, channels }: { data: Uint8Array; channels: number }): boolean {
    for (let alpha = 3; channels === 4 && alpha < data.length; alpha += 4) {
        if (data[alpha] !== 255) {
            return false;
        }
    }
    return true;
}

function colourModelOf({ space, hasAlpha }: Metadata): ColourModel {
    return space === "cmyk" ? "cmyk" : hasAlpha ? "rgba" : "rgb";
}

function orientationInXmp({ orientation, xmp }: Metadata): number {
    return orientation || !xmp ? 1 : xmpOrientation(xmp);
}

function inColourModel(image: Sharp, colourModel: ColourModel): Sharp {
    return colourModel === "cmyk"
        ? image.pipelineColourspace("cmyk").toColourspace("cmyk")
        : image.toColourspace("srgb");
}
