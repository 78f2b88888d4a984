import { fitLogisticRegression, probabilities } from "../../training/logisticRegression";
import { seededRandom } from "../../training/random";

const random = seededRandom(11);
const centres = [
    [0, 0, 5],
    [2, 0, 5],
    [0, 3, 5],
];
const classes = Array.from({ length: 90 }, (_, i) => i % 3);
const rows = classes.map((own) =>
    Float32Array.from(centres[own] ?? [], (value) => value + 0.2 * random.normal()),
);

describe("multinomial logistic regression", () => {
    test("tells three groups of points apart", () => {
        const head = fitLogisticRegression(rows, classes, 3, 0.01);
        const right = rows.filter((row, i) => {
            const chances = probabilities(head, row);
            return chances.indexOf(Math.max(...chances)) === classes[i];
        });
        expect(right).toHaveLength(90);
    });

    test("finds, for one feature and two classes, where the slope of the penalised loss is zero", () => {
        // By hand: standardised, the feature is -1 and 1. With the weights -w and w the slope is
        // penalty * w - 1 / (1 + e^(2w)).
        const head = fitLogisticRegression([Float32Array.of(3), Float32Array.of(5)], [0, 1], 2, 0.1);
        const weight = head.weights[1]?.[0] ?? 0;
        expect(weight * 0.1).toBeCloseTo(1 / (1 + Math.exp(2 * weight)), 6);
        expect(probabilities(head, [4])[0]).toBeCloseTo(0.5, 6);
    });

    test("does not depend on the units of a feature", () => {
        const scaled = rows.map((row) => row.map((value, j) => (j === 0 ? value * 1000 - 7 : value)));
        const one = fitLogisticRegression(rows, classes, 3, 0.01);
        const other = fitLogisticRegression(scaled, classes, 3, 0.01);
        const [first, second] = [probabilities(one, rows[1] ?? []), probabilities(other, scaled[1] ?? [])];
        first.forEach((value, k) => void expect(second[k]).toBeCloseTo(value, 3));
    });

    test("lets a class of few examples count as much as one of many", () => {
        const few = rows
            .map((row, i) => ({ row, own: classes[i] as number }))
            .filter(({ own }, i) => own !== 2 || i < 9);
        const head = fitLogisticRegression(
            few.map(({ row }) => row),
            few.map(({ own }) => own),
            3,
            0.01,
        );
        expect(probabilities(head, [0, 3, 5])[2]).toBeGreaterThan(0.9);
    });

    test("makes nothing of a feature that never varies, and numbers of features of any size", () => {
        const constant = rows.map((row) => Float32Array.of(...row, 7));
        const head = fitLogisticRegression(constant, classes, 3, 0.01);
        expect(head.weights.map((weights) => weights[3])).toEqual(
            [0, 0, 0].map((none) => expect.closeTo(none, 9)),
        );
        for (const value of [1e6, -1e6]) {
            const chances = probabilities(head, [value, -value, value, 7]);
            expect(chances.every((chance) => chance >= 0 && chance <= 1)).toBe(true);
            expect(chances.reduce((sum, chance) => sum + chance)).toBeCloseTo(1, 9);
        }
    });

    test("does not penalise the bias: classes of the same weight are as probable, taken together", () => {
        const lopsided = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        const head = fitLogisticRegression(
            lopsided.map((value) => Float32Array.of(value)),
            lopsided,
            2,
            0.5,
        );
        const [few, many] = [probabilities(head, [1])[1], probabilities(head, [0])[1]];
        expect((few ?? 0) + (many ?? 0)).toBeCloseTo(1, 6);
        expect(few).toBeGreaterThan(0.6);
    });

    test("draws its weights to nothing with a penalty that is beyond all measure", () => {
        const head = fitLogisticRegression(rows, classes, 3, 1e6);
        for (const weight of head.weights.flatMap((weights) => [...weights]))
            expect(weight).toBeCloseTo(0, 4);
    });
});
