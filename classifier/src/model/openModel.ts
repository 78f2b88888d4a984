import type { Size } from "../image/pixels";
import { dataType, decodeModel } from "../onnx";
import { openSession, type Session } from "../session";
import { CUSTOM_VISION_FORMAT, type TensorFormat } from "../tensor";
import { type ModelFiles, readModelFolder } from "./modelFolder";
import { type NetworkValue, networkInputs, networkOutputs } from "./network";

/** A model that is ready to classify, and what is known about it. */
export interface Model {
    name: string;
    version?: string;
    description?: string;
    labels: readonly string[];
    size: Size;
    format: TensorFormat;
    session: Session;
}

/** Opens the model in a folder. Its errors say which file is at fault and what to put there. */
export async function openModel(folder: string): Promise<Model> {
    const files = await readModelFolder(folder);
    const { graph } = decodeModel(files.network);
    const input = imageInput(networkInputs(graph), files);
    const output = scoresOutput(networkOutputs(graph), files);
    const labels = matchingLabels(files, output);
    return {
        name: files.yaml.name ?? "model",
        version: files.yaml.version,
        description: files.yaml.description,
        labels,
        size: input.size,
        format: { ...CUSTOM_VISION_FORMAT, layout: input.layout, ...formatOf(files) },
        session: await openSession(files.network, input.name, output.name),
    };
}

function imageInput(inputs: NetworkValue[], { path, yaml }: ModelFiles) {
    const [input] = inputs;
    const [, second, third, fourth] = input?.dims ?? [];
    if (!input || inputs.length > 1 || input.dims.length !== 4 || (second !== 3 && fourth !== 3)) {
        const found = inputs.map(({ name, dims }) => `${name} [${dims.map((dim) => dim ?? "?").join(", ")}]`);
        throw new Error(
            `Expected ${path} to take one RGB image, [1, 3, height, width] or [1, height, width, 3]; ` +
                `it takes ${found.join(", ") || "nothing"}.`,
        );
    }
    const layout: TensorFormat["layout"] = second === 3 ? "nchw" : "nhwc";
    const [height, width] = layout === "nchw" ? [third, fourth] : [second, third];
    const { preprocessing } = yaml;
    return {
        name: input.name,
        layout,
        size: {
            width: width ?? preprocessing?.width ?? 224,
            height: height ?? preprocessing?.height ?? 224,
        },
    };
}

function scoresOutput(outputs: NetworkValue[], { path }: ModelFiles): NetworkValue {
    const output = outputs.find(({ elemType }) => elemType === dataType.float);
    if (!output) {
        throw new Error(
            `Expected ${path} to give one score per label as a float tensor; it has no such output.`,
        );
    }
    return output;
}

function matchingLabels({ path, labels, yaml }: ModelFiles, output: NetworkValue): readonly string[] {
    const given = labels ?? yaml.labels;
    const scores = output.dims.at(-1);
    if (!given) {
        throw new Error(
            `Expected the labels of ${path} in labels.txt beside it, one per line; there is no such file.`,
        );
    }
    if (scores !== undefined && scores !== given.length) {
        throw new Error(
            `Expected ${scores} labels for the ${scores} scores of ${path}, found ${given.length} (${given.join(", ")}). ` +
                "Put the labels.txt of the same export beside it.",
        );
    }
    return given;
}

function formatOf({ yaml }: ModelFiles): Partial<TensorFormat> {
    const { width: _width, height: _height, ...format } = yaml.preprocessing ?? {};
    return format;
}
