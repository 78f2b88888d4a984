import type { Progress, Step } from "../setup/progress";
import { classifierModel } from "./classifierGraph";
import { evaluate, fitHead, type Score } from "./evaluate";
import { type Example, toExample } from "./examples";
import { openFeatures } from "./features";
import { type FeaturesGraph, spotFeatures } from "./featuresGraph";
import { countBursts, describeModel, type TrainingOptions } from "./modelDescription";
import type { ModelFiles } from "./modelFiles";
import { type Photograph, readPhotographs } from "./photographs";
import { seededRandom } from "./random";

/**
 * Trains a classifier on a folder with one folder of images per label: photographs and random variants of them,
 * features, head, one ONNX graph. The same folder and options give the same bytes. Nothing is written; throws
 * `BadInput` for a folder that cannot be trained on.
 */
export async function trainModel(
    folder: string,
    options: TrainingOptions,
    progress: Progress,
): Promise<ModelFiles> {
    const graph = spotFeatures();
    const photographs = await inStep(progress, "Photographs", (step) => read(folder, graph, step));
    const labels = [...new Set(photographs.map(({ label }) => label))];
    const examples = await inStep(progress, "Features", (step) => extract(photographs, graph, options, step));
    const scores = await inStep(progress, "Held-out bursts", (step) => judge(examples, labels, step));
    return {
        network: classifierModel(graph, fitHead(examples, labels)),
        labels,
        description: describeModel(options, graph.side, labels, photographs, scores),
    };
}

async function read(folder: string, { side }: FeaturesGraph, step: Step): Promise<Photograph[]> {
    step.doing(`reading ${folder}`);
    const photographs = await readPhotographs(folder, side);
    step.done(`${photographs.length} in ${countBursts(photographs)} bursts`);
    return photographs;
}

async function extract(
    photographs: Photograph[],
    graph: FeaturesGraph,
    { seed, variants }: TrainingOptions,
    step: Step,
): Promise<Example[]> {
    step.doing(`of every photograph and ${variants} variants of it`, "about a second each");
    const features = await openFeatures(graph);
    const random = seededRandom(seed);
    const examples: Example[] = [];
    for (const photograph of photographs) {
        examples.push(await toExample(photograph, features, variants, random));
        step.latest(`${examples.length} of ${photographs.length}`);
    }
    step.done(`${graph.size} of ${photographs.length * (1 + variants)} images`);
    return examples;
}

async function judge(examples: Example[], labels: string[], step: Step): Promise<Score[] | undefined> {
    step.doing("judging each burst by what the others teach");
    const scores = evaluate(examples, labels);
    const [asPhotographed, ...robustness] = scores ?? [];
    const worst = Math.min(...robustness.map(({ accuracy }) => accuracy));
    step.done(
        asPhotographed
            ? `${asPhotographed.correct} of ${asPhotographed.of} right, ${100 * worst} % in the worst condition`
            : "not evaluated: a label has one burst only",
    );
    return scores;
}

async function inStep<T>(progress: Progress, title: string, work: (step: Step) => Promise<T>): Promise<T> {
    const step = progress.begin(title);
    try {
        return await work(step);
    } catch (error) {
        step.fail();
        throw error;
    }
}
