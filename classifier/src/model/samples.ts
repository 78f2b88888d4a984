import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Size } from "../image/pixels";
import type { Geometry } from "../placement";
import { preprocess } from "../preprocess";
import { isNoise } from "./noise";
import type { Sample } from "./probe";

/** Enough to judge a model by, and few enough not to be felt at start. */
const MAX_SAMPLES = 12;

/**
 * Reads the pictures in a model's `samples` folder, preprocessed: those in a subfolder show the label of that name,
 * those beside the subfolders show anything. Without such a folder there are none.
 */
export async function readSamples(folder: string, size: Size, geometry?: Geometry): Promise<Sample[]> {
    const samples = join(folder, "samples");
    const names = await readdir(samples, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") {
            return [];
        }
        throw error;
    });
    const images = names
        .filter(
            (name) => /\.(jpe?g|png|gif|bmp|webp|tiff?)$/i.test(name) && !isNoise(name.replaceAll("\\", "/")),
        )
        .sort();
    return Promise.all(
        images.slice(0, MAX_SAMPLES).map(async (name) => {
            const [label, file] = name.split(/[\\/]/);
            const pixels = await preprocess(await readFile(join(samples, name)), size, { geometry });
            return { pixels, label: file === undefined ? undefined : label };
        }),
    );
}
