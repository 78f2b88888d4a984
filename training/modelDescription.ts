import type { Score } from "./evaluate";
import { pixelFormat } from "./features";
import type { Photograph } from "./photographs";

/** What a model is called, and what its training depends on besides the images. */
export interface TrainingOptions {
    name: string;
    version: string;
    description?: string;
    seed: number;
    /** Random variants of each image; more take longer. */
    variants: number;
}

/** The content of `model.yaml`; `scores` are the figures as photographed and then under each condition. */
export function describeModel(
    { name, version, description, seed, variants }: TrainingOptions,
    side: number,
    labels: string[],
    photographs: Photograph[],
    scores: Score[] | undefined,
): Record<string, unknown> {
    const perLabel = (count: (photographs: Photograph[]) => number) =>
        Object.fromEntries(
            labels.map((label) => [label, count(photographs.filter((one) => one.label === label))]),
        );
    const [{ condition: _, ...heldOutBursts } = { condition: "" }, ...robustness] = scores ?? [];
    return {
        name,
        version,
        description: description ?? `Tells ${labels.join(" from ")}.`,
        labels,
        preprocessing: {
            width: side,
            height: side,
            channelOrder: pixelFormat.channelOrder,
            range: pixelFormat.range,
        },
        training: {
            seed,
            images: perLabel((own) => own.length),
            bursts: perLabel(countBursts),
            variantsPerImage: variants,
            ...(scores
                ? { heldOutBursts, robustness }
                : { heldOutBursts: "not evaluated: a label has one burst only" }),
        },
    };
}

export function countBursts(photographs: readonly Photograph[]): number {
    return new Set(photographs.map(({ burst }) => burst)).size;
}
