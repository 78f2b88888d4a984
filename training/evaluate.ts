import type { Example } from "./examples";
import { fitLogisticRegression, type Head, probabilities } from "./logisticRegression";
import { wilsonInterval } from "./wilson";

/** How often the model was right about photographs of bursts that it had not seen. */
export interface Score {
    condition: string;
    correct: number;
    of: number;
    accuracy: number;
    wilson95: [low: number, high: number];
}

const PENALTY = 0.004;
const MOST_FOLDS = 10;

/** Fits the head to every variant of the examples; its classes are `labels`, in that order. */
export function fitHead(examples: readonly Example[], labels: readonly string[]): Head {
    const rows = examples.flatMap(({ variants }) => variants);
    const classes = examples.flatMap(({ variants, label }) => variants.map(() => labels.indexOf(label)));
    return fitLogisticRegression(rows, classes, labels.length, PENALTY);
}

/**
 * Cross-validation by burst: each burst, or a tenth of them where there are more than ten, is judged by a head that
 * was fitted to all others. One score per condition. Undefined where a label has one burst only: held out, the head
 * would not know the label.
 */
export function evaluate(examples: readonly Example[], labels: readonly string[]): Score[] | undefined {
    const burstsOf = (label: string) =>
        new Set(examples.filter((example) => example.label === label).map(({ burst }) => burst));
    if (labels.some((label) => burstsOf(label).size < 2)) return undefined;

    const correct = new Map<string, number>();
    for (let fold = 0; fold < MOST_FOLDS; fold++) {
        const isHeldOut = ({ burst }: Example) => burst % MOST_FOLDS === fold;
        const heldOut = examples.filter(isHeldOut);
        if (heldOut.length === 0) continue;
        const head = fitHead(
            examples.filter((example) => !isHeldOut(example)),
            labels,
        );
        for (const { label, conditions } of heldOut) {
            for (const { name, features } of conditions) {
                const right = labels[mostProbable(head, features)] === label ? 1 : 0;
                correct.set(name, (correct.get(name) ?? 0) + right);
            }
        }
    }
    return Array.from(correct, ([condition, count]) => score(condition, count, examples.length));
}

function mostProbable(head: Head, features: Float32Array): number {
    const chances = probabilities(head, features);
    return chances.indexOf(Math.max(...chances));
}

function score(condition: string, correct: number, of: number): Score {
    const [low, high] = wilsonInterval(correct, of);
    return {
        condition,
        correct,
        of,
        accuracy: rounded(correct / of),
        wilson95: [rounded(low), rounded(high)],
    };
}

function rounded(value: number): number {
    return Math.round(value * 1000) / 1000;
}
