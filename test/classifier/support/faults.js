// Preloaded into the service by tests, to make its workers fail in ways that no image makes them fail. An image that
// ends in one of these marks, which decoders ignore, does what the mark says before it is classified.
const { existsSync } = require("node:fs");
const { join } = require("node:path");
const { isMainThread, parentPort } = require("node:worker_threads");

const marks = {
    "<exit>": () => process.exit(9),
    "<throw>": () => {
        throw new Error("a fault of the test");
    },
    "<hang>": () => {
        for (;;);
    },
    // Until the test removes the file.
    "<held>": () => {
        const nothing = new Int32Array(new SharedArrayBuffer(4));
        while (existsSync(process.env.HOLD_FILE)) Atomics.wait(nothing, 0, 0, 20);
    },
};

if (!isMainThread) {
    // First of the listeners, as it is here before the program is loaded.
    parentPort.on("message", ({ input }) => {
        const end = Buffer.from(input?.image ?? [])
            .toString("latin1")
            .slice(-10);
        const mark = Object.keys(marks).find((name) => end.endsWith(name));
        if (mark) marks[mark]();
    });
    const modules = join(__dirname, "../../../classifier/node_modules");
    const { InferenceSession } = require(join(modules, "onnxruntime-common"));
    const { run } = InferenceSession.prototype;
    InferenceSession.prototype.run = function (...args) {
        const broken = process.env.BREAK_FILE && existsSync(process.env.BREAK_FILE);
        return broken ? Promise.reject(new Error("the network is broken")) : run.apply(this, args);
    };
}
