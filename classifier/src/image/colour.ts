import type { Samples } from "./resize";

// Pillow's own integer arithmetic (src/libImaging/Convert.c): a product of two bytes divided by 255, rounded.
function multiply(a: number, b: number): number {
    const product = a * b + 128;
    return ((product >> 8) + product) >> 8;
}

/** RGBA to RGBa, so that what is transparent does not bleed into what is not when the image is resized. */
export function premultiply({ data, ...image }: Samples): Samples {
    const out = new Uint8Array(data.length);
    for (let index = 0; index < data.length; index += 4) {
        const alpha = data[index + 3] as number;
        out[index] = multiply(data[index] as number, alpha);
        out[index + 1] = multiply(data[index + 1] as number, alpha);
        out[index + 2] = multiply(data[index + 2] as number, alpha);
        out[index + 3] = alpha;
    }
    return { ...image, data: out };
}

/** RGBa to RGB: the colour under the alpha, not a blend with some background. */
export function unpremultiply({ data, ...image }: Samples): Samples {
    return toRgb({ ...image, data }, (colour, alpha) =>
        alpha === 0 || alpha === 255 ? colour : Math.min(255, Math.trunc((255 * colour) / alpha)),
    );
}

/** CMYK to RGB by the plain formula, without a colour profile. */
export function cmykToRgb(image: Samples): Samples {
    return toRgb(image, (ink, black) => Math.max(0, 255 - black - multiply(ink, 255 - black)));
}

/** Drops the alpha channel and leaves the colours as they are. */
export function dropAlpha(image: Samples): Samples {
    return image.channels === 4 ? toRgb(image, (colour) => colour) : image;
}

function toRgb(
    { data, width, height }: Samples,
    convert: (value: number, fourth: number) => number,
): Samples {
    const out = new Uint8Array((data.length / 4) * 3);
    for (let from = 0, to = 0; from < data.length; from += 4) {
        const fourth = data[from + 3] as number;
        out[to++] = convert(data[from] as number, fourth);
        out[to++] = convert(data[from + 1] as number, fourth);
        out[to++] = convert(data[from + 2] as number, fourth);
    }
    return { data: out, width, height, channels: 3 };
}
