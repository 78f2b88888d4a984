import { createApp } from "./app";
import { type Options, shownOptions } from "./config";
import { createAdmission } from "./http/admission";
import { createImageFetcher } from "./http/remoteImage";
import { describeService } from "./info";
import type { Info } from "./infoSchema";
import { drain, listen } from "./listen";
import type { Log } from "./log";
import { createMetrics } from "./metrics";
import { openScoringModule } from "./score/scoringModule";
import { watch } from "./watchdog";
import { type Classifiers, classifyIn, scoreIn } from "./workers/classifiers";
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
    log: Log,
): Promise<void> {
    log.setLevel(options.logLevel);
    const { workers = usableWorkers(), maxRequests = REQUESTS_PER_WORKER * workers } = options;
    const deadlineMs = options.deadlineSeconds * 1000;
    classifiers.grow(workers);
    let served: Pick<Info, "models"> = { models: [] };
    const about = { service: describeService(), options: shownOptions(options) };
    const admission = createAdmission({ maxRequests, maxBytes: options.maxRequestBytes });
    const classifyFor = classifyIn(classifiers, deadlineMs);
    const scoreFor = scoreIn(classifiers, deadlineMs);
    const app = createApp({
        classifyFor,
        scoreFor,
        scoringModule: await openScoringModule(options, { classifyFor, scoreFor }, log.write),
        maxScoreBytes: options.maxScoreBytes,
        deadlineMs,
        admission,
        memory: classifiers.memory,
        fetchImage: createImageFetcher(options),
        metrics: createMetrics(() => ({ ...classifiers.state(), ...admission.state() })),
        keys: [options.predictionKey, options.secondPredictionKey].filter((key) => key !== undefined),
        corsOrigins: options.corsOrigins ?? [],
        hasPage: options.page === "on",
        isReady: () => !stop.aborted && classifiers.state().workers > 0,
        info: () => ({ ...about, ...served }),
        log: log.write,
        debugging: () => log.shows("debug"),
    });
    // While the models are opened: who comes early waits instead of being refused.
    const { server, port } = await listen(app, options, log.write);
    served = await classifiers.ready;
    const suspicious = served.models.some(
        (model) => model.kind === "image" && model.probe && model.probe.verdict !== "good",
    );
    log.write({ level: suspicious ? "warn" : "info", event: "listening", port, workers, ...served });

    await watch({
        selfCheck: () => classifiers.run("selfCheck", undefined, { deadlineMs }),
        state: classifiers.state,
        intervalMs: options.selfCheckSeconds * 1000,
        signal: stop,
        log: log.write,
    });
    if (!(await drain(server, options.drainSeconds * 1000))) {
        log.write({ level: "warn", event: "stopped before all was answered", ...classifiers.state() });
    }
}
