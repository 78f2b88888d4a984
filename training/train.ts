import type { Pixels } from "../classifier/src/image/pixels";
import { preprocess } from "../classifier/src/preprocess";
import { openSession, type Session } from "../classifier/src/session";
import { type TensorFormat, toTensor } from "../classifier/src/tensor";
import type { Progress, Step } from "../setup/progress";
import { augment } from "./augment";
import { classifierModel, featuresModel } from "./classifierGraph";
import { conditions, underCondition } from "./conditions";
import { type Example, evaluate, fitHead, type Score } from "./evaluate";
import { contrastFeatures } from "./featuresGraph";
import type { ModelFiles } from "./modelFiles";
import { objectMask } from "./objectMask";
import { type Photograph, readPhotographs } from "./photographs";
import { type Random, seededRandom } from "./random";

/** What a model is called, and from which seed its chance comes. */
export interface TrainingOptions {
    name: string;
    version: string;
    description?: string;
    seed: number;
}

const SIDE = 224;
const VARIANTS = 16;
const FORMAT: TensorFormat = { layout: "nchw", channelOrder: "rgb", range: [0, 255], type: "float32" };

/**
 * Trains a classifier on a folder with one folder of images per label: photographs and random variants of them,
 * features, head, one ONNX graph. The same folder and seed give the same bytes. Nothing is written; throws `BadInput`
 * for a folder that cannot be trained on.
 */
export async function trainModel(
    folder: string,
    options: TrainingOptions,
    progress: Progress,
): Promise<ModelFiles> {
    const graph = contrastFeatures(SIDE);
    const photographs = await inStep(progress, "Photographs", async (step) => {
        step.doing(`reading ${folder}`);
        const read = await readPhotographs(folder, SIDE);
        step.done(`${read.length} in ${countBursts(read)} bursts`);
        return read;
    });
    const labels = [...new Set(photographs.map(({ label }) => label))];
    const examples = await inStep(progress, "Features", async (step) => {
        step.doing(
            `of ${VARIANTS} variants of each and under ${conditions.length} conditions`,
            "about a second each",
        );
        const session = await openSession(featuresModel(graph), graph.input, graph.output);
        const random = seededRandom(options.seed);
        const extracted: Example[] = [];
        for (const photograph of photographs) {
            extracted.push(await toExample(photograph, labels, session, random));
            step.latest(`${extracted.length} of ${photographs.length}`);
        }
        step.done(`${graph.size} of each image`);
        return extracted;
    });
    return inStep(progress, "Head", async (step) => {
        step.doing("fitting, burst by burst and to all");
        const scores = evaluate(examples, labels.length);
        const network = classifierModel(graph, fitHead(examples, labels.length));
        step.done(scores ? summary(scores) : "not evaluated: a label has one burst only");
        return { network, labels, description: describe(options, photographs, labels, scores) };
    });
}

async function toExample(
    photograph: Photograph,
    labels: string[],
    session: Session,
    random: Random,
): Promise<Example> {
    const { label, burst, bytes, pixels } = photograph;
    const features = async (image: Pixels) => session.run(toTensor(image, FORMAT));
    const mask = objectMask(pixels);
    const own = await features(pixels);
    const variants = [own];
    for (let i = 0; i < VARIANTS; i++) variants.push(await features(augment(pixels, mask, random)));
    const seen = [{ name: "as photographed", features: own }];
    for (const condition of conditions) {
        const changed = await preprocess(await underCondition(bytes, condition), {
            width: SIDE,
            height: SIDE,
        });
        seen.push({ name: condition.name, features: await features(changed) });
    }
    return { label: labels.indexOf(label), burst, variants, conditions: seen };
}

/** The content of `model.yaml`. */
function describe(
    options: TrainingOptions,
    photographs: Photograph[],
    labels: string[],
    scores: Score[] | undefined,
) {
    const { name, version, description = `Tells ${labels.join(" from ")}.`, seed } = options;
    const ofLabel = (label: string) => photographs.filter((photograph) => photograph.label === label);
    const [asPhotographed, ...robustness] = scores ?? [];
    return {
        name,
        version,
        description,
        labels,
        preprocessing: {
            width: SIDE,
            height: SIDE,
            channelOrder: FORMAT.channelOrder,
            range: FORMAT.range,
        },
        training: {
            seed,
            images: Object.fromEntries(labels.map((label) => [label, ofLabel(label).length])),
            bursts: Object.fromEntries(labels.map((label) => [label, countBursts(ofLabel(label))])),
            variantsPerImage: VARIANTS,
            ...(asPhotographed
                ? { heldOutBursts: withoutName(asPhotographed), robustness }
                : { heldOutBursts: "not evaluated: every label needs two bursts" }),
        },
    };
}

function withoutName({ condition: _, ...figures }: Score) {
    return figures;
}

function countBursts(photographs: Photograph[]): number {
    return new Set(photographs.map(({ burst }) => burst)).size;
}

function summary([asPhotographed, ...robustness]: Score[]): string {
    const worst = Math.min(...robustness.map(({ accuracy }) => accuracy));
    return `${asPhotographed?.correct} of ${asPhotographed?.of} right on held-out bursts, ${worst} at worst`;
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
