import "./withoutTelemetry";
import { createLog } from "./log";
import { openClassifiers } from "./workers/classifiers";
import { usableWorkers } from "./workers/usableWorkers";

/** Node decodes images and looks up names in the same threads; a slow name server may block so many of them. */
const SPARE_THREADS = 4;

let readerLeft = false;

const log = createLog((line) => process.stdout.write(line));

async function main(): Promise<void> {
    // Node reads this variable when it first needs such a thread, which it has not done yet.
    process.env.UV_THREADPOOL_SIZE ??= String(usableWorkers() + SPARE_THREADS);
    const classifiers = openClassifiers(log.write);
    // Docker and the edge agent send SIGTERM; as the first process of a container this one must listen to it.
    const stop = new AbortController();
    process.once("SIGTERM", () => stop.abort());
    process.once("SIGINT", () => stop.abort());
    process.on("SIGUSR2", log.toggleDebug);
    // Where nobody reads the log any more, the service ends; where the disk is full, it serves on and the lines are lost.
    process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
        if (code === "EPIPE") {
            readerLeft = true;
            stop.abort();
        }
    });

    // Loading these takes a tenth of a second, in which the first worker already opens the models on another core.
    try {
        const { readOptions } = require("./readOptions") as typeof import("./readOptions");
        const { runService } = require("./service") as typeof import("./service");
        await runService(readOptions(process.env), classifiers, stop.signal, log);
    } finally {
        await classifiers.close();
    }
}

/** Ends the process with all its threads, once what was logged is written. */
function end(exitCode: number): void {
    process.stdout.write("", () => process.exit(exitCode));
}

main().then(
    // 141 is what a shell reports of a program that wrote to a pipe whose reader had left.
    () => end(readerLeft ? 141 : 0),
    (error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        const event =
            error instanceof Error && error.name === "BrokenService" ? "service broken" : "start failed";
        log.write({ level: "error", event, message });
        end(1);
    },
);
