import type { DecodedImage, Size } from "./pixels";

// How the camera was held, as EXIF's orientation says it (1 to 8): what is classified is the upright image. sharp turns
// images by itself, so these serve JPEGs that are decoded without it.

/** Whether the upright image's columns are the stored one's rows. */
export function liesOnItsSide(orientation: number): boolean {
    return orientation >= 5;
}

/** Whether the upright image's columns, and its rows, are counted from the other end than the stored ones. */
export function mirrorings(orientation: number): { mirroredAcross: boolean; mirroredDown: boolean } {
    return {
        mirroredAcross: [2, 3, 6, 7].includes(orientation),
        mirroredDown: [3, 4, 7, 8].includes(orientation),
    };
}

/** Rows for columns; the result has the size of the window. */
export function transposed(data: Uint8Array, { width, height }: Size): Uint8Array {
    const out = new Uint8Array(data.length);
    let to = 0;
    for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
            const from = (x * height + y) * 3;
            out[to++] = data[from] as number;
            out[to++] = data[from + 1] as number;
            out[to++] = data[from + 2] as number;
        }
    }
    return out;
}

/** The upright image; what is found in other places than sharp looks is turned by this. */
export function turned(image: DecodedImage, orientation: number): DecodedImage {
    if (orientation === 1) {
        return image;
    }
    const { channels } = image;
    const [width, height] = liesOnItsSide(orientation)
        ? [image.height, image.width]
        : [image.width, image.height];
    const { mirroredAcross, mirroredDown } = mirrorings(orientation);
    const data = new Uint8Array(image.data.length);
    let to = 0;
    for (let y = 0; y < height; y++) {
        const row = mirroredDown ? height - 1 - y : y;
        for (let x = 0; x < width; x++) {
            const column = mirroredAcross ? width - 1 - x : x;
            const pixel = liesOnItsSide(orientation)
                ? column * image.width + row
                : row * image.width + column;
            for (let channel = 0; channel < channels; channel++) {
                data[to++] = image.data[pixel * channels + channel] as number;
            }
        }
    }
    return { ...image, data, width, height };
}
