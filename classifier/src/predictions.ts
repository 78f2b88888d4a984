/** How sure the network is, from 0 to 1, that the image shows what the label says. */
export interface Prediction {
    label: string;
    probability: number;
}

/** The function that makes probabilities of scores: `none` where the network ends in one itself, as most do. */
export type Activation = "none" | "softmax" | "sigmoid";

/**
 * Pairs each probability with its label, in the order of the labels. Throws for what is no number: JSON has no other, and
 * would show nothing in its place.
 */
export function toPredictions(
    scores: Float32Array,
    labels: readonly string[],
    activation: Activation,
): Prediction[] {
    if (scores.length !== labels.length) {
        throw new Error(
            `Expected ${scores.length} labels for the network's ${scores.length} scores, found ${labels.length} ` +
                `(${labels.join(", ")}). Put the labels.txt of the same export beside the model.`,
        );
    }
    const probabilities = activate(scores, activation);
    return requireNumbers(
        labels.map((label, index) => ({ label, probability: probabilities[index] ?? Number.NaN })),
        "the model",
    );
}

/** Returns the predictions if all of them have a number; `source` is who made them, for the sentence that it throws. */
export function requireNumbers(predictions: Prediction[], source: string): Prediction[] {
    const wrong = predictions.find(({ probability }) => !Number.isFinite(probability));
    if (wrong) {
        throw new Error(`Expected a number from ${source} for "${wrong.label}", found ${wrong.probability}.`);
    }
    return predictions;
}

/** The scores of the labels "no" and "yes" for a network of one score, as `activation` is to find them. */
export function scoresOfPair(score: number, activation: Activation): Float32Array {
    return activation === "none" ? Float32Array.of(1 - score, score) : Float32Array.of(-score, score);
}

/** The label that is most probable; nothing where there are no predictions. */
export function topLabel(predictions: readonly Prediction[]): string | undefined {
    return predictions.toSorted((one, other) => other.probability - one.probability)[0]?.label;
}

function activate(scores: Float32Array, activation: Activation): ArrayLike<number> {
    switch (activation) {
        case "none":
            return scores;
        case "sigmoid":
            return scores.map((score) => 1 / (1 + Math.exp(-score)));
        case "softmax": {
            const highest = Math.max(...scores);
            const exponentials = scores.map((score) => Math.exp(score - highest));
            const sum = exponentials.reduce((total, value) => total + value, 0);
            return exponentials.map((value) => value / sum);
        }
    }
}
