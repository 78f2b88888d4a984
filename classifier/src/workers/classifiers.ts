import type { Options } from "../config";
import type { describeCatalog } from "../info";
import type { WorkerSettings } from "./classifyWorker";
import { openPool, type Pool } from "./pool";
import type { Tasks } from "./tasks";

/** Workers that each have the models open and classify side by side. */
export type Classifiers = Pool<Tasks, ReturnType<typeof describeCatalog>>;

/** Starts the workers. Only the first probes the models: they are the same for all. */
export function openClassifiers(
    { modelDir, probe, preprocessing, maxPixels, deadlineSeconds }: Options,
    size: number,
    log: (entry: Record<string, unknown>) => void,
): Classifiers {
    return openPool({
        file: require.resolve("./classifyWorker"),
        size,
        dataFor: (isFirst): WorkerSettings => ({
            modelDir,
            probe: isFirst ? probe : "off",
            preprocessing,
            maxPixels,
        }),
        deadlineMs: deadlineSeconds * 1000,
        log,
    });
}

/** Classifies in a worker. The image's memory becomes the worker's where it is the image's alone. */
export function classifyIn(classifiers: Classifiers) {
    return (image: Uint8Array, names: (string | undefined)[], signal?: AbortSignal) => {
        const { buffer } = image;
        const own = buffer instanceof ArrayBuffer && buffer.byteLength === image.byteLength;
        return classifiers.run("classify", { image, names }, { transfer: own ? [buffer] : [], signal });
    };
}
