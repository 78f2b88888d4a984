import { RequestError } from "./errors";
import type { ArrayModel } from "./model/openArrayModel";
import type { Model } from "./model/openModel";
import { type Prediction, toPredictions } from "./predictions";
import { preprocess } from "./preprocess";
import { toTensor } from "./tensor";

export interface ClassifyOptions {
    /** How pixels are made, unless the model's own description says so. */
    preprocessing: "exact" | "fast";
    maxPixels: number;
}

/** Says what the image in `bytes` shows. Throws a `RequestError` if they are no image, or the model takes none. */
export async function classify(
    model: Model | ArrayModel,
    bytes: Uint8Array,
    { preprocessing, maxPixels }: ClassifyOptions,
): Promise<Prediction[]> {
    if (model.kind === "array") {
        throw new RequestError(
            400,
            "BadRequestNotSupported",
            `Expected a model that takes images, but ${model.name} takes rows of values: post {"data": [[...], ...]} to /score.`,
        );
    }
    const pixels = await preprocess(bytes, model.size, { mode: model.mode ?? preprocessing, maxPixels });
    const tensor = toTensor(pixels, model.format);
    const scores = await model.session.run(tensor);
    return toPredictions(scores, model.labels, model.activation);
}
