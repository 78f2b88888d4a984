import sharp, { type Metadata, type Sharp } from "sharp";
import { RequestError } from "../errors";
import { decodeBmp, isBmp } from "./decodeBmp";
import type { ColourModel, DecodedImage } from "./pixels";

/** The largest image that is decoded unless told otherwise; a few bytes can claim to be any number of pixels. */
export const DEFAULT_MAX_PIXELS = 50_000_000;

// Only what the service promises to read: no SVG, PDF or remote formats through the back door of libvips.
sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({
    operation: ["Jpeg", "Png", "Webp", "Nsgif", "Tiff"].map((format) => `VipsForeignLoad${format}`),
});
// Requests are what runs side by side; one image on several threads costs 5-10 % more CPU and gains nothing.
sharp.concurrency(1);
sharp.cache(false);

/**
 * Decodes a JPEG, PNG, GIF, BMP, WebP or TIFF as Pillow does: turned upright by EXIF, its ICC profile ignored, the
 * first frame of an animation. Throws a `RequestError` for anything else.
 */
export async function decode(bytes: Uint8Array, maxPixels = DEFAULT_MAX_PIXELS): Promise<DecodedImage> {
    if (bytes.length === 0) {
        throw new RequestError(400, "BadRequestImageFormat", "Expected an image, got an empty body.");
    }
    try {
        return isBmp(bytes) ? decodeBmp(bytes, maxPixels) : await decodeWithSharp(bytes, maxPixels);
    } catch (cause) {
        if (cause instanceof RequestError) {
            throw cause;
        }
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new RequestError(
            400,
            "BadRequestImageFormat",
            `Expected a JPEG, PNG, GIF, BMP, WebP or TIFF image of at most ${maxPixels} pixels: ${reason}.`,
            { cause },
        );
    }
}

async function decodeWithSharp(bytes: Uint8Array, maxPixels: number): Promise<DecodedImage> {
    const image = sharp(bytes, {
        autoOrient: true,
        ignoreIcc: true,
        failOn: "truncated",
        limitInputPixels: maxPixels,
    });
    const colourModel = colourModelOf(await image.metadata());
    const { data, info } = await inColourModel(image, colourModel)
        .raw()
        .toBuffer({ resolveWithObject: true });
    return {
        data,
        width: info.width,
        height: info.height,
        channels: info.channels === 4 ? 4 : 3,
        colourModel,
    };
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
