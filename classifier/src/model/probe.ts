import type { Pixels } from "../image/pixels";
import { toPredictions } from "../predictions";
import { type TensorFormat, toTensor } from "../tensor";
import type { Model } from "./openModel";
import { probeImages } from "./probeImages";

/** What the probe found out about how a model's pixels are prepared. */
export interface ProbeVerdict {
    verdict: "good" | "collapsed" | "swapped" | "inconclusive";
    /** How far apart the answers to the probe's images are: the largest difference in the log-odds of one label. */
    spread: number;
    /** Tells people what was found, and what would be better. */
    message: string;
}

/** A picture of the model's own, with the label it is known to show. */
export interface Sample {
    pixels: Pixels;
    label?: string;
}

// Measured on four Custom Vision exports: 4 to 14 with their own range, 0.04 to 0.9 with a wrong one.
const COLLAPSED_SPREAD = 1;
const CLEARLY_BETTER = 5;
/** Where swapping red and blue changes answers by this much, a wrong order cannot be left as it is. */
const ORDER_MATTERS = 0.05;

const RANGES: TensorFormat["range"][] = [
    [0, 255],
    [0, 1],
    [-1, 1],
];

/**
 * Runs a model on simple images and on samples of its own, to find the two classic mistakes of preparing pixels: a
 * range in which every image gets the same answer, and red and blue swapped against what the file itself says, or
 * against samples whose label is known.
 */
export async function probe(model: Model, samples: readonly Sample[] = []): Promise<ProbeVerdict> {
    const images = [...probeImages(model.size), ...samples.map(({ pixels }) => pixels)];
    const spread = spreadOf(await answers(model, images, model.format));
    if (spread < COLLAPSED_SPREAD && model.format.type === "float32") {
        const better = await betterRange(model, images, spread);
        if (better) {
            return { verdict: "collapsed", spread, message: collapsedMessage(model, spread, better) };
        }
    }
    const swapped =
        model.format.channelOrder === "grey" ? undefined : await wrongOrder(model, images, samples);
    if (swapped) {
        return { verdict: "swapped", spread, message: swapped };
    }
    return spread < COLLAPSED_SPREAD
        ? {
              verdict: "inconclusive",
              spread,
              message: "All images of the probe get much the same answer, in other ranges too.",
          }
        : { verdict: "good", spread, message: "Different images get different answers." };
}

async function answers(model: Model, images: readonly Pixels[], format: TensorFormat): Promise<number[][]> {
    const all: number[][] = [];
    for (const image of images) {
        const scores = await model.session.run(toTensor(image, format));
        all.push(toPredictions(scores, model.labels, model.activation).map(({ probability }) => probability));
    }
    return all;
}

/**
 * The widest difference between two answers for one label. It is measured in log-odds, so that 0.001 against 0.0001
 * counts like 0.5 against 0.1: some models give every label a tiny probability, whatever they are shown.
 */
function spreadOf(all: readonly number[][]): number {
    const logOdds = all.map((probabilities) =>
        probabilities.map((probability) => {
            const inside = Math.min(Math.max(probability, 1e-6), 1 - 1e-6);
            return Math.log(inside / (1 - inside));
        }),
    );
    const labels = logOdds[0]?.map((_, label) => logOdds.map((values) => values[label] ?? 0)) ?? [];
    return Math.max(0, ...labels.map((values) => Math.max(...values) - Math.min(...values)));
}

async function betterRange(model: Model, images: readonly Pixels[], spread: number) {
    const { mean: _mean, std: _std, ...plain } = model.format;
    for (const range of RANGES) {
        const other = spreadOf(await answers(model, images, { ...plain, range }));
        if (other > COLLAPSED_SPREAD && other > CLEARLY_BETTER * spread) {
            return { range, spread: other };
        }
    }
    return undefined;
}

function collapsedMessage(
    model: Model,
    spread: number,
    better: { range: TensorFormat["range"]; spread: number },
): string {
    const { format, sources, name } = model;
    return (
        `Expected the model ${name} to tell images apart, found nearly the same answer for all ` +
        `(spread ${spread.toFixed(2)}) with pixels from ${describeRange(format)} (${sources.range}). With pixels from ` +
        `${describeRange(better)} the spread is ${better.spread.toFixed(1)}: set preprocessing.range in model.yaml to ` +
        `[${better.range.join(", ")}], without mean and std.`
    );
}

function describeRange({ range: [min, max] }: Pick<TensorFormat, "range">): string {
    return `${min} to ${max}`;
}

/** The reason to think that red and blue are swapped: samples whose label is known tell first, then the file. */
async function wrongOrder(
    model: Model,
    images: readonly Pixels[],
    samples: readonly Sample[],
): Promise<string | undefined> {
    const known = samples.filter(({ label }) => label !== undefined);
    const chosen = await countRight(model, known, model.format);
    const fileAgrees =
        (model.evidence.channelOrder?.value ?? model.format.channelOrder) === model.format.channelOrder;
    if (chosen === known.length && fileAgrees) {
        return undefined;
    }
    const swapped = await countRight(model, known, { ...model.format, channelOrder: swap(model.format) });
    if (swapped > chosen) {
        const finding = `${swapped} instead of ${chosen} of its ${known.length} samples are right with the other`;
        return swappedMessage(model, finding);
    }
    return swapped === chosen ? contradictsFile(model, images) : undefined;
}

async function countRight(model: Model, samples: readonly Sample[], format: TensorFormat): Promise<number> {
    const pixels = samples.map((sample) => sample.pixels);
    const all = await answers(model, pixels, format);
    return samples.filter(({ label }, index) => {
        const probabilities = all[index] ?? [];
        return model.labels[probabilities.indexOf(Math.max(...probabilities))] === label;
    }).length;
}

/** Whether the order was chosen against what the file says, and answers depend on it. */
async function contradictsFile(model: Model, images: readonly Pixels[]): Promise<string | undefined> {
    const { channelOrder } = model.evidence;
    if (!channelOrder || channelOrder.value === model.format.channelOrder) {
        return undefined;
    }
    const chosen = (await answers(model, images, model.format)).flat();
    const other = (
        await answers(model, images, { ...model.format, channelOrder: channelOrder.value })
    ).flat();
    const difference = Math.max(...chosen.map((value, index) => Math.abs(value - (other[index] ?? 0))));
    return difference > ORDER_MATTERS
        ? swappedMessage(
              model,
              `the ${channelOrder.source} says ${channelOrder.value}, and probabilities differ by up to ${difference.toFixed(2)}`,
          )
        : undefined;
}

function swappedMessage(model: Model, finding: string): string {
    return (
        `Expected the channel order ${swap(model.format)} for the model ${model.name}, found ${model.format.channelOrder} ` +
        `(${model.sources.channelOrder}): ${finding}. Set preprocessing.channelOrder in model.yaml to ` +
        `${swap(model.format)}.`
    );
}

function swap({ channelOrder }: TensorFormat): TensorFormat["channelOrder"] {
    return channelOrder === "rgb" ? "bgr" : "rgb";
}
