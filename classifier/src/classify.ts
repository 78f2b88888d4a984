import { RequestError, WRONG_MODEL } from "./errors";
import type { Size } from "./image/pixels";
import type { ArrayModel } from "./model/openArrayModel";
import type { Model } from "./model/openModel";
import { type Prediction, toPredictions } from "./predictions";
import { preprocess } from "./preprocess";

export interface ClassifyOptions {
    /** How pixels are made, unless the model's own description says so. */
    preprocessing: "exact" | "fast";
    maxPixels: number;
    /** The network's own scores, also where they are no probabilities yet. */
    rawScores?: boolean;
    /** A size that the image is stretched to before anything else. */
    stretchTo?: Size;
}

/** What a caller can ask for with an image, beyond what the service's options say. */
export type ImageWishes = Pick<ClassifyOptions, "rawScores" | "stretchTo">;

/**
 * Classifies an image with the model that one of the names stands for, or else with the default one. The image's
 * memory may be taken over. `signal` says that nobody waits for the answer any more.
 */
export type ClassifyFor = (
    image: Uint8Array,
    names: (string | undefined)[],
    signal?: AbortSignal,
    wishes?: ImageWishes,
) => Promise<Prediction[]>;

/** Says what the image in `bytes` shows. Throws a `RequestError` if they are no image, or the model takes none. */
export async function classify(
    model: Model | ArrayModel,
    bytes: Uint8Array,
    { preprocessing, maxPixels, rawScores, stretchTo }: ClassifyOptions,
): Promise<Prediction[]> {
    requireImages(model);
    const mode = model.mode ?? preprocessing;
    const pixels = await preprocess(bytes, model.size, {
        mode,
        maxPixels,
        stretchTo,
        geometry: model.geometry,
    });
    const scores = await model.lendTensor(pixels, model.session.run);
    return toPredictions(scores, model.labels, rawScores ? "none" : model.activation);
}

/** Throws the sentence for an image that is sent to a model of another kind. */
export function requireImages(model: Model | ArrayModel): asserts model is Model {
    if (model.kind === "array") {
        throw new RequestError(
            400,
            WRONG_MODEL,
            `Expected a model that takes images, but ${model.name} takes rows of values: post {"data": [[...], ...]} to /score.`,
        );
    }
}
