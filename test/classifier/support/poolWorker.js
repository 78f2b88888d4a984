// A worker's program for the tests of the pool: what it does is told by each job.
const { existsSync } = require("node:fs");
const { setTimeout: sleep } = require("node:timers/promises");
const { threadId, workerData } = require("node:worker_threads");
const { RequestError } = require("../../../classifier/dist/errors");
const { serveTasks } = require("../../../classifier/dist/workers/serveTasks");

void serveTasks(async () => {
    if (existsSync(workerData.unfitFile)) {
        throw new Error("Expected a model, found none.");
    }
    return {
        description: { isFirst: workerData.isFirst },
        tasks: {
            echo: (input) => input,
            whoami: async (milliseconds) => {
                await sleep(milliseconds);
                return threadId;
            },
            size: ({ bytes }) => bytes.byteLength,
            transfer: ({ bytes }) => structuredClone(0, { transfer: [bytes.buffer] }),
            refuse: () => {
                throw new RequestError(400, "BadRequestImage", "Expected an image.");
            },
            fail: () => {
                throw new Error("no memory");
            },
            exit: () => process.exit(3),
            crash: () =>
                new Promise(() => {
                    setImmediate(() => {
                        throw new Error("a crash");
                    });
                }),
            hang: () => {
                for (;;);
            },
        },
    };
});
