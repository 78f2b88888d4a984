import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { drawBanana } from "./drawBanana";
import { sharp } from "./sharp";

/** The pictures of the first run, and what they show. They are no part of what the default model is trained on. */
export const drawnSamples = [
    { file: "spotted-banana.png", label: "ripe", spots: 300, seed: 1 },
    { file: "clean-banana.png", label: "unripe", spots: 0, seed: 1 },
] as const;

/** Draws the samples into a folder, as PNG without metadata; returns their paths. */
export async function writeSamples(folder: string): Promise<string[]> {
    await mkdir(folder, { recursive: true });
    return Promise.all(
        drawnSamples.map(async ({ file, spots, seed }) => {
            const { data, width, height } = drawBanana(spots, seed);
            const raw = { width, height, channels: 3 } as const;
            const path = join(folder, file);
            const png = await sharp(data, { raw }).png({ compressionLevel: 9 }).toBuffer();
            await writeFile(`${path}.part`, png);
            await rename(`${path}.part`, path);
            return path;
        }),
    );
}
