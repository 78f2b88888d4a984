import { readFileSync } from "node:fs";
import { join } from "node:path";
import { classify } from "../../classifier/src/classify";
import { openCatalog } from "../../classifier/src/model/modelCatalog";
import { type Model, openModel } from "../../classifier/src/model/openModel";
import { encodeModel } from "../../classifier/src/onnx";
import type { Prediction } from "../../classifier/src/predictions";
import { scoreRows } from "../../classifier/src/score/scoreRows";
import { openArraySession } from "../../classifier/src/session";
import { toTensor } from "../../classifier/src/tensor";
import { folderOf, int, ints, pngOf, tensor } from "./support/colourModel";
import { serveModels } from "./support/modelService";
import type { TestService } from "./support/service";
import { type SmallNetwork, smallNetworkFolder } from "./support/smallNetwork";
import { matrixModel, tableModelFolder } from "./support/tableModel";

const OPTIONS = { preprocessing: "exact", maxPixels: 1_000_000 } as const;
const COLOUR = [200, 90, 30];
const IMAGE: SmallNetwork = { dims: [1, 3, 8, 8] };
const SOFTMAX: NonNullable<SmallNetwork["behind"]> = [["Softmax", [], [int("axis", 1)]]];

type Behind = NonNullable<SmallNetwork["behind"]>;

/** What the network itself gives for the picture. */
async function ownScores(folder: string, { format }: Model): Promise<number[]> {
    const session = await openArraySession(readFileSync(join(folder, "model.onnx")), "image", "scores");
    const data = Uint8Array.from({ length: 192 }, (_, at) => COLOUR[at % 3] ?? 0);
    const output = await session.run(toTensor({ data, width: 8, height: 8 }, format));
    return [...(output.data as Float32Array)];
}

async function answer(network: SmallNetwork, files: Record<string, string> = {}) {
    const folder = await smallNetworkFolder(network, files);
    const model = await openModel(folder);
    const predictions = await classify(model, await pngOf(COLOUR, 8, 8), OPTIONS);
    return {
        model,
        labels: predictions.map(({ label }) => label),
        found: predictions.map(({ probability }) => probability),
        own: await ownScores(folder, model),
    };
}

const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 5));
const softmax = (scores: readonly number[]) => {
    const all = scores.map((score) => Math.exp(score));
    return all.map((value) => value / all.reduce((sum, one) => sum + one, 0));
};
const sigmoid = (score: number) => 1 / (1 + Math.exp(-score));

describe("the scores of a network", () => {
    const shape = (values: number[]) => ({
        shape: { dims: [values.length], values, type: "int64" as const },
    });
    const reshaped = (to: number[], output: (number | string)[]): SmallNetwork => ({
        ...IMAGE,
        behind: [...SOFTMAX, ["Reshape", ["shape"]]],
        constants: shape(to),
        output,
    });
    test.each<[string, SmallNetwork]>([
        ["[N, labels]", IMAGE],
        ["[N, labels, 1, 1]", reshaped([1, 3, 1, 1], ["N", 3, 1, 1])],
        ["[1, 1, labels]", reshaped([1, 1, 3], [1, 1, 3])],
        ["[N, 1, 1, labels]", reshaped([1, 1, 1, 3], ["N", 1, 1, 3])],
        ["[labels]", reshaped([3], [3])],
        ["all open", reshaped([1, 3], ["N", "M"])],
        ["open where the labels are behind them", reshaped([1, 1, 3], ["N", "K", "M"])],
    ])("may be of the shape %s", async (_name, network) => {
        const { found, own, model } = await answer(network);
        expect(found).toEqual(close(own));
        expect(model.activation).toBe("none");
    });

    test.each<[string, Behind, (own: number[]) => number[], Partial<SmallNetwork>?]>([
        ["a softmax", SOFTMAX, (own) => own],
        ["nothing", [["Identity"]], softmax],
        ["a LogSoftmax", [["LogSoftmax", [], [int("axis", 1)]]], softmax],
        ["a LogSoftmax and its exponential", [["LogSoftmax", [], [int("axis", 1)]], ["Exp"]], (own) => own],
        ["a softmax that is clipped", [...SOFTMAX, ["Clip"]], (own) => own],
        ["a softmax with a temperature ahead", [["Mul", ["scale"]], ...SOFTMAX], (own) => own],
        [
            "a softmax whose mean is taken over views",
            [
                ...SOFTMAX,
                ["Unsqueeze", ["axes"]],
                ["ReduceMean", [], [ints("axes", [1]), int("keepdims", 0)]],
            ],
            (own) => own,
            { constants: { axes: { dims: [1], values: [1], type: "int64" } } },
        ],
        ["a HardSigmoid", [["HardSigmoid"]], (own) => own],
    ])("that end in %s become probabilities once", async (_name, behind, expected, more = {}) => {
        const { found, own } = await answer({ ...IMAGE, ...more, behind });
        expect(found).toEqual(close(expected(own)));
    });

    test("are found by their number among those of other things", async () => {
        const features = {
            ...IMAGE,
            outputs: [tensor("step5", "float", ["N", 4, 1, 1]), tensor("step6", "float", ["N", 4])],
        };
        expect((await answer(features)).found).toHaveLength(3);
    });

    test("and the probabilities made of them are both outputs, of which the latter are taken", async () => {
        const both = { ...IMAGE, outputs: [tensor("step7", "float", ["N", 3])] };
        const { found, own } = await answer(both);
        expect(found).toEqual(close(own));
    });

    test.each<[string, SmallNetwork, RegExp]>([
        [
            "a score per pixel",
            {
                ...IMAGE,
                behind: [
                    ["Unsqueeze", ["axes"]],
                    ["Expand", ["shape"]],
                ],
                constants: { axes: { dims: [2], values: [2, 3], type: "int64" }, ...shape([1, 3, 8, 8]) },
                output: ["N", 3, "h", "w"],
            },
            /an output of \[1, 3, 8, 8\], which is not one score per label/,
        ],
        [
            "other labels than scores, where their number is open",
            {
                ...IMAGE,
                labels: 3,
                output: ["N", "M"],
                behind: [["Softmax"], ["Slice", ["from", "to", "axes"]]],
                constants: {
                    from: { dims: [1], values: [0], type: "int64" },
                    to: { dims: [1], values: [2], type: "int64" },
                    axes: { dims: [1], values: [1], type: "int64" },
                },
            },
            /Expected 2 labels for the 2 scores/,
        ],
        [
            "the highest scores only",
            { ...IMAGE, behind: [...SOFTMAX, ["TopK", ["shape"]]], constants: shape([3]) },
            /has the highest ones only, in their own order \(TopK\)/,
        ],
        [
            "two lists of as many scores",
            { ...IMAGE, behind: [["Identity"]], outputs: [tensor("step7", "float", ["N", 3])] },
            /Where there are several, name the right one/,
        ],
        [
            "one score for three labels",
            {
                ...IMAGE,
                labels: 3,
                behind: [["ReduceMean", [], [ints("axes", [1])]], ["Sigmoid"]],
                output: ["N", 1],
            },
            /Expected one label, or two, for the one score of .*, found 3/,
        ],
        [
            "a softmax of one score",
            { ...IMAGE, labels: 1, output: ["N", 1] },
            /found a softmax behind scores, which makes 1/,
        ],
    ])("are refused where they are %s", async (_name, network, sentence) => {
        await expect(openCatalog(await smallNetworkFolder(network), "off")).rejects.toThrow(sentence);
    });
});

describe("one score", () => {
    const one = (behind: Behind, output: (number | string)[] = ["N", 1]): SmallNetwork => ({
        ...IMAGE,
        labels: 1,
        behind,
        output,
    });
    const two = { "labels.txt": "cat\ndog" };

    test.each<[string, SmallNetwork]>([
        ["[N, 1]", one([["Sigmoid"]])],
        [
            "[N]",
            {
                ...one([["Sigmoid"], ["Squeeze", ["axes"]]], ["N"]),
                constants: { axes: { dims: [1], values: [1], type: "int64" } },
            },
        ],
    ])("of a sigmoid is that of the second of two labels: %s", async (_name, network) => {
        const { found, labels, own } = await answer(network, two);
        expect(labels).toEqual(["cat", "dog"]);
        expect(found).toEqual(close([1 - (own[0] ?? 0), own[0] ?? 0]));
    });

    test("that is no probability yet gets a sigmoid, for two labels or one", async () => {
        const pair = await answer(one([["Identity"]]), two);
        expect(pair.found).toEqual(close([sigmoid(-(pair.own[0] ?? 0)), sigmoid(pair.own[0] ?? 0)]));
        const single = await answer(one([["Identity"]]));
        expect(single.found).toEqual(close([sigmoid(single.own[0] ?? 0)]));
        expect(single.found[0]).toBeLessThan(1);
    });

    test("of one label stays that of the label", async () => {
        const { found, own } = await answer(one([["Sigmoid"]]));
        expect(found).toEqual(close(own));
    });

    test("is refused with a softmax, which makes 1 of it", async () => {
        const files = { ...two, "model.yaml": "output: { activation: softmax }" };
        await expect(answer(one([["Identity"]]), files)).rejects.toThrow(
            /to be sigmoid or none for the one score/,
        );
    });
});

describe("what is no number", () => {
    const spoilt: [string, Behind][] = [
        ["NaN", [["Mul", ["zero"]], ["Log"], ["Mul", ["zero"]]]],
        ["infinity", [["Mul", ["zero"]], ["Log"], ["Neg"]]],
        ["infinity behind a softmax's sum", [["Mul", ["zero"]], ["Log"], ["Neg"], ...SOFTMAX]],
    ];
    const network = (behind: Behind): SmallNetwork => ({
        ...IMAGE,
        behind,
        constants: { zero: { dims: [], values: [0] } },
    });

    test.each(spoilt)(
        "from the network (%s) stops every start, whatever PROBE says",
        async (_name, behind) => {
            for (const policy of ["stop", "warn", "off"] as const) {
                await expect(openCatalog(await smallNetworkFolder(network(behind)), policy)).rejects.toThrow(
                    /Expected .* to answer a picture of the service's own\. Expected a number from the model for "label 0", found NaN/,
                );
            }
        },
    );

    test.each(["std: [1e-60, 1, 1]", "mean: [1e300, 0, 0]", "range: [0, 1e39]"])(
        "by a description (%s) does so, too",
        async (text) => {
            const folder = await smallNetworkFolder(IMAGE, { "model.yaml": `preprocessing: { ${text} }` });
            await expect(openCatalog(folder, "off")).rejects.toThrow(/Expected a number from the model/);
        },
    );

    test("for one picture is an error of the service's, and no answer", async () => {
        // Only black becomes the logarithm of nothing.
        const black: SmallNetwork = {
            ...IMAGE,
            labels: 3,
            first: { matrix: 192 },
            ahead: [["ReduceMax", [], [ints("axes", [1, 2, 3])]], ["Log"], ["Abs"], ["Expand", ["all"]]],
            constants: { all: { dims: [4], values: [1, 3, 8, 8], type: "int64" } },
        };
        const folder = await smallNetworkFolder(black);
        const { model } = (await openCatalog(folder, "off")).find([]);
        expect(await classify(model, await pngOf([9, 9, 9], 8, 8), OPTIONS)).toHaveLength(3);
        await expect(classify(model, await pngOf([0, 0, 0], 8, 8), OPTIONS)).rejects.toThrow(
            /Expected a number from the model for "label 0", found NaN/,
        );
        await expect(scoreRows(model, [Array(192).fill(0)])).rejects.toThrow(
            /Expected numbers from the model for the rows from 0 on, found NaN/,
        );
        // The probe looks at a black picture, too.
        await expect(openCatalog(folder, "warn")).rejects.toThrow(/to answer the pictures of the probe/);
    });
});

describe("an answer over HTTP", () => {
    let service: TestService;
    const after = jest.fn((predictions: Prediction[]) => predictions);
    beforeAll(async () => {
        // One colour, which the probe does not show, becomes the logarithm of nothing.
        const network: SmallNetwork = {
            ...IMAGE,
            first: { matrix: 192 },
            ahead: [
                ["Sub", ["colour"]],
                ["Abs"],
                ["ReduceMax", [], [ints("axes", [1, 2, 3])]],
                ["Log"],
                ["Expand", ["all"]],
            ],
            constants: {
                colour: { dims: [], values: [77 / 64] },
                all: { dims: [4], values: [1, 3, 8, 8], type: "int64" },
            },
        };
        service = await serveModels(await smallNetworkFolder(network), { scoringModule: { after } });
    });
    afterAll(() => service.close());

    const post = async (path: string, body: Uint8Array | string) => {
        const type = typeof body === "string" ? "application/json" : "application/octet-stream";
        const response = await fetch(service.url + path, {
            method: "POST",
            body,
            headers: { "Content-Type": type },
        });
        return [response.status, await response.text()];
    };
    const CLOUD = "/customvision/v3.0/prediction/p/classify/iterations/i/image";

    test("is an error with its status where the network gives no number, on every route, and only then", async () => {
        const [bad, good] = [await pngOf([77, 77, 77], 8, 8), await pngOf([7, 77, 177], 8, 8)];
        expect(await post("/image", good)).toEqual([200, expect.stringContaining('"probability":')]);
        expect(await post("/image", bad)).toEqual([500, expect.not.stringContaining("probability")]);
        expect(await post(CLOUD, bad)).toEqual([500, expect.stringContaining('"code":"ErrorPrediction"')]);
        expect(await post("/score", JSON.stringify({ data: [Array(192).fill(77)] }))).toEqual([
            500,
            expect.stringContaining("unexpected error"),
        ]);
        const images = [bad, good].map((image) => ({ image_in_base64: image.toString("base64") }));
        const [status, text] = await post("/score", JSON.stringify(images));
        expect([status, text]).toEqual([200, expect.not.stringMatching(/null|NaN/)]);
        expect(text).toContain("The model failed on this image.");
    });

    test("is one too where the scoring module makes none of them", async () => {
        after.mockImplementation((predictions) =>
            predictions.map(({ label }) => ({ label, probability: 0 / 0 })),
        );
        expect(await post("/image", await pngOf([7, 77, 177], 8, 8))).toEqual([
            500,
            expect.not.stringContaining("probability"),
        ]);
        expect(JSON.stringify(service.logs)).toContain("from the scoring module for");
    });
});

describe("a network that takes rows", () => {
    const folderWith = (steps: [opType: string, input: string[]][], dims: (number | string)[] = ["N", 4]) =>
        folderOf({
            "model.onnx": encodeModel({
                irVersion: 8,
                opsetImport: [{ domain: "", version: 13 }],
                graph: {
                    name: "rows",
                    input: [tensor("rows", "float", dims)],
                    output: [tensor(`v${steps.length}`, "float", ["N", 4])],
                    initializer: [
                        { name: "minus", dims: [1], dataType: 1, floatData: [-1] },
                        { name: "five", dims: [2, 5], dataType: 1, floatData: Array(10).fill(1) },
                    ],
                    node: steps.map(([opType, input], at) => ({
                        opType,
                        input: [at === 0 ? "rows" : `v${at}`, ...input],
                        output: [`v${at + 1}`],
                    })),
                },
            }),
        });

    test("is refused when it fails on any row, or answers none with numbers", async () => {
        await expect(openCatalog(await folderWith([["MatMul", ["five"]]]), "off")).rejects.toThrow(
            /Expected onnxruntime to open|to answer a row/,
        );
        await expect(
            openCatalog(
                await folderWith([
                    ["Abs", []],
                    ["Mul", ["minus"]],
                    ["Sqrt", []],
                    ["Log", []],
                ]),
                "off",
            ),
        ).rejects.toThrow(/Expected .* to answer a row of numbers, \[1, 4\], with numbers, got: NaN/);
    });

    test("is served where only some rows have no answer, which are errors", async () => {
        const { model } = (await openCatalog(await folderWith([["Log", []]]), "stop")).find([]);
        expect(await scoreRows(model, [[1, 1, 1, 1]])).toEqual([[0, 0, 0, 0]]);
        await expect(scoreRows(model, [[1, 1, -1, 1]])).rejects.toThrow(/found NaN/);
        await expect(scoreRows(model, [[1, 1, 0, 1]])).rejects.toThrow(/found -Infinity/);
    });

    test("is not tried where it does not say how long they are", async () => {
        const { models } = await openCatalog(
            await tableModelFolder(matrixModel("ArgMax", {}, ["M"])),
            "stop",
        );
        expect(models).toHaveLength(1);
    });
});
