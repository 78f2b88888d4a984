import { RequestError } from "./errors";
import { cmykToRgb, dropAlpha, premultiply, unpremultiply } from "./image/colour";
import { DEFAULT_MAX_PIXELS, decode, decodeScaled } from "./image/decode";
import { type ImageTools, imageTools, jpegPixels } from "./image/jpegPixels";
import type { DecodedImage, Filter, Pixels, Placement, Size, Window } from "./image/pixels";
import { resizeAntialiased, resizeNearest, type Samples } from "./image/resize";
import { type Geometry, placementFor } from "./placement";

/** The resized image is this much larger than its centre; of a single row of pixels it would be gigabytes. */
const MOST_ELONGATED = 1000;

export interface PreprocessOptions {
    /** `exact` gives Pillow's pixels; `fast` decodes JPEGs at a fraction of their size. */
    mode?: "exact" | "fast";
    /** Images with more pixels are refused before they are decoded. */
    maxPixels?: number;
    /** A size that the image is stretched to first, whatever its proportions. */
    stretchTo?: Size;
    /** How the image is brought to `size`, by default as the exported container does. */
    geometry?: Geometry;
    /** The code that decodes and resizes, by default the fastest here; in `exact` mode all give the same pixels. */
    tools?: ImageTools;
}

/**
 * From the bytes of an image to the 8-bit RGB pixels that a network of `size` sees, in the order of the exported
 * container of 2025 unless `geometry` says otherwise: upright by EXIF, shorter side to the network's size, centre crop, RGB
 * without alpha. The service, training and evaluation all come through here.
 */
export async function preprocess(
    bytes: Uint8Array,
    size: Size,
    {
        mode: wishedMode = "exact",
        maxPixels = DEFAULT_MAX_PIXELS,
        stretchTo,
        geometry = {},
        tools = imageTools,
    }: PreprocessOptions = {},
): Promise<Pixels> {
    const { resize = "cover", resample = "bilinear" } = geometry;
    // What is decoded at a fraction of its size is smoothed by that already.
    const mode = resample === "bilinear" ? wishedMode : "exact";
    const placed = placementFor(size, geometry);
    const place: Placement = (upright) => {
        const placement = placed(upright);
        const { width, height } = placement.size;
        if (width * height > MOST_ELONGATED * size.width * size.height) {
            throw tooElongated(upright);
        }
        return placement;
    };
    if (!stretchTo) {
        const pixels =
            jpegPixels(bytes, maxPixels, place, mode, tools) ??
            (mode === "fast" ? await decodeScaled(bytes, maxPixels, place) : undefined);
        if (pixels) {
            return pixels;
        }
    }
    const decoded = await decode(bytes, maxPixels);
    const given = stretchTo ? stretch(decoded, stretchTo, tools) : decoded;
    // The exported container resizes what the file holds; programs around torchvision and transformers convert it first.
    const image = resize === "cover" ? given : toRgb(given);
    const { size: resized, window } = place(image);
    return resizeToRgb(image, resized, window, tools, resample);
}

function tooElongated({ width, height }: Size): RequestError {
    return new RequestError(
        400,
        "BadRequestImageFormat",
        `Expected an image at most some ${MOST_ELONGATED} times as long as wide, got one of ${width} by ${height} pixels.`,
    );
}

function stretch(image: DecodedImage, size: Size, tools: ImageTools): DecodedImage {
    const { data } = resizeToRgb(image, size, { left: 0, top: 0, ...size }, tools);
    return { ...size, data, channels: 3, colourModel: "rgb" };
}

/** Pillow's `convert("RGB")`. */
function toRgb(image: DecodedImage): DecodedImage {
    const { data } = image.colourModel === "cmyk" ? cmykToRgb(image) : dropAlpha(image);
    return { ...image, data, channels: 3, colourModel: "rgb" };
}

/** Pillow resizes before it converts to RGB, and how it resizes depends on what it has. */
function resizeToRgb(
    image: DecodedImage,
    size: Size,
    window: Window,
    { prepareResize }: ImageTools,
    filter: Filter = "bilinear",
): Samples {
    if (filter === "nearest") {
        const samples = resizeNearest(image, size, window);
        return image.colourModel === "cmyk" ? cmykToRgb(samples) : dropAlpha(samples);
    }
    const resize = (samples: Samples) => resizeAntialiased(samples, size, window, prepareResize, filter);
    switch (image.colourModel) {
        case "rgb":
            return resize(image);
        case "palette":
            return dropAlpha(resizeNearest(image, size, window));
        case "cmyk":
            return cmykToRgb(resize(image));
        case "rgba":
            return image.width === size.width && image.height === size.height
                ? dropAlpha(resizeNearest(image, size, window))
                : unpremultiply(resize(premultiply(image)));
    }
}
