import { type Activation, toPredictions, topLabel } from "../../classifier/src/predictions";

const probabilities = (scores: number[], activation: Activation) =>
    toPredictions(
        Float32Array.from(scores),
        scores.map((_, index) => `label ${index}`),
        activation,
    ).map(({ probability }) => probability);

describe("probabilities", () => {
    const e = Math.E;
    test.each<[string, number[], number[]]>([
        ["equal scores", [0, 0, 0, 0], [0.25, 0.25, 0.25, 0.25]],
        ["negative scores", [-1, -2], [e / (e + 1), 1 / (e + 1)]],
        ["a single score", [-7], [1]],
        ["scores whose exponential is beyond all numbers", [1000, 999, -1000], [e / (e + 1), 1 / (e + 1), 0]],
        ["scores whose exponential is nothing", [-1000, -1000], [0.5, 0.5]],
        ["a score that excludes its label", [0, Number.NEGATIVE_INFINITY], [1, 0]],
    ])("by softmax of %s are shares of 1", (_name, scores, expected) => {
        const found = probabilities(scores, "softmax");
        expect(found).toEqual(expected.map((value) => expect.closeTo(value, 6)));
        expect(found.reduce((sum, value) => sum + value)).toBeCloseTo(1, 6);
    });

    test("by sigmoid are each on its own", () => {
        expect(probabilities([0, 1, -1, 1000, -1000], "sigmoid")).toEqual(
            [0.5, e / (e + 1), 1 / (e + 1), 1, 0].map((value) => expect.closeTo(value, 6)),
        );
    });

    test("of a network that ends in them are its scores", () => {
        expect(probabilities([0.25, 0.5, 3], "none")).toEqual([0.25, 0.5, 3]);
    });

    test("belong to the labels in their order", () => {
        const predictions = toPredictions(Float32Array.of(0.25, 0.75), ["b", "a"], "none");
        expect(predictions).toEqual([
            { label: "b", probability: 0.25 },
            { label: "a", probability: 0.75 },
        ]);
        expect(topLabel(predictions)).toBe("a");
        expect(topLabel([])).toBeUndefined();
    });

    test.each([1, 3])("are not made of %i scores for two labels", (scores) => {
        expect(() => toPredictions(new Float32Array(scores), ["one", "two"], "none")).toThrow(
            `Expected ${scores} labels for the network's ${scores} scores, found 2 (one, two).`,
        );
    });
});
