import type { ClassifyFor } from "../classify";
import type { describeCatalog } from "../info";
import type { ScoreFor } from "../score/scoreBody";
import { openPool, type Pool } from "./pool";
import type { Tasks } from "./tasks";

/** Workers that each have the models open and classify side by side. */
export type Classifiers = Pool<Tasks, ReturnType<typeof describeCatalog>>;

/** Settings that a worker is given by the main thread; the options it reads from the environment itself. */
export interface WorkerSettings {
    /** Whether to probe the models; one worker does, since all open the same ones. */
    probes: boolean;
}

/** Starts the first of the workers. */
export function openClassifiers(log: (entry: Record<string, unknown>) => void): Classifiers {
    return openPool({
        file: require.resolve("./classifyWorker"),
        dataFor: (isFirst): WorkerSettings => ({ probes: isFirst }),
        log,
    });
}

/** Classifies in a worker. The image's memory becomes the worker's where it is the image's alone. */
export function classifyIn(classifiers: Classifiers, deadlineMs: number): ClassifyFor {
    return (image, names, signal, wishes) =>
        classifiers.run(
            "classify",
            { image, names, wishes },
            { deadlineMs, transfer: classifiers.memory.ownMemory(image), signal },
        );
}

/** Reads the body of a request to `/score` in a worker, under the same conditions. */
export function scoreIn(classifiers: Classifiers, deadlineMs: number): ScoreFor {
    return (body, names, signal) =>
        classifiers.run(
            "score",
            { body, names },
            { deadlineMs, transfer: classifiers.memory.ownMemory(body), signal },
        );
}
