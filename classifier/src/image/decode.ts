import sharp, { type Metadata, type Sharp } from "sharp";
import { RequestError } from "../errors";
import { decodeBmp, isBmp } from "./decodeBmp";
import { refuseOtherFormats } from "./imageFormats";
import { MAX_SCANS, scansOf } from "./jpegHeader";
import type { ColourModel, DecodedImage, Pixels, Placement } from "./pixels";

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

/**
 * Decodes a JPEG, PNG, GIF, BMP, WebP or TIFF as Pillow does: turned upright by EXIF, its ICC profile ignored, the
 * first frame of an animation. Throws a `RequestError` for anything else.
 */
export function decode(bytes: Uint8Array, maxPixels: number): Promise<DecodedImage> {
    return asRequestErrors(maxPixels, async () => {
        if (isBmp(bytes)) {
            return decodeBmp(bytes, maxPixels);
        }
        const image = open(bytes, maxPixels);
        const metadata = await image.metadata();
        checkEffort(metadata, bytes);
        const colourModel = colourModelOf(metadata);
        return { ...(await rawPixels(inColourModel(image, colourModel))), colourModel };
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
        if (isBmp(bytes)) {
            return undefined;
        }
        const image = open(bytes, maxPixels);
        const metadata = await image.metadata();
        checkEffort(metadata, bytes);
        if (metadata.format !== "jpeg" || metadata.space === "cmyk") {
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

function open(bytes: Uint8Array, maxPixels: number): Sharp {
    return sharp(bytes, {
        autoOrient: true,
        ignoreIcc: true,
        failOn: "truncated",
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

/** One bit per pixel counts as a palette: Pillow does not blend such images either. */
function colourModelOf(metadata: Metadata): ColourModel {
    if (metadata.space === "cmyk") {
        return "cmyk";
    }
    if (metadata.isPalette || metadata.bitsPerSample === 1) {
        return "palette";
    }
    return metadata.hasAlpha ? "rgba" : "rgb";
}

function inColourModel(image: Sharp, colourModel: ColourModel): Sharp {
    return colourModel === "cmyk"
        ? image.pipelineColourspace("cmyk").toColourspace("cmyk")
        : image.toColourspace("srgb");
}
