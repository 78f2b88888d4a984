/** The service takes no more, and these formats. Browsers on phones make larger photos, and others. */
const MOST_BYTES = 4 * 1024 * 1024;
const FORMATS = ["image/jpeg", "image/png", "image/gif", "image/bmp", "image/webp", "image/tiff"];
const SIDES = [2048, 1280, 800];

/**
 * Makes of a file what the service takes: the file itself where it can, else a JPEG of it, smaller if need be. `note`
 * says what was changed. Throws for a file that the browser cannot show.
 */
export async function toUpload(file) {
    if (FORMATS.includes(file.type) && file.size <= MOST_BYTES) {
        return { blob: file };
    }
    const picture = await createImageBitmap(file);
    for (const side of SIDES) {
        const blob = await toJpeg(picture, picture.width, picture.height, side);
        if (blob.size <= MOST_BYTES) {
            return { blob, note: `sent as a JPEG of at most ${side} pixels a side` };
        }
    }
    throw new Error("the image is too large");
}

/** Draws an image or a video's present frame, no side longer than `longest`, and gives it as a JPEG. */
export function toJpeg(source, width, height, longest) {
    const scale = Math.min(1, longest / Math.max(width, height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    canvas.getContext("2d").drawImage(source, 0, 0, canvas.width, canvas.height);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92));
}
