import { readFile } from "node:fs/promises";
import { preprocess } from "../classifier/src/preprocess";
import { augment } from "./augment";
import { conditions, fullSize, underCondition } from "./conditions";
import type { Features } from "./features";
import { objectMask } from "./objectMask";
import type { Photograph } from "./photographs";
import type { Random } from "./random";

/** A photograph as features: what the head is fitted to, and what it is asked about, condition by condition. */
export interface Example {
    label: string;
    burst: number;
    variants: Float32Array[];
    conditions: { name: string; features: Float32Array }[];
}

/** Takes the features of a photograph, of `variantCount` random variants of it, and of it under every condition. */
export async function toExample(
    { file, label, burst, pixels }: Photograph,
    features: Features,
    variantCount: number,
    random: Random,
): Promise<Example> {
    const own = await features(pixels);
    const example: Example = {
        label,
        burst,
        variants: [own],
        conditions: [{ name: "as photographed", features: own }],
    };
    const mask = objectMask(pixels);
    for (let i = 0; i < variantCount; i++) {
        example.variants.push(await features(augment(pixels, mask, random)));
    }
    const photograph = await fullSize(await readFile(file));
    for (const condition of conditions) {
        const changed = await preprocess(await underCondition(photograph, condition), pixels);
        example.conditions.push({ name: condition.name, features: await features(changed) });
    }
    return example;
}
