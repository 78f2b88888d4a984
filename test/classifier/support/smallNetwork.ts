import {
    type Draft,
    dataType,
    encodeModel,
    type ModelProto,
    type NodeProto,
} from "../../../classifier/src/onnx";
import { folderOf, int, ints, tensor } from "./colourModel";

type Dims = (number | string)[];
type Step = [opType: string, inputs?: string[], attribute?: NodeProto["attribute"], domain?: string];

/** A small network such as exporters write: what it takes, what is between that and its first layer, how it ends. */
export interface SmallNetwork {
    dims: Dims;
    input?: keyof typeof dataType;
    channels?: number;
    labels?: number;
    /** Steps ahead of the first layer. */
    ahead?: Step[];
    /** A convolution, or a matrix over all values of an image of this many. */
    first?: "Conv" | { matrix: number };
    /** Steps behind the scores. */
    behind?: Step[];
    output?: Dims;
    /** More outputs, of steps that are named so. */
    outputs?: ReturnType<typeof tensor>[];
    inputs?: ReturnType<typeof tensor>[];
    constants?: Record<string, { dims: number[]; values: number[]; type?: "float" | "int64" }>;
}

/** Weights that differ, so that no two inputs that differ get the same answer; the same in every run. */
export function weights(count: number, scale = 1): number[] {
    return Array.from({ length: count }, (_, at) => Math.sin(at * 1.7 + 0.3) * scale);
}

/** The steps are named `step1`, `step2`, …; the last gives `scores`. */
export function smallNetwork({
    dims,
    input = "float",
    channels = 3,
    labels = 3,
    ahead = [],
    first = "Conv",
    behind = [["Softmax", [], [int("axis", 1)]]],
    output = ["N", labels],
    outputs = [],
    inputs = [],
    constants = {},
}: SmallNetwork): Draft<ModelProto> {
    const kernels = 4;
    const body: Step[] =
        first === "Conv"
            ? [
                  ["Conv", ["W"], [ints("kernel_shape", [3, 3])]],
                  ["Relu"],
                  ["GlobalAveragePool"],
                  ["Flatten"],
                  ["MatMul", ["M"]],
              ]
            : [["Flatten"], ["MatMul", ["M"]]];
    const steps: Step[] = [
        ["Cast", [], [int("to", dataType.float)]],
        ["Mul", ["scale"]],
        ...ahead,
        ...body,
        ...behind,
    ];
    const node = steps.map(
        ([opType, more = [], attribute = [], domain = ""], at): Draft<NodeProto> => ({
            opType,
            domain,
            attribute,
            input: [at === 0 ? "image" : `step${at}`, ...more],
            output: [at === steps.length - 1 ? "scores" : `step${at + 1}`],
        }),
    );
    const rows = first === "Conv" ? kernels : first.matrix;
    const all: SmallNetwork["constants"] = {
        scale: { dims: [], values: [1 / 64] },
        ...(first === "Conv" && {
            W: { dims: [kernels, channels, 3, 3], values: weights(kernels * channels * 9) },
        }),
        M: { dims: [rows, labels], values: weights(rows * labels, first === "Conv" ? 1 : 0.05) },
        ...constants,
    };
    return {
        irVersion: 8,
        opsetImport: [
            { domain: "", version: 17 },
            { domain: "com.microsoft", version: 1 },
        ],
        graph: {
            name: "small",
            input: [tensor("image", input, dims), ...inputs],
            output: [tensor("scores", "float", output), ...outputs],
            initializer: Object.entries(all ?? {}).map(([name, { dims: sides, values, type = "float" }]) => ({
                name,
                dims: sides,
                dataType: dataType[type],
                ...(type === "float" ? { floatData: values } : { int64Data: values }),
            })),
            node,
        },
    };
}

/** A folder with the network and its labels, one to as many as it has scores. */
export function smallNetworkFolder(
    network: SmallNetwork,
    files: Record<string, string | Uint8Array> = {},
): Promise<string> {
    const labels = Array.from({ length: network.labels ?? 3 }, (_, at) => `label ${at}`).join("\n");
    return folderOf({ "model.onnx": encodeModel(smallNetwork(network)), "labels.txt": labels, ...files });
}
