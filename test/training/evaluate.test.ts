import { conditions, fullSize, underCondition } from "../../training/conditions";
import { evaluate, fitHead } from "../../training/evaluate";
import type { Example } from "../../training/examples";
import { fitLogisticRegression, probabilities } from "../../training/logisticRegression";
import { toPng } from "./pictures";

/** An example whose features are these, as photographed and as the head is trained on, and others in the dark. */
function example(label: string, burst: number, features: number[], inTheDark = features): Example {
    return {
        label,
        burst,
        variants: [Float32Array.from(features)],
        conditions: [
            { name: "as photographed", features: Float32Array.from(features) },
            { name: "in the dark", features: Float32Array.from(inTheDark) },
        ],
    };
}

describe("evaluation", () => {
    const labels = ["ripe", "unripe"];

    test("counts, condition by condition, what heads fitted to the other bursts get right", () => {
        const examples = [
            example("ripe", 0, [1]),
            example("ripe", 1, [1.2], [-1]),
            example("unripe", 2, [-1]),
            example("unripe", 3, [-1.2]),
        ];
        expect(evaluate(examples, labels)).toMatchObject([
            { condition: "as photographed", correct: 4, of: 4, accuracy: 1 },
            { condition: "in the dark", correct: 3, of: 4, accuracy: 0.75 },
        ]);
    });

    test("never lets a head have seen the burst that it is asked about", () => {
        // Within a burst all look alike, but the bursts of a label have nothing in common: from the other bursts
        // each looks like the wrong label.
        const examples = [
            ...[1, 1.1, 0.9].map((value) => example("ripe", 0, [value])),
            ...[-1, -1.1, -0.9].map((value) => example("ripe", 1, [value])),
            ...[1, 1.1, 0.9].map((value) => example("unripe", 2, [value])),
            ...[-1, -1.1, -0.9].map((value) => example("unripe", 3, [value])),
        ];
        expect(evaluate(examples, labels)?.[0]).toMatchObject({ correct: 0, of: 12 });
    });

    test("asks about every photograph once where there are more than ten bursts", () => {
        const examples = Array.from({ length: 23 }, (_, burst) =>
            burst % 2
                ? example("ripe", burst, [1 + burst / 100])
                : example("unripe", burst, [-1 - burst / 100], [1]),
        );
        expect(evaluate(examples, labels)).toMatchObject([
            { condition: "as photographed", correct: 23, of: 23, wilson95: [0.857, 1] },
            { condition: "in the dark", correct: 11, of: 23, accuracy: 0.478, wilson95: [0.292, 0.67] },
        ]);
    });

    test("takes the labels in the order that it is given", () => {
        const examples = [1, 2].flatMap((burst) => [
            example("ripe", burst, [burst]),
            example("unripe", burst + 2, [-burst]),
        ]);
        const head = fitHead(examples, ["unripe", "ripe"]);
        expect(probabilities(head, [2])[1]).toBeGreaterThan(0.9);
        expect(probabilities(fitHead(examples, labels), [2])[0]).toBeGreaterThan(0.9);
        expect(evaluate(examples, ["unripe", "ripe"])?.[0]).toMatchObject({ correct: 4, of: 4 });
    });

    test("fits a head to every variant of a photograph, with the penalty of the default model", () => {
        const variants = [
            [1, 2],
            [3, 4],
            [-1, 0],
            [-2, -5],
        ].map((row) => Float32Array.from(row));
        const examples = ["ripe", "unripe"].map((label, burst) => ({
            ...example(label, burst, []),
            variants: variants.slice(2 * burst, 2 * burst + 2),
        }));
        expect(fitHead(examples, labels)).toEqual(fitLogisticRegression(variants, [0, 0, 1, 1], 2, 0.004));
    });

    test("is not possible where a label has one burst only", () => {
        const examples = [example("ripe", 0, [1]), example("unripe", 1, [-1]), example("unripe", 2, [-1])];
        expect(evaluate(examples, labels)).toBeUndefined();
    });
});

describe("the conditions of the evaluation", () => {
    // Left half red-ish, right half blue-ish.
    const [left, right] = [
        [200, 100, 40],
        [40, 100, 160],
    ] as const;
    const data = Uint8Array.from({ length: 32 * 16 }, (_, i) => i % 32).reduce(
        (pixels, x, i) => {
            pixels.set(x < 16 ? left : right, i * 3);
            return pixels;
        },
        new Uint8Array(32 * 16 * 3),
    );

    async function under(name: string) {
        const condition = conditions.find((candidate) => candidate.name.startsWith(name));
        if (!condition) throw new Error(`There is no condition ${name}.`);
        const photograph = await fullSize(await toPng({ data, width: 32, height: 16 }));
        const changed = await fullSize(await underCondition(photograph, condition));
        const at = (x: number, y: number) =>
            Array.from(changed.data.subarray((y * changed.width + x) * 3).subarray(0, 3));
        return { ...changed, at };
    }

    test.each([
        ["rotated by 180°", right],
        ["30 % brighter", [255, 130, 52]],
        ["30 % darker", [140, 70, 28]],
        ["warm", [250, 100, 30]],
        ["cold", [150, 100, 50]],
    ])("%s changes the pixels as it says", async (name, expected) => {
        const { at } = await under(name);
        expect(at(4, 4)).toEqual([...expected]);
    });

    test("rotated by 90° swaps width and height", async () => {
        const { width, height, at } = await under("rotated by 90°");
        expect([width, height]).toEqual([16, 32]);
        expect([at(4, 4), at(4, 28)]).toEqual([[...left], [...right]]);
    });

    test("blur softens edges, and JPEG loses little of plain colours", async () => {
        const [blurred, jpeg] = [await under("blurred"), await under("JPEG")];
        expect(blurred.at(15, 8)[0]).toBeGreaterThan(right[0] + 20);
        expect(blurred.at(15, 8)[0]).toBeLessThan(left[0] - 20);
        jpeg.at(4, 4).forEach(
            (value, channel) => void expect(Math.abs(value - (left[channel] ?? 0))).toBeLessThan(12),
        );
    });
});
