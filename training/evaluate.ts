import { fitLogisticRegression, type Head, probabilities } from "./logisticRegression";
import { wilsonInterval } from "./wilson";

/** A photograph as features: what the head is fitted to, and what it is asked about, condition by condition. */
export interface Example {
    label: number;
    burst: number;
    variants: Float32Array[];
    conditions: { name: string; features: Float32Array }[];
}

/** How often the model was right about photographs of bursts that it had not seen. */
export interface Score {
    condition: string;
    correct: number;
    of: number;
    accuracy: number;
    wilson95: [low: number, high: number];
}

const PENALTY = 0.002;
const MOST_FOLDS = 10;

/** Fits the head to every variant of the examples. */
export function fitHead(examples: readonly Example[], labelCount: number): Head {
    const rows = examples.flatMap(({ variants }) => variants);
    const labels = examples.flatMap(({ variants, label }) => variants.map(() => label));
    return fitLogisticRegression(rows, labels, labelCount, PENALTY);
}

/**
 * Cross-validation by burst: each burst, or a tenth of them where there are more than ten, is judged by a head that
 * was fitted to all others. One score per condition. Undefined where a label has one burst only: without it the head
 * would not know the label.
 */
export function evaluate(examples: readonly Example[], labelCount: number): Score[] | undefined {
    const burstsOf = (label: number) =>
        new Set(examples.filter((example) => example.label === label).map(({ burst }) => burst));
    if (Array.from({ length: labelCount }, (_, label) => burstsOf(label).size).some((bursts) => bursts < 2)) {
        return undefined;
    }
    const correct = new Map<string, number>();
    for (let fold = 0; fold < MOST_FOLDS; fold++) {
        const heldOut = examples.filter(({ burst }) => burst % MOST_FOLDS === fold);
        if (heldOut.length === 0) continue;
        const head = fitHead(
            examples.filter((example) => !heldOut.includes(example)),
            labelCount,
        );
        for (const { label, conditions } of heldOut) {
            for (const { name, features } of conditions) {
                const right = mostProbable(head, features) === label ? 1 : 0;
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
