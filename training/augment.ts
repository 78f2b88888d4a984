import type { Pixels } from "../classifier/src/image/pixels";
import { drawBackground, replaceBackground } from "./background";
import type { Random } from "./random";

/**
 * One random variant of an image: perhaps on another background, in another pose, light and sharpness. `mask` is 1
 * where the object is. Same size, still 8-bit RGB, as a camera would deliver it.
 */
export function augment(image: Pixels, mask: Uint8Array, random: Random): Pixels {
    const background = drawBackground(image, random);
    let variant = random.chance(0.5) ? replaceBackground(image, mask, background) : image;
    variant = pose(variant, randomPose(random), random.chance(0.5) ? background : undefined);
    variant = scaleChannels(variant, randomLight(random));
    if (random.chance(0.5)) variant = blur(variant, random.uniform(0.3, 2));
    return random.chance(0.5) ? addNoise(variant, random.uniform(1, 8), random) : variant;
}

/** How an object is turned (radians), enlarged and flipped. */
export interface Pose {
    angle: number;
    zoom: number;
    flip: boolean;
}

function randomPose(random: Random): Pose {
    const zoom = Math.exp(random.uniform(Math.log(0.45), Math.log(1.5)));
    return { angle: random.uniform(-Math.PI, Math.PI), zoom, flip: random.chance(0.5) };
}

/** What brightness and white balance multiply red, green and blue by. */
function randomLight(random: Random): [number, number, number] {
    const brightness = random.uniform(-0.5, 0.4);
    const warmth = random.uniform(-0.55, 0.55);
    const tint = random.uniform(-0.12, 0.12);
    return [Math.exp(brightness + warmth), Math.exp(brightness + tint), Math.exp(brightness - warmth)];
}

/** Turns, enlarges and flips about the centre. Outside the image lies `outside`, or else the image mirrored. */
export function pose({ data, width, height }: Pixels, { angle, zoom, flip }: Pose, outside?: Pixels): Pixels {
    const out = new Uint8Array(data.length);
    const [cos, sin] = [Math.cos(angle) / zoom, Math.sin(angle) / zoom];
    const [centreX, centreY] = [(width - 1) / 2, (height - 1) / 2];
    let to = 0;
    for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
            const dx = flip ? centreX - x : x - centreX;
            const dy = y - centreY;
            const exactX = centreX + cos * dx - sin * dy;
            const exactY = centreY + sin * dx + cos * dy;
            const fromX = mirrored(exactX, width - 1);
            const fromY = mirrored(exactY, height - 1);
            if (outside && (fromX !== exactX || fromY !== exactY)) {
                for (let c = 0; c < 3; c++, to++) out[to] = outside.data[to] as number;
                continue;
            }
            const left = Math.min(Math.floor(fromX), width - 2);
            const top = Math.min(Math.floor(fromY), height - 2);
            const right = fromX - left;
            const down = fromY - top;
            const above = (top * width + left) * 3;
            const below = above + width * 3;
            for (let c = 0; c < 3; c++) {
                const upper = between(data[above + c] as number, data[above + c + 3] as number, right);
                const lower = between(data[below + c] as number, data[below + c + 3] as number, right);
                out[to++] = Math.round(between(upper, lower, down));
            }
        }
    }
    return { data: out, width, height };
}

/** A position reflected at 0 and at `last` until it lies between them. */
function mirrored(position: number, last: number): number {
    const wrapped = Math.abs(position) % (2 * last);
    return wrapped > last ? 2 * last - wrapped : wrapped;
}

function between(a: number, b: number, share: number): number {
    return a + (b - a) * share;
}

/** Multiplies red, green and blue; what exceeds 255 is clipped, as in a camera. */
export function scaleChannels(image: Pixels, factors: [red: number, green: number, blue: number]): Pixels {
    const tables = factors.map((factor) =>
        Uint8ClampedArray.from({ length: 256 }, (_, value) => value * factor),
    );
    return { ...image, data: image.data.map((value, index) => tables[index % 3]?.[value] as number) };
}

/** Gaussian blur, `sigma` in pixels; edges continue with their last pixel. */
export function blur({ data, width, height }: Pixels, sigma: number): Pixels {
    const radius = Math.ceil(2.5 * sigma);
    const weights = Array.from({ length: 2 * radius + 1 }, (_, i) =>
        Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
    );
    const sum = weights.reduce((total, weight) => total + weight);
    const rows = blurLines(data, weights, { length: width, step: 3, lines: height, lineStep: width * 3 });
    const both = blurLines(rows, weights, { length: height, step: width * 3, lines: width, lineStep: 3 });
    return { data: Uint8Array.from(both, (value) => Math.round(value / sum ** 2)), width, height };
}

interface Lines {
    length: number;
    step: number;
    lines: number;
    lineStep: number;
}

function blurLines(
    from: Uint8Array | Float32Array,
    weights: number[],
    { length, step, lines, lineStep }: Lines,
) {
    const radius = (weights.length - 1) / 2;
    const to = new Float32Array(from.length);
    for (let line = 0; line < lines; line++) {
        for (let c = 0; c < 3; c++) {
            const start = line * lineStep + c;
            for (let i = 0; i < length; i++) {
                let value = 0;
                for (let k = 0; k < weights.length; k++) {
                    const position = Math.min(length - 1, Math.max(0, i + k - radius));
                    value += (weights[k] as number) * (from[start + position * step] as number);
                }
                to[start + i * step] = value;
            }
        }
    }
    return to;
}

/** Adds Gaussian noise, `deviation` in grey levels. */
export function addNoise(image: Pixels, deviation: number, random: Random): Pixels {
    const data = Uint8ClampedArray.from(image.data, (value) => value + deviation * random.normal());
    return { ...image, data: new Uint8Array(data.buffer) };
}
