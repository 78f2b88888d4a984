/** How sure the network is, from 0 to 1, that the image shows what the label says. */
export interface Prediction {
    label: string;
    probability: number;
}

/** Pairs each score with its label, in the order of the labels. */
export function toPredictions(scores: Float32Array, labels: readonly string[]): Prediction[] {
    if (scores.length !== labels.length) {
        throw new Error(`Expected ${labels.length} scores, one for each label, got ${scores.length}.`);
    }
    return labels.map((label, index) => ({ label, probability: scores[index] ?? Number.NaN }));
}
