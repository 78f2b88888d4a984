import { createApp } from "./app";
import { readOptions } from "./config";
import { createAdmission } from "./http/admission";
import { createImageFetcher } from "./http/remoteImage";
import { drain, listen } from "./listen";
import { BrokenService, watch } from "./watchdog";
import { classifyIn, openClassifiers } from "./workers/classifiers";
import { usableWorkers } from "./workers/usableWorkers";

const REQUESTS_PER_WORKER = 4;
/** Of the threads that decode images and look up names: some for the latter, as a slow name server blocks them. */
const SPARE_THREADS = 4;

function log(entry: Record<string, unknown>): void {
    process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`);
}

async function main(): Promise<void> {
    const options = readOptions(process.env);
    const { workers = usableWorkers(), maxRequests = REQUESTS_PER_WORKER * workers } = options;
    // Read when the first of these threads is needed, and nothing has needed one yet.
    process.env.UV_THREADPOOL_SIZE ??= String(workers + SPARE_THREADS);
    const classifiers = openClassifiers(options, workers, log);
    const stopping = new AbortController();
    let served: Awaited<typeof classifiers.ready> = { models: [] };
    const app = createApp({
        classifyFor: classifyIn(classifiers),
        admission: createAdmission({ maxRequests, maxBytes: options.maxRequestBytes }),
        fetchImage: createImageFetcher(options),
        keys: [options.predictionKey, options.secondPredictionKey].filter((key) => key !== undefined),
        corsOrigins: options.corsOrigins ?? [],
        isReady: () => !stopping.signal.aborted && classifiers.state().workers > 0,
        info: () => served,
        log,
    });
    // At the same time as the models are opened: who comes early waits instead of being refused.
    const listening = listen(app, options);

    // What was accepted is answered before the process ends; Docker and the edge agent send SIGTERM.
    const stop = async () => {
        stopping.abort();
        const { server } = await listening;
        if (!(await drain(server, options.drainSeconds * 1000))) {
            log({ level: "warn", event: "stopped before all was answered", ...classifiers.state() });
        }
        end(0);
    };
    process.once("SIGTERM", stop);
    process.once("SIGINT", stop);

    [served] = await Promise.all([classifiers.ready, listening]);
    const { port } = await listening;
    const suspicious = served.models.some((model) => model.probe && model.probe.verdict !== "good");
    log({ level: suspicious ? "warn" : "info", event: "listening", port, workers, ...served });

    // The edge agent starts a module again when its process ends, whatever its health check says.
    await watch({
        selfCheck: () => classifiers.run("selfCheck", undefined),
        state: classifiers.state,
        intervalMs: options.selfCheckSeconds * 1000,
        signal: stopping.signal,
        log,
    });
}

/** Ends the process with all its threads, once what was logged is written. */
function end(exitCode: number): void {
    process.stdout.write("", () => process.exit(exitCode));
}

main().catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    log({
        level: "error",
        event: error instanceof BrokenService ? "service broken" : "start failed",
        message,
    });
    end(1);
});
