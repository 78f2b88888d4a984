import type { Pixels, Size } from "../image/pixels";

type Colour = readonly [number, number, number];

/**
 * A handful of simple images that any network should tell apart: black, white, a gradient, and shaded discs on a plain
 * ground, which come nearest to a photograph of a thing.
 */
export function probeImages(size: Size): Pixels[] {
    return [
        paint(size, () => [0, 0, 0]),
        paint(size, () => [255, 255, 255]),
        gradient(size),
        disc(size, [220, 60, 40], [200, 190, 170], { x: 0.5, y: 0.5, radius: 0.3 }),
        disc(size, [240, 210, 60], [60, 90, 60], { x: 0.4, y: 0.55, radius: 0.35 }),
        disc(size, [40, 60, 160], [120, 140, 180], { x: 0.6, y: 0.45, radius: 0.25 }),
    ];
}

/** Many colours and shades in one. */
export function gradient(size: Size): Pixels {
    return paint(size, (x, y) => [255 * x, 255 * y, 255 * (1 - x)]);
}

/** `colourAt` is asked with both coordinates from 0 to 1. */
function paint({ width, height }: Size, colourAt: (x: number, y: number) => Colour): Pixels {
    const data = new Uint8ClampedArray(width * height * 3);
    for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
            data.set(colourAt(x / width, y / height), (y * width + x) * 3);
        }
    }
    return { data: new Uint8Array(data.buffer), width, height };
}

function disc(
    size: Size,
    inside: Colour,
    outside: Colour,
    { x: centreX, y: centreY, radius }: { x: number; y: number; radius: number },
): Pixels {
    return paint(size, (x, y) => {
        const light = 0.7 + 0.5 * (1 - y);
        const share = 1 / (1 + Math.exp(60 * (Math.hypot(x - centreX, y - centreY) - radius)));
        const mix = (channel: 0 | 1 | 2) =>
            light * (share * inside[channel] + (1 - share) * outside[channel]);
        return [mix(0), mix(1), mix(2)];
    });
}
