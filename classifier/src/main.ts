import { createApp } from "./app";
import { classify } from "./classify";
import { readOptions } from "./config";
import { describeCatalog } from "./info";
import { drain, listen } from "./listen";
import { openCatalog } from "./model/modelCatalog";

function log(entry: Record<string, unknown>): void {
    process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`);
}

async function main(): Promise<void> {
    const options = readOptions(process.env);
    const catalog = await openCatalog(options.modelDir, options.probe);
    let ready = true;
    const app = createApp({
        classifyFor: (image, names) => classify(catalog.find(names).model, image, options),
        keys: [options.predictionKey, options.secondPredictionKey].filter((key) => key !== undefined),
        corsOrigins: options.corsOrigins ?? [],
        isReady: () => ready,
        info: () => describeCatalog(catalog),
        log,
    });
    const { server, port } = await listen(app, options);
    const suspicious = catalog.models.some(({ probe }) => probe !== undefined && probe.verdict !== "good");
    log({ level: suspicious ? "warn" : "info", event: "listening", port, ...describeCatalog(catalog) });

    // What was accepted is answered before the process ends; Docker and the edge agent send SIGTERM.
    const stop = () => {
        ready = false;
        drain(server);
    };
    process.once("SIGTERM", stop);
    process.once("SIGINT", stop);
}

main().catch((error: unknown) => {
    log({
        level: "error",
        event: "start failed",
        message: error instanceof Error ? error.message : String(error),
    });
    process.exitCode = 1;
});
