import { readFileSync } from "node:fs";
import { join } from "node:path";

/** L1 with the service's own decoder in either mode, and L2: scaled decode, resize and run, and nothing else. */
export type LimitKind = "exact" | "fast" | "hardware";

export interface LimitTask {
    kind: LimitKind;
    image: string;
    seconds: number;
}

export interface LimitReport {
    images: number;
    seconds: number;
    cpuSeconds: number;
}

type Classifier = typeof import("../classifier/src/classify") &
    typeof import("../classifier/src/model/openModel") &
    typeof import("../classifier/src/image/jpegPixels") &
    typeof import("../classifier/src/preprocess") &
    typeof import("../classifier/src/tensor");

/** The code that the service runs, compiled as it is there. */
const compiled = Object.assign(
    {},
    ...["classify", "model/openModel", "image/jpegPixels", "preprocess", "tensor"].map((name) =>
        require(join(__dirname, "..", "classifier", "dist", name)),
    ),
) as Classifier;

const WARM_UP_SECONDS = 0.3;
const MAX_PIXELS = 50_000_000;

async function main(folder: string): Promise<void> {
    const model = await compiled.openModel(folder);
    const hardware = (bytes: Uint8Array) => {
        const place = (upright: { width: number; height: number }) => {
            const size = compiled.coveringSize(upright, model.size);
            const left = Math.floor((size.width - model.size.width) / 2);
            const top = Math.floor((size.height - model.size.height) / 2);
            return { size, window: { left, top, ...model.size } };
        };
        const pixels = compiled.jpegPixels(bytes, MAX_PIXELS, place, "fast");
        if (!pixels) {
            throw new Error("Expected libjpeg-turbo to decode the benchmark's images, it did not.");
        }
        return model.session.run(compiled.toTensor(pixels, model.format));
    };
    process.on("message", async ({ kind, image, seconds }: LimitTask) => {
        const bytes = readFileSync(image);
        const step = () =>
            kind === "hardware"
                ? hardware(bytes)
                : compiled.classify(model, bytes, { preprocessing: kind, maxPixels: MAX_PIXELS });
        await repeat(step, WARM_UP_SECONDS);
        process.send?.(await repeat(step, seconds));
    });
    process.send?.("ready");
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

void main(process.argv[2] ?? "");
