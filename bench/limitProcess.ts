import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { LimitReport, LimitTask } from "./limit";

type Classifier = typeof import("../classifier/src/classify") &
    typeof import("../classifier/src/model/openModel");

/** The code that the service runs, compiled as it is there. */
const compiled = Object.assign(
    {},
    ...["classify", "model/openModel"].map((name) =>
        require(join(__dirname, "..", "classifier", "dist", name)),
    ),
) as Classifier;

const WARM_UP_SECONDS = 0.3;
const MAX_PIXELS = 50_000_000;

/** Answers each task, a line of JSON, with a line. */
async function main(folder: string): Promise<void> {
    const model = await compiled.openModel(folder);
    console.log(JSON.stringify("ready"));
    for await (const line of createInterface({ input: process.stdin })) {
        const { mode = "exact", image, seconds } = JSON.parse(line) as LimitTask;
        const bytes = readFileSync(image);
        const step = () => compiled.classify(model, bytes, { preprocessing: mode, maxPixels: MAX_PIXELS });
        await repeat(step, WARM_UP_SECONDS);
        console.log(JSON.stringify(await repeat(step, seconds)));
    }
}

async function repeat(step: () => Promise<unknown>, seconds: number): Promise<LimitReport> {
    const cpu = process.cpuUsage();
    const start = performance.now();
    let images = 0;
    let passed = 0;
    while (passed < seconds) {
        await step();
        images++;
        passed = (performance.now() - start) / 1000;
    }
    const { user, system } = process.cpuUsage(cpu);
    return { images, seconds: passed, cpuSeconds: (user + system) / 1e6 };
}

void main(process.env.MODEL_DIR ?? "");
