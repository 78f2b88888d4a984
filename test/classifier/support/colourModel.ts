import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "../../../classifier/node_modules/sharp";
import {
    attributeType,
    type Draft,
    dataType,
    encodeModel,
    type ModelProto,
} from "../../../classifier/src/onnx";

export const COLOURS = ["red", "green", "blue"];

/**
 * A network whose answer can be computed by hand: the softmax of the mean red, green and blue of the image, each
 * divided by 51, so that a pure colour scores 5 against 0 and 0.
 */
export function colourModel(): Draft<ModelProto> {
    const value = (name: string, dims: number[]) => ({
        name,
        type: {
            tensorType: { elemType: dataType.float, shape: { dim: dims.map((dimValue) => ({ dimValue })) } },
        },
    });
    return {
        irVersion: 7,
        opsetImport: [{ domain: "", version: 12 }],
        graph: {
            name: "colours",
            input: [value("image", [1, 3, 8, 8])],
            output: [value("scores", [1, 3])],
            initializer: [{ name: "scale", dims: [1], dataType: dataType.float, floatData: [1 / 51] }],
            node: [
                { opType: "GlobalAveragePool", input: ["image"], output: ["mean"] },
                { opType: "Flatten", input: ["mean"], output: ["flat"] },
                { opType: "Mul", input: ["flat", "scale"], output: ["logits"] },
                {
                    opType: "Softmax",
                    input: ["logits"],
                    output: ["scores"],
                    attribute: [{ name: "axis", type: attributeType.int, i: 1 }],
                },
            ],
        },
    };
}

/** What the network answers to an image of one colour. */
export function softmaxOf(rgb: [number, number, number]): number[] {
    const exponentials = rgb.map((value) => Math.exp(value / 51));
    const sum = exponentials.reduce((total, value) => total + value, 0);
    return exponentials.map((value) => value / sum);
}

/** A folder with the colour model as a trained model would lie there. */
export async function colourModelFolder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "colour-model-"));
    await writeFile(join(folder, "model.onnx"), encodeModel(colourModel()));
    await writeFile(join(folder, "labels.txt"), COLOURS.join("\n"));
    await writeFile(
        join(folder, "model.yaml"),
        "name: colours\nversion: 1.0.0\npreprocessing:\n  channelOrder: rgb\n  range: [0, 255]\n",
    );
    return folder;
}

/** A PNG of one colour. */
export async function pngOf([r, g, b]: [number, number, number], width = 12, height = 9): Promise<Buffer> {
    return sharp({ create: { width, height, channels: 3, background: { r, g, b } } })
        .png()
        .toBuffer();
}
