import { createApp } from "./app";
import type { Options } from "./config";
import { createAdmission } from "./http/admission";
import { createImageFetcher } from "./http/remoteImage";
import { drain, listen } from "./listen";
import { watch } from "./watchdog";
import { type Classifiers, classifyIn } from "./workers/classifiers";
import { usableWorkers } from "./workers/usableWorkers";

const REQUESTS_PER_WORKER = 4;

/**
 * Runs the service until `stop` fires and everything that was accepted is answered. Rejects if it cannot start, and with
 * a `BrokenService` if it can no longer do what it is for.
 */
export async function runService(
    options: Options,
    classifiers: Classifiers,
    stop: AbortSignal,
    log: (entry: Record<string, unknown>) => void,
): Promise<void> {
    const { workers = usableWorkers(), maxRequests = REQUESTS_PER_WORKER * workers } = options;
    const deadlineMs = options.deadlineSeconds * 1000;
    classifiers.grow(workers);
    let served: Awaited<typeof classifiers.ready> = { models: [] };
    const app = createApp({
        classifyFor: classifyIn(classifiers, deadlineMs),
        admission: createAdmission({ maxRequests, maxBytes: options.maxRequestBytes }),
        fetchImage: createImageFetcher(options),
        keys: [options.predictionKey, options.secondPredictionKey].filter((key) => key !== undefined),
        corsOrigins: options.corsOrigins ?? [],
        isReady: () => !stop.aborted && classifiers.state().workers > 0,
        info: () => served,
        log,
    });
    // While the models are opened: who comes early waits instead of being refused.
    const { server, port } = await listen(app, options);
    served = await classifiers.ready;
    const suspicious = served.models.some((model) => model.probe && model.probe.verdict !== "good");
    log({ level: suspicious ? "warn" : "info", event: "listening", port, workers, ...served });

    await watch({
        selfCheck: () => classifiers.run("selfCheck", undefined, { deadlineMs }),
        state: classifiers.state,
        intervalMs: options.selfCheckSeconds * 1000,
        signal: stop,
        log,
    });
    if (!(await drain(server, options.drainSeconds * 1000))) {
        log({ level: "warn", event: "stopped before all was answered", ...classifiers.state() });
    }
}
