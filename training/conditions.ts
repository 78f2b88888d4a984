import type { Sharp } from "../classifier/node_modules/sharp";
import { DEFAULT_MAX_PIXELS, decode } from "../classifier/src/image/decode";
import type { Pixels } from "../classifier/src/image/pixels";
import { preprocess } from "../classifier/src/preprocess";
import { sharp } from "./sharp";

/** A way in which a photograph may have been taken differently. */
export interface Condition {
    name: string;
    change(photograph: Sharp): Sharp;
}

/**
 * What a model is tested under. Written with other means than the augmentation it was trained with, and applied to the
 * photograph as it comes from the camera, before preprocessing, so that the test does not share training's mistakes.
 */
export const conditions: readonly Condition[] = [
    { name: "rotated by 90°", change: (photograph) => photograph.rotate(90) },
    { name: "rotated by 180°", change: (photograph) => photograph.rotate(180) },
    { name: "30 % brighter", change: (photograph) => photograph.linear(1.3, 0) },
    { name: "30 % darker", change: (photograph) => photograph.linear(0.7, 0) },
    { name: "warm light (red +25 %, blue -25 %)", change: (photograph) => balance(photograph, 1.25, 0.75) },
    { name: "cold light (red -25 %, blue +25 %)", change: (photograph) => balance(photograph, 0.75, 1.25) },
    { name: "blurred (Gaussian, sigma 2 pixels)", change: (photograph) => photograph.blur(2) },
    { name: "JPEG of quality 40", change: (photograph) => photograph.jpeg({ quality: 40 }) },
];

function balance(photograph: Sharp, red: number, blue: number): Sharp {
    return photograph.linear([red, 1, blue], [0, 0, 0]);
}

/** A photograph in its own size, upright, as RGB, ready to be changed. */
export async function fullSize(bytes: Uint8Array): Promise<Pixels> {
    const { width, height } = await decode(bytes, DEFAULT_MAX_PIXELS);
    return preprocess(bytes, { width, height });
}

/** The file of a photograph as it would be under `condition`: PNG unless the condition is a format. No metadata. */
export async function underCondition(photograph: Pixels, { change }: Condition): Promise<Buffer> {
    const { data, width, height } = photograph;
    return change(
        sharp(data, { raw: { width, height, channels: 3 } }).png({ compressionLevel: 0 }),
    ).toBuffer();
}
