import { RequestError } from "./errors";
import { cmykToRgb, dropAlpha, premultiply, unpremultiply } from "./image/colour";
import { DEFAULT_MAX_PIXELS, decode, decodeScaled } from "./image/decode";
import { type ImageTools, imageTools, jpegPixels } from "./image/jpegPixels";
import type { DecodedImage, Pixels, Placement, Size, Window } from "./image/pixels";
import { resizeBilinear, resizeNearest, type Samples } from "./image/resize";

/** The resized image is this much larger than its centre; of a single row of pixels it would be gigabytes. */
const MOST_ELONGATED = 1000;

export interface PreprocessOptions {
    /** `exact` gives Pillow's pixels; `fast` decodes JPEGs at a fraction of their size. */
    mode?: "exact" | "fast";
    /** Images with more pixels are refused before they are decoded. */
    maxPixels?: number;
    /** A size that the image is stretched to first, whatever its proportions. */
    stretchTo?: Size;
    /** The code that decodes and resizes, by default the fastest here; in `exact` mode all give the same pixels. */
    tools?: ImageTools;
}

/**
 * From the bytes of an image to the 8-bit RGB pixels that a network of `size` sees, in the order of the exported
 * container of 2025: upright by EXIF, shorter side to the network's size, centre crop, RGB without alpha. The
 * service, training and evaluation all come through here.
 */
export async function preprocess(
    bytes: Uint8Array,
    size: Size,
    { mode = "exact", maxPixels = DEFAULT_MAX_PIXELS, stretchTo, tools = imageTools }: PreprocessOptions = {},
): Promise<Pixels> {
    const place: Placement = (upright) => {
        const covering = coveringSize(upright, size);
        if (covering.width * covering.height > MOST_ELONGATED * size.width * size.height) {
            throw tooElongated(upright);
        }
        return { size: covering, window: centreOf(covering, size) };
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
    const image = stretchTo ? stretch(decoded, stretchTo, tools) : decoded;
    const { size: covering, window } = place(image);
    return resizeToRgb(image, covering, window, tools);
}

/** The size at which the image just covers `size`: one side equal, the other rounded as Python's `round` does. */
export function coveringSize(image: Size, size: Size): Size {
    return image.width * size.height < image.height * size.width
        ? { width: size.width, height: roundHalfToEven((image.height * size.width) / image.width) }
        : { width: roundHalfToEven((image.width * size.height) / image.height), height: size.height };
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

function centreOf(image: Size, size: Size): Window {
    return {
        left: Math.floor((image.width - size.width) / 2),
        top: Math.floor((image.height - size.height) / 2),
        ...size,
    };
}

/** Pillow resizes before it converts to RGB, and how it resizes depends on what it has. */
function resizeToRgb(
    image: DecodedImage,
    size: Size,
    window: Window,
    { prepareResize }: ImageTools,
): Samples {
    switch (image.colourModel) {
        case "rgb":
            return resizeBilinear(image, size, window, prepareResize);
        case "palette":
            return dropAlpha(resizeNearest(image, size, window));
        case "cmyk":
            return cmykToRgb(resizeBilinear(image, size, window, prepareResize));
        case "rgba":
            return image.width === size.width && image.height === size.height
                ? dropAlpha(resizeNearest(image, size, window))
                : unpremultiply(resizeBilinear(premultiply(image), size, window, prepareResize));
    }
}

function roundHalfToEven(value: number): number {
    const floor = Math.floor(value);
    const half = value - floor === 0.5;
    return half ? floor + (floor % 2) : Math.round(value);
}
