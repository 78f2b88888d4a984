import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "../../../classifier/node_modules/sharp";
import {
    attributeType,
    type Draft,
    dataType,
    encodeModel,
    type ModelProto,
    type NodeProto,
} from "../../../classifier/src/onnx";

export const COLOURS = ["red", "green", "blue"];

/** How a network of the same arithmetic can come; by default as a plain float32 NCHW one with a softmax. */
export interface Variant {
    input?: keyof typeof dataType;
    output?: keyof typeof dataType;
    layout?: "nchw" | "nhwc";
    /** The sides of the input, in pixels; undefined leaves them open. */
    side?: number | undefined;
    batch?: number | string;
    head?: "Softmax" | "Sigmoid" | "none";
    /** Ends in a ZipMap with these labels, as Custom Vision's networks do. */
    zipMap?: string[];
    outputName?: string;
    metadata?: Record<string, string>;
    docString?: string;
    /** Subtracted first, from the channels as they come. */
    mean?: number[];
}

/**
 * A network whose answer can be computed by hand: the mean red, green and blue of the image, each divided by 51, so
 * that a pure colour scores 5 against 0 and 0, and then the softmax of that.
 */
export function colourModel(variant: Variant = {}): Draft<ModelProto> {
    const { input = "float", output = "float", layout = "nchw", batch = 1, head = "Softmax" } = variant;
    const side = "side" in variant ? variant.side : 8;
    const outputName = variant.outputName ?? "scores";
    const dims = layout === "nchw" ? [batch, 3, side, side] : [batch, side, side, 3];
    const steps: [opType: string, attribute?: NodeProto["attribute"]][] = [
        ["Cast", [int("to", dataType.float)]],
        ["Transpose", [ints("perm", layout === "nchw" ? [0, 1, 2, 3] : [0, 3, 1, 2])]],
        ["Sub"],
        ["GlobalAveragePool"],
        ["Flatten"],
        ["Mul"],
        head === "none" ? ["Identity"] : [head, head === "Softmax" ? [int("axis", 1)] : []],
        ["Cast", [int("to", dataType[output])]],
    ];
    const constants: Record<string, string[]> = { Sub: ["mean"], Mul: ["scale"] };
    const node: Draft<NodeProto>[] = steps.map(([opType, attribute = []], index) => ({
        opType,
        attribute,
        input: [index === 0 ? "image" : `step${index}`, ...(constants[opType] ?? [])],
        output: [index === steps.length - 1 ? outputName : `step${index + 1}`],
    }));
    const outputs = variant.zipMap
        ? zipMapOnto(node, outputName, variant.zipMap)
        : [tensor(outputName, output, [1, 3])];
    return {
        irVersion: 7,
        opsetImport: [
            { domain: "", version: 12 },
            { domain: "ai.onnx.ml", version: 1 },
        ],
        metadataProps: Object.entries(variant.metadata ?? {}).map(([key, value]) => ({ key, value })),
        graph: {
            name: "colours",
            input: [{ ...tensor("image", input, dims), docString: variant.docString ?? "" }],
            output: outputs,
            initializer: [
                {
                    name: "mean",
                    dims: [1, 3, 1, 1],
                    dataType: dataType.float,
                    floatData: variant.mean ?? [0, 0, 0],
                },
                { name: "scale", dims: [1], dataType: dataType.float, floatData: [1 / 51] },
            ],
            node,
        },
    };
}

/** The end of a Custom Vision export: `classLabel` and `loss`, a list of maps from label to score. */
function zipMapOnto(node: Draft<NodeProto>[], scores: string, labels: string[]) {
    const strings = labels.map((label) => Buffer.from(label));
    node.push(
        {
            opType: "ArgMax",
            input: [scores],
            output: ["best"],
            attribute: [int("axis", 1), int("keepdims", 0)],
        },
        { opType: "Identity", input: ["best"], output: ["classLabel"] },
        {
            opType: "ZipMap",
            domain: "ai.onnx.ml",
            input: [scores],
            output: ["loss"],
            attribute: [{ name: "classlabels_strings", type: attributeType.strings, strings }] as never,
        },
    );
    const map = { keyType: dataType.string, valueType: { tensorType: { elemType: dataType.float } } };
    return [
        tensor("classLabel", "int64", [1]),
        { name: "loss", type: { sequenceType: { elemType: { mapType: map } } } },
    ];
}

export function tensor(name: string, type: keyof typeof dataType, dims: (number | string | undefined)[]) {
    const dim = dims.map((value) =>
        typeof value === "number" ? { dimValue: value } : { dimParam: value ?? "any" },
    );
    return { name, type: { tensorType: { elemType: dataType[type], shape: { dim } } } };
}

export function int(name: string, i: number): NodeProto["attribute"][number] {
    return { name, type: attributeType.int, i } as NodeProto["attribute"][number];
}

export function ints(name: string, values: number[]): NodeProto["attribute"][number] {
    return { name, type: attributeType.ints, ints: values } as NodeProto["attribute"][number];
}

/** What the network answers to an image of one colour. */
export function softmaxOf(rgb: readonly number[]): number[] {
    const exponentials = rgb.map((value) => Math.exp(value / 51));
    const sum = exponentials.reduce((total, value) => total + value, 0);
    return exponentials.map((value) => value / sum);
}

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

/** Writes files into a new folder of the system's temporary one, which goes with the test file that uses it. */
export async function folderOf(files: Record<string, string | Uint8Array>): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "classifier-test-"));
    folders.push(folder);
    for (const [name, content] of Object.entries(files)) {
        await mkdir(join(folder, name, ".."), { recursive: true });
        await writeFile(join(folder, name), content);
    }
    return folder;
}

/** A folder with the colour model as a trained model would lie there, and more files if wanted. */
export function colourModelFolder(
    files: Record<string, string | Uint8Array> = {},
    variant: Variant = {},
): Promise<string> {
    return folderOf({
        "model.onnx": encodeModel(colourModel(variant)),
        "labels.txt": COLOURS.join("\n"),
        ...files,
    });
}

/** A PNG of one colour. */
export function pngOf([r = 0, g = 0, b = 0]: readonly number[], width = 12, height = 9): Promise<Buffer> {
    return sharp({ create: { width, height, channels: 3, background: { r, g, b } } })
        .png()
        .toBuffer();
}

/** A PNG of given pixels, red, green and blue after each other. */
export function pngOfPixels(pixels: Buffer, width: number, height: number): Promise<Buffer> {
    return sharp(pixels, { raw: { width, height, channels: 3 } })
        .png()
        .toBuffer();
}
