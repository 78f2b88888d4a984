import { classify, type ImageWishes } from "../classify";
import type { Options } from "../config";
import type { ModelCatalog } from "../model/modelCatalog";
import { scoreBody } from "../score/scoreBody";

/** An image to classify, and the names that may stand for the model to use. */
export interface ImageToClassify {
    image: Uint8Array;
    names: (string | undefined)[];
    wishes?: ImageWishes;
}

/** The body of a request to `/score`, and the names that may stand for the model to use. */
export interface BodyToScore {
    body: Uint8Array;
    names: (string | undefined)[];
}

/** One grey pixel as a PNG: the least that goes all the way from bytes to predictions. */
const PIXEL = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAACklEQVQImWNoAAAAggCByxOyYQAAAABJRU5ErkJggg==",
    "base64",
);

export type Tasks = ReturnType<typeof createTasks>;

/** What the main thread can ask a worker for. Inputs and results pass between threads, so they are plain data. */
export function createTasks(catalog: ModelCatalog, options: Pick<Options, "preprocessing" | "maxPixels">) {
    return {
        classify: ({ image, names, wishes }: ImageToClassify) =>
            classify(catalog.find(names).model, image, { ...options, ...wishes }),
        score: ({ body, names }: BodyToScore) => scoreBody(catalog.find(names).model, body),
        /** Throws if a model gives anything but numbers for an image that cannot be at fault. */
        async selfCheck() {
            for (const { key, model } of catalog.models) {
                if (model.kind === "array") {
                    continue;
                }
                await classify(model, PIXEL, options).catch((cause: Error) => {
                    throw new Error(`Expected the model ${key} to answer a picture. ${cause.message}`, {
                        cause,
                    });
                });
            }
        },
    };
}
