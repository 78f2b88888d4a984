import sharp from "sharp";

/**
 * The loaders of libvips beside those of JPEG, PNG, GIF, WebP and TIFF (BMP is read by ourselves): among them SVG and PDF,
 * which can name other files, and formats of its own and of programs that it calls. Some are in no build that sharp comes
 * with, but in those of distributions.
 */
export const refusedLoaders = [
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
].map((format) => `VipsForeignLoad${format}`);

/**
 * Leaves only the promised formats open. All threads share what is refused, so the others are named: refusing all first and
 * then opening these again would fail the good images of other threads in between, whenever a worker starts.
 */
export function refuseOtherFormats(): void {
    sharp.block({ operation: refusedLoaders });
}
