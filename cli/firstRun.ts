import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Command } from "commander";
import { duration } from "../setup/progress";
import {
    type CommandContext,
    type CommonOptions,
    commandContext,
    namedStack,
    withCommonOptions,
} from "./context";
import { localUp } from "./local/update";

/** These pictures come with the project, so that a first run needs no photo of anybody. */
const samples = ["samples/spotted-banana.png", "samples/clean-banana.png"];

interface SamplePrediction {
    readonly file: string;
    readonly tagName: string;
    readonly probability: number;
    readonly ms: number;
}

/** Adds `edge first-run`, which is what `npm run local` runs: from nothing to predictions of the deployed module. */
export function addFirstRun(program: Command): void {
    withCommonOptions(program.command("first-run"))
        .addHelpText(
            "after",
            `
With --json the answer is {stack, hub, device, image, url, predictions:[{file, tagName, probability}],
timings:{setupMs, upMs, firstPredictionMs}}; firstPredictionMs counts from the start of the command.

Example: npm run local
         npm run -s local -- --json`,
        )
        .action((options: CommonOptions) => firstRun(commandContext(options, process), options));
}

async function firstRun(context: CommandContext, options: CommonOptions): Promise<void> {
    const { progress } = context;
    const started = performance.now();
    const setupMs = Number(context.env.EDGE_SETUP_MS ?? 0);
    const stack = namedStack(context, options);
    const { outputs, ms: upMs } = await localUp(context, stack);
    const { hubHostName: hub, deviceId: device, image, classifierUrl } = outputs;
    const url = String(classifierUrl);

    const predictions: SamplePrediction[] = [];
    let firstPredictionMs = 0;
    for (const sample of samples) {
        const prediction = await classifySample(url, join(context.project, sample));
        firstPredictionMs ||= Math.round(setupMs + performance.now() - started);
        predictions.push(prediction);
        const percent = `${(prediction.probability * 100).toFixed(1)} %`;
        progress.done(prediction.file, `${prediction.tagName.padEnd(8)} ${percent}`, `${prediction.ms} ms`);
    }

    if (context.json) {
        context.writeJson({
            stack: stack.stack,
            hub,
            device,
            image,
            url,
            predictions: predictions.map(({ file, tagName, probability }) => ({
                file,
                tagName,
                probability,
            })),
            timings: { setupMs, upMs, firstPredictionMs },
        });
        return;
    }
    progress.say(`
The module answers on ${url} (${duration(firstPredictionMs)} since the start).

Try it   curl -X POST -H 'Content-Type: application/octet-stream' --data-binary @${samples[0]} ${url}/image
Page     ${url}/ui
Go on    npm run edge -- local status | logs | preview | up | destroy | stop       docs/first-run.md`);
}

/** Posts an image as a client of the original container does and takes the most probable label. */
async function classifySample(url: string, file: string): Promise<SamplePrediction> {
    const started = performance.now();
    const response = await fetch(`${url}/image`, {
        method: "POST",
        headers: { "Content-Type": "application/octet-stream" },
        body: readFileSync(file),
    });
    const text = await response.text();
    if (!response.ok)
        throw new Error(`Expected ${url}/image to classify ${file}, found ${response.status}: ${text}`);
    const { predictions } = JSON.parse(text) as { predictions: { tagName: string; probability: number }[] };
    const [best] = predictions.toSorted((a, b) => b.probability - a.probability);
    if (!best) throw new Error(`Expected at least one prediction for ${file}, found none.`);
    return { file: basename(file), ...best, ms: Math.round(performance.now() - started) };
}
