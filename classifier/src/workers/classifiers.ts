import type { ClassifyFor } from "../classify";
import type { describeCatalog } from "../info";
import type { ScoreFor } from "../score/scoreBody";
import { openPool, type Pool } from "./pool";
import type { Tasks } from "./tasks";

/** Workers that each have the models open and classify side by side. */
export type Classifiers = Pool<Tasks, ReturnType<typeof describeCatalog>>;

/** What a worker is told; the rest it reads from the environment, as the main thread does. */
export interface WorkerSettings {
    /** Whether to probe the models: once is enough, they are the same for all. */
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

/** The same for the body of a request to `/score`. */
export function scoreIn(classifiers: Classifiers, deadlineMs: number): ScoreFor {
    return (body, names, signal) =>
        classifiers.run(
            "score",
            { body, names },
            { deadlineMs, transfer: classifiers.memory.ownMemory(body), signal },
        );
}
