import sharp from "../classifier/node_modules/sharp";
import { seededRandom } from "../training/random";

/** An image of the benchmark: one of the sizes that cameras have. */
export interface Photograph {
    name: "640×480" | "1920×1080" | "4000×3000";
    width: number;
    height: number;
}

export const PHOTOGRAPHS: readonly Photograph[] = [
    { name: "640×480", width: 640, height: 480 },
    { name: "1920×1080", width: 1920, height: 1080 },
    { name: "4000×3000", width: 4000, height: 3000 },
];

const QUALITY = 85;
/** The standard deviation of the noise that a camera's sensor adds. */
const GRAIN = 9;
/** How many cells of smooth noise the image is wide, from large blotches to details; each finer layer is weaker. */
const OCTAVES = [2, 4, 8, 16, 32, 64];

/** Draws what compresses as a photograph does (some 1.4 bits per pixel): gradients, smooth noise, grain. Seeded. */
export async function drawPhotograph({ width, height }: Photograph): Promise<Buffer> {
    const random = seededRandom(width);
    const layers = await Promise.all(OCTAVES.map((cells) => smoothNoise(random, cells, width, height)));
    const pixels = Buffer.alloc(width * height * 3);
    const { length } = pixels;
    // Grain repeats after a stretch that no structure of the image or of JPEG fits into.
    const grain = Float32Array.from({ length: 99_991 }, () => random.normal() * GRAIN);
    for (let at = 0; at < length; at++) {
        const shade = 60 + (80 * Math.floor(at / 3 / width)) / height;
        const noise = layers.reduce(
            (sum, layer, octave) => sum + ((layer[at] as number) - 128) * 0.7 ** octave,
            0,
        );
        pixels[at] = Math.min(255, Math.max(0, shade + noise + (grain[at % grain.length] as number)));
    }
    return sharp(pixels, { raw: { width, height, channels: 3 } })
        .jpeg({ quality: QUALITY, mozjpeg: false })
        .toBuffer();
}

function smoothNoise(
    random: ReturnType<typeof seededRandom>,
    cells: number,
    width: number,
    height: number,
): Promise<Buffer> {
    const rows = Math.max(2, Math.round((cells * height) / width));
    const coarse = Buffer.from(Array.from({ length: cells * rows * 3 }, () => random.uniform(0, 256)));
    return sharp(coarse, { raw: { width: cells, height: rows, channels: 3 } })
        .resize(width, height, { fit: "fill", kernel: "cubic" })
        .raw()
        .toBuffer();
}
