import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { drawBanana } from "./drawBanana";
import { sharp } from "./sharp";

/** The pictures of the first run, and what they show. They are no part of what the default model is trained on. */
export const drawnSamples = [
    { file: "spotted-banana.png", label: "ripe", spots: 300, seed: 1 },
    { file: "clean-banana.png", label: "unripe", spots: 0, seed: 1 },
] as const;

/**
 * Draws the samples, as PNG without metadata, into a folder and, sorted by label, into the `samples` of a model's
 * folder, where the classifier finds pictures to check the model with at its start. Returns their paths.
 */
export async function writeSamples(folder: string, modelFolder: string): Promise<string[]> {
    const paths: string[] = [];
    for (const { file, label, spots, seed } of drawnSamples) {
        const { data, width, height } = drawBanana(spots, seed);
        const raw = { width, height, channels: 3 } as const;
        const png = await sharp(data, { raw }).png({ compressionLevel: 9 }).toBuffer();
        for (const path of [join(folder, file), join(modelFolder, "samples", label, file)]) {
            await mkdir(dirname(path), { recursive: true });
            await writeFile(`${path}.part`, png);
            await rename(`${path}.part`, path);
            paths.push(path);
        }
    }
    return paths;
}
