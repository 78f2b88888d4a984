import type { Size } from "../image/pixels";
import { type Activation, toPredictions } from "../predictions";
import type { ArraySession, NetworkArray, Session } from "../session";
import { type TensorFormat, toTensor } from "../tensor";
import type { ImageReading } from "./imageInput";
import { gradient, probeImages } from "./probeImages";
import type { SourcedFormat } from "./tensorFormat";

/** How far from 1 the probabilities of a network of half precision may be together. */
const SUM_TOLERANCE = 2e-3;

/** What a network was found to take and to give, by giving it a picture. */
export interface Trial extends SourcedFormat {
    size: Size;
    /** How many scores it gives. */
    scores: number;
}

/**
 * Gives a network a picture in each way in which its input can be read, so that no model is opened that answers none, and
 * finds the one way that it answers in. Throws a sentence where there is none, or several with different pixels.
 */
export async function tryReadings(
    session: ArraySession,
    readings: readonly ImageReading[],
    formatFor: (reading: ImageReading) => SourcedFormat,
    path: string,
): Promise<Trial> {
    const found: Trial[] = [];
    const failures: string[] = [];
    for (const reading of readings) {
        const sourced = formatFor(reading);
        for (const size of reading.sizes) {
            const result = await tryPicture(session, size, sourced.format);
            if (typeof result === "number") {
                found.push({ ...sourced, size, scores: result });
                break;
            }
            failures.push(result);
        }
    }
    const [first, ...others] = found;
    if (!first) {
        throw new Error(
            `Expected ${path} to answer a picture with one score per label, got for ${failures[0]}. ` +
                (failures.length > 1
                    ? "Export it again with the sides of its input fixed, or say them in model.yaml, as preprocessing.width and height."
                    : "Export it again, and try it with onnxruntime first."),
        );
    }
    // The one channel of grey pixels is the same before and behind the sides.
    if (others.some(({ format }) => format.channelOrder !== "grey" || first.format.channelOrder !== "grey")) {
        throw new Error(
            `Expected ${path} to say how it takes an image, found that it answers in several ways: ` +
                `${found.map(({ format }) => `${format.layout} ${format.channelOrder}`).join(", ")}. Export it again ` +
                "with the dimensions of its input fixed.",
        );
    }
    return first;
}

/**
 * The activation that was found, or none where a softmax was guessed and the network gives what sums to 1 for any picture:
 * it makes probabilities itself, in a way that its last operators do not show.
 */
export async function withoutSecondSoftmax(
    session: Session,
    activation: Activation,
    size: Size,
    format: TensorFormat,
): Promise<Activation> {
    if (activation !== "softmax") {
        return activation;
    }
    for (const picture of probeImages(size).slice(1, 4)) {
        const scores = await session.run(toTensor(picture, format));
        const sum = scores.reduce((total, score) => total + score, 0);
        if (!(Math.abs(sum - 1) < SUM_TOLERANCE && scores.every((score) => score >= 0))) {
            return activation;
        }
    }
    return "none";
}

/** Throws a sentence for a model whose answer to a picture of any colour and shade is no probability for each label. */
export async function checkAnswer(
    { session, labels, activation }: { session: Session; labels: readonly string[]; activation: Activation },
    size: Size,
    format: TensorFormat,
    path: string,
): Promise<void> {
    const scores = await session.run(toTensor(gradient(size), format));
    try {
        toPredictions(scores, labels, activation);
    } catch (cause) {
        throw new Error(
            `Expected ${path} to answer a picture of the service's own. ${(cause as Error).message}`,
            {
                cause,
            },
        );
    }
}

/** How many scores the network gives for a picture, or what it says instead. */
async function tryPicture(session: ArraySession, size: Size, format: TensorFormat): Promise<number | string> {
    const tensor = toTensor(gradient(size), format);
    try {
        return countScores(await session.run(tensor));
    } catch (cause) {
        return `[${tensor.dims.join(", ")}]: ${(cause as Error).message.trim()}`;
    }
}

/** One picture has one list of scores, however many dimensions of 1 are around it. */
function countScores({ dims }: NetworkArray): number {
    const sides = dims.filter((side) => side !== 1);
    if (sides.length > 1 || sides[0] === 0) {
        throw new Error(`an output of [${dims.join(", ")}], which is not one score per label`);
    }
    return sides[0] ?? 1;
}
