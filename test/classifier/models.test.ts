import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { classify } from "../../classifier/src/classify";
import { openModel } from "../../classifier/src/model/openModel";
import { attributeType, type Draft, dataType, encodeModel, type ModelProto } from "../../classifier/src/onnx";
import type { TensorFormat } from "../../classifier/src/tensor";
import { describeWith, sharedData } from "../support/sharedData";
import {
    COLOURS,
    colourModel,
    colourModelFolder,
    folderOf,
    int,
    ints,
    pngOf,
    softmaxOf,
    tensor,
    type Variant,
} from "./support/colourModel";

const OPTIONS = { preprocessing: "exact", maxPixels: 1_000_000 } as const;
const ORANGE = [255, 102, 0] as const;

async function probabilities(folder: string): Promise<number[]> {
    const predictions = await classify(await openModel(folder), await pngOf(ORANGE), OPTIONS);
    return predictions.map(({ probability }) => probability);
}

function expectClose(actual: number[], expected: number[], digits = 5): void {
    expect(actual).toHaveLength(expected.length);
    actual.forEach((value, index) => {
        expect(value).toBeCloseTo(expected[index] ?? Number.NaN, digits);
    });
}

const sigmoid = (value: number) => 1 / (1 + Math.exp(-value / 51));

describe("a network", () => {
    const variants: [string, Variant, number][] = [
        ["with pixels in planes (NCHW)", {}, 5],
        ["with pixels interleaved (NHWC)", { layout: "nhwc" }, 5],
        ["that takes bytes", { input: "uint8", layout: "nhwc" }, 5],
        ["of half precision", { input: "float16", output: "float16" }, 3],
        ["that takes half precision only", { input: "float16" }, 3],
        ["that gives double precision only", { output: "double" }, 5],
        ["of double precision", { input: "double", output: "double" }, 5],
        ["of any size", { side: undefined }, 5],
        ["of any number of images at a time", { batch: "N" }, 5],
        ["that ends before the softmax", { head: "none" }, 5],
        ["that ends in a ZipMap", { zipMap: COLOURS }, 5],
        ["called model_output, as General (compact) [S1] exports it", { outputName: "model_output" }, 5],
    ];
    test.each(variants)("%s gives the probabilities of its formula", async (_name, variant, digits) => {
        const yaml = variant.zipMap ? "preprocessing: { channelOrder: rgb }" : "";
        expectClose(
            await probabilities(await colourModelFolder({ "model.yaml": yaml }, variant)),
            softmaxOf(ORANGE),
            digits,
        );
    });

    test("that ends in a sigmoid gives probabilities that need not sum to 1", async () => {
        const folder = await colourModelFolder({}, { head: "Sigmoid" });
        expectClose(await probabilities(folder), ORANGE.map(sigmoid));
    });

    test("that ends before a sigmoid gets one if its export is multilabel or its description says so", async () => {
        const method = { "CustomVision.Postprocess.Method": "ClassificationMultiLabel" };
        const exported = await colourModelFolder(
            { "metadata_properties.json": JSON.stringify(method) },
            { head: "none" },
        );
        expectClose(await probabilities(exported), ORANGE.map(sigmoid));
        const described = await colourModelFolder(
            { "model.yaml": "output: { activation: sigmoid }" },
            { head: "none" },
        );
        expectClose(await probabilities(described), ORANGE.map(sigmoid));
    });

    test("gets the size, range, mean and order that its description asks for", async () => {
        const yaml =
            "preprocessing: { width: 5, height: 7, range: [0, 1], mean: [1, 0, 0], std: [0.5, 1, 1], channelOrder: bgr }";
        const folder = await colourModelFolder({ "model.yaml": yaml }, { side: undefined });
        expect((await openModel(folder)).size).toEqual({ width: 5, height: 7 });
        expectClose(await probabilities(folder), softmaxOf([0, 0.4, 0]));
    });

    test("of an old operator set is brought up to date: broadcasts, fully connected layer, padding of pools", async () => {
        expectClose(
            await probabilities(await folderOf(oldModel(1))),
            softmaxOf([...ORANGE].map((value) => value / 5)),
        );
        expectClose(
            await probabilities(await folderOf(oldModel(6))),
            softmaxOf([...ORANGE].map((value) => value / 5)),
        );
    });
});

describe("what the file says about its pixels", () => {
    const BGR = { "Image.BitmapPixelFormat": "Bgr8", "Image.NominalPixelRange": "Normalized_0_1" };
    const misleading = JSON.stringify({
        "Image.BitmapPixelFormat": "Rgb8",
        "Image.NominalPixelRange": "Normalized_0_1",
    });
    const metadata = (order: string, range: string) => ({
        metadata: { "Image.BitmapPixelFormat": order, "Image.NominalPixelRange": range },
    });
    const FROM_FILE = "metadata of the ONNX file";
    test.each<[string, Variant, TensorFormat["range"], string]>([
        ["NominalRange_0_255", metadata("Rgb8", "NominalRange_0_255"), [0, 255], FROM_FILE],
        ["Normalized_0_1", metadata("Rgb8", "Normalized_0_1"), [0, 1], FROM_FILE],
        ["Normalized_1_1", metadata("Rgb8", "Normalized_1_1"), [-1, 1], FROM_FILE],
        ["NominalRange_16_235", metadata("Rgb8", "NominalRange_16_235"), [16, 235], FROM_FILE],
        ["a range that nobody knows", metadata("Rgb8", "Other"), [0, 255], "default"],
        ["a mean of 0 to 1", { mean: [0.406, 0.456, 0.485] }, [0, 1], "mean that the network subtracts"],
        ["a mean of no colour", { mean: [10, 20, 30] }, [0, 255], "default"],
        ["a mean that does not differ", { mean: [117, 117, 117] }, [0, 255], "default"],
        ["a ZipMap", { zipMap: COLOURS }, [0, 255], "family of the export"],
    ])("decides the range: %s", async (_name, variant, range, source) => {
        const { format, sources } = await openModel(await colourModelFolder({}, variant));
        expect([format.range, sources.range]).toEqual([range, source]);
    });

    test.each<[string, Variant, string]>([
        ["Rgb8, against the family of the export", { ...metadata("Rgb8", ""), zipMap: COLOURS }, "rgb"],
        ["Bgr8", metadata("Bgr8", ""), "bgr"],
        ["an input of BGR", { docString: "bgr image" }, "bgr"],
        ["an input of RGB, against the family of the export", { docString: "RGB", zipMap: COLOURS }, "rgb"],
        ["an input whose word only contains it", { docString: "xrgbx", zipMap: COLOURS }, "bgr"],
    ])("decides the order of the channels: %s", async (_name, variant, order) => {
        const { format } = await openModel(await colourModelFolder({}, variant));
        expect(format.channelOrder).toBe(order);
    });

    const cases: [string, Variant, string, "rgb" | "bgr", [number, number], string][] = [
        [
            "metadata",
            { metadata: BGR, docString: "Image(s) in RGB format" },
            "",
            "bgr",
            [0, 1],
            "metadata of the ONNX file",
        ],
        [
            "description of the input",
            { docString: "Image(s) in BGR format." },
            "",
            "bgr",
            [0, 255],
            "description of the input in the ONNX file",
        ],
        [
            "mean of 0 to 255, blue first",
            { mean: [104, 117, 123] },
            "",
            "bgr",
            [0, 255],
            "mean that the network subtracts",
        ],
        [
            "mean of 0 to 1, red first",
            { mean: [0.485, 0.456, 0.406] },
            "",
            "rgb",
            [0, 1],
            "mean that the network subtracts",
        ],
        ["family with a ZipMap", { zipMap: COLOURS }, "", "bgr", [0, 255], "family of the export"],
        [
            "family with model_output",
            { outputName: "model_output" },
            "",
            "rgb",
            [0, 255],
            "family of the export",
        ],
        ["nothing", {}, "", "rgb", [0, 255], "default"],
        [
            "description of the model",
            { metadata: BGR },
            "preprocessing: { channelOrder: rgb }",
            "rgb",
            [0, 1],
            "model.yaml",
        ],
    ];
    test.each(cases)(
        "%s decides, and not metadata_properties.json",
        async (_name, variant, yaml, order, range, source) => {
            const files = { "model.yaml": yaml, "metadata_properties.json": misleading };
            const { format, sources } = await openModel(await colourModelFolder(files, variant));
            expect([format.channelOrder, format.range, sources.channelOrder]).toEqual([order, range, source]);
        },
    );
});

describe("the files of a model", () => {
    const manifest = (fields: object) => ({ "cvexport.manifest": `\uFEFF${JSON.stringify(fields)}` });
    const onnx = () => encodeModel(colourModel({ head: "none" }));

    test("are those that the manifest of an export names", async () => {
        const multilabel = '{"CustomVision.Postprocess.Method":"ClassificationMultiLabel"}';
        const folder = await folderOf({
            "named.onnx": onnx(),
            "model.onnx": "another",
            "tags.txt": "a\nb\nc",
            "labels.txt": "x",
            "props.json": multilabel,
            "metadata_properties.json": "{}",
            ...manifest({
                Platform: "ONNX",
                ModelFileName: "named.onnx",
                LabelFileName: "tags.txt",
                MetadataPropsFileName: "props.json",
            }),
        });
        expect(await openModel(folder)).toMatchObject({ labels: ["a", "b", "c"], activation: "sigmoid" });
    });

    test.each<[string, Record<string, string | Uint8Array>]>([
        [
            "a manifest that names none",
            { "model.onnx": onnx(), ...manifest({ ModelFileName: null, LabelFileName: "" }) },
        ],
        [
            "a manifest that names one that is not there",
            { "model.onnx": onnx(), ...manifest({ ModelFileName: "x.onnx" }) },
        ],
        ["model.onnx beside another network", { "model.onnx": onnx(), "other.onnx": "another" }],
        ["the only network, whatever its name", { "Fruit v2.ONNX": onnx() }],
        ["a network in the folder, not one below it", { "only.onnx": onnx(), "below/model.onnx": "another" }],
    ])("are found with %s", async (_name, files) => {
        const folder = await folderOf({ "labels.txt": "a\nb\nc", ...files });
        expect(await openModel(folder)).toMatchObject({ labels: ["a", "b", "c"], activation: "softmax" });
    });
});

describe("the activation", () => {
    test.each<[string, Variant, string]>([
        ["of a network that ends in a softmax is none", { head: "Softmax" }, "none"],
        ["of a network that ends in a sigmoid is none", { head: "Sigmoid" }, "none"],
        ["of a network that ends before it is a softmax", { head: "none" }, "softmax"],
    ])("%s", async (_name, variant, activation) => {
        const multi = '{"CustomVision.Postprocess.Method":"ClassificationMultiClass"}';
        const files = { "metadata_properties.json": multi };
        expect((await openModel(await colourModelFolder(files, variant))).activation).toBe(activation);
    });

    test.each([
        ["detected_boxes"],
        ["detected_classes"],
        ["detected_scores"],
        ["model_outputs0"],
        ["model_output1"],
    ])("is not asked for where the output %s is a detector's", async (outputName) => {
        await expect(openModel(await colourModelFolder({}, { outputName }))).rejects.toThrow(
            /found an object detection model/,
        );
    });
});

describe("labels", () => {
    const labelsOf = async (files: Record<string, string>, variant: Variant = {}) =>
        (await openModel(await colourModelFolder(files, variant))).labels;

    test("keep their HTML escapes, and lose white space around them", async () => {
        expect(
            await labelsOf({ "labels.txt": "\uFEFFHigh(&gt;10)\r\n  two words \r\ngrün\r\n\r\n" }),
        ).toEqual(["High(&gt;10)", "two words", "grün"]);
    });

    test("come from the description or the network where there is no labels.txt", async () => {
        const onnx = readFileSync(join(await colourModelFolder({}, { zipMap: COLOURS }), "model.onnx"));
        expect((await openModel(await folderOf({ "model.onnx": onnx }))).labels).toEqual(COLOURS);
        const described = await folderOf({ "model.onnx": onnx, "model.yaml": "labels: [a, b, c]" });
        expect((await openModel(described)).labels).toEqual(["a", "b", "c"]);
        const listed = await labelsOf({ "labels.txt": "d\ne\nf", "model.yaml": "labels: [a, b, c]" });
        expect(listed).toEqual(["d", "e", "f"]);
    });
});

describeWith("custom-vision")("every export at hand", () => {
    test.each([
        ["catdog-onnx12-2class", ["cat", "dog"]],
        ["catdog-onnx10-multilabel", ["cat", "dog"]],
        [
            "shelf-onnx12-multilabel",
            ["AllSet", "AnSungEmpty", "ChamGgeEmpty", "MiYuckGukEmpty", "ShinRaMyunEmpty"],
        ],
        ["derived-general-compact-224-onnx", ["bolsa_plastica", "medidor", "sin_medidor"]],
    ])("%s is opened as it is, answers, and is left alone", async (name, labels) => {
        const folder = sharedData("custom-vision", name);
        const hash = () =>
            createHash("sha256")
                .update(readFileSync(join(folder, "model.onnx")))
                .digest("hex");
        const before = hash();
        const model = await openModel(folder);
        const kitten = readFileSync(
            sharedData("custom-vision", "catdog-onnx12-2class", "images", "kitten_224.png"),
        );
        const predictions = await classify(model, kitten, OPTIONS);
        expect(predictions.map(({ label }) => label)).toEqual(labels);
        for (const { probability } of predictions) {
            expect(probability).toBeGreaterThanOrEqual(0);
            expect(probability).toBeLessThanOrEqual(1);
        }
        expect(model.format).toMatchObject({ channelOrder: "bgr", range: [0, 255], layout: "nchw" });
        expect(hash()).toBe(before);
    });
});

/**
 * The same arithmetic as an "ONNX 1.0" export writes it, on 8 x 8 pixels: a scale and a broadcast product make a fifth
 * of it, a batch normalisation does nothing, and a pool of 3 with a step of 2 needs the padding at the end.
 */
function oldModel(opset: 1 | 6): Record<string, string | Uint8Array> {
    const float = (name: string, dims: number[], floatData: number[]) => ({
        name,
        dims,
        dataType: dataType.float,
        floatData,
    });
    const attribute = (name: string, value: object) => ({ name, ...value }) as never;
    const legacy =
        opset === 1
            ? [attribute("consumed_inputs", { ints: [0, 0, 0, 1, 1], type: attributeType.ints })]
            : [];
    const window = [ints("kernel_shape", [3, 3]), ints("strides", [2, 2])];
    const model: Draft<ModelProto> = {
        irVersion: 3,
        opsetImport: [
            { domain: "", version: opset },
            { domain: "com.microsoft", version: 1 },
        ],
        graph: {
            name: "old",
            input: [tensor("data", "float", ["None", 3, 8, 8]), tensor("half", "float", [3])],
            output: [tensor("model_output", "float", ["None", 3])],
            initializer: [
                float("half", [3], [0.5, 0.5, 0.5]),
                float("one", [3], [1, 1, 1]),
                float("nil", [3], [0, 0, 0]),
                float("W", [3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1]),
                float("unscale", [3], [1 / 51, 1 / 51, 1 / 51]),
            ],
            node: [
                {
                    opType: "ImageScaler",
                    input: ["data"],
                    output: ["scaled"],
                    attribute: [
                        attribute("scale", { f: 0.4, type: attributeType.float }),
                        attribute("bias", { floats: [0, 0, 0], type: 6 }),
                    ],
                },
                {
                    opType: "Mul",
                    input: ["scaled", "half"],
                    output: ["fifth"],
                    attribute: [int("broadcast", 1), int("axis", 1)],
                },
                {
                    opType: "BatchNormalization",
                    input: ["fifth", "one", "nil", "nil", "one"],
                    output: ["normal"],
                    attribute: [
                        int("is_test", 1),
                        int("spatial", 1),
                        attribute("epsilon", { f: 0, type: 1 }),
                        ...legacy,
                    ],
                },
                // Listed after its consumer, as real exports do.
                {
                    opType: "MaxPool",
                    input: ["padded"],
                    output: ["pooled"],
                    attribute: [...window, attribute("auto_pad", { s: Buffer.from("VALID"), type: 3 })],
                },
                {
                    opType: "LegacyPadding",
                    domain: "com.microsoft",
                    input: ["normal"],
                    output: ["padded"],
                    attribute: window,
                },
                { opType: "GlobalAveragePool", input: ["pooled"], output: ["mean"] },
                { opType: "Flatten", input: ["mean"], output: ["flat"], attribute: [int("axis", 1)] },
                {
                    opType: "Mul",
                    input: ["flat", "unscale"],
                    output: ["small"],
                    attribute: [int("broadcast", 1), int("axis", 1)],
                },
                {
                    opType: "FC",
                    input: ["small", "W", "nil"],
                    output: ["fc"],
                    attribute: [int("axis", 1), int("axis_w", 1)],
                },
                { opType: "Softmax", input: ["fc"], output: ["model_output"] },
            ],
        },
    };
    return { "model.onnx": encodeModel(model), "labels.txt": COLOURS.join("\n") };
}
