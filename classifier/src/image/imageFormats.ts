import sharp from "sharp";

/** The formats that the service promises and libvips reads, as the names of its loaders end; BMP is read by ourselves. */
const READ = ["Jpeg", "Nsgif", "Png", "Tiff", "Webp"];

/**
 * What libvips could read too, among it SVG and PDF, which can name other files, and formats of its own and of programs that
 * it calls. Some are in no build that sharp comes with, but in those of distributions.
 */
const REFUSED = [
    "Analyze",
    "Csv",
    "DcRaw",
    "Fits",
    "Heif",
    "Jp2k",
    "Jxl",
    "Magick",
    "Magick7",
    "Mat",
    "Matrix",
    "Nifti",
    "Openexr",
    "Openslide",
    "Pdf",
    "Ppm",
    "Rad",
    "Raw",
    "Svg",
    "Uhdr",
    "Vips",
];

/** Libvips' names of what reads a format, from a file, from memory or from a stream. */
const loadersOf = (formats: readonly string[]) => formats.map((format) => `VipsForeignLoad${format}`);

export const loaders = { read: loadersOf(READ), refused: loadersOf(REFUSED) };

/**
 * Leaves only the promised formats open. All threads share what is refused, so the others are named: refusing all first and
 * then opening these again would fail the good images of other threads in between, whenever a worker starts.
 */
export function refuseOtherFormats(): void {
    sharp.block({ operation: loaders.refused });
}
