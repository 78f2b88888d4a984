import {
    attributeType,
    type Draft,
    dataType,
    encodeModel,
    type ModelProto,
    type NodeProto,
} from "../../../classifier/src/onnx";
import { folderOf, int, ints, tensor } from "./colourModel";

/** The features of a row and its classes: row r belongs to the class whose weights fit it best. */
export interface TableVariant {
    features?: number;
    classes?: number;
    /** Texts as labels, as scikit-learn's converter writes them; integers without them. */
    labels?: string[];
    input?: "float" | "double" | "int32" | "int64";
    batch?: number | string;
}

/** One where feature and class agree in their remainder: a row with a single 1 belongs to the class of its place. */
export function weightsOf(features: number, classes: number): number[] {
    return Array.from({ length: classes }, (_, label) =>
        Array.from({ length: features }, (_, feature) => (feature % classes === label ? 1 : 0)),
    ).flat();
}

/** A row whose class is known: ones at the places of a class, and a little of everything elsewhere. */
export function rowOf(label: number, features: number, classes: number): number[] {
    return Array.from({ length: features }, (_, feature) => (feature % classes === label ? 0.9 : 0.1));
}

/**
 * What scikit-learn's converter makes of a logistic regression: a LinearClassifier that gives `output_label`, and the
 * scores through a Normalizer and a ZipMap as `output_probability`, which onnxruntime cannot return in Node.
 */
export function linearClassifier(variant: TableVariant = {}): Draft<ModelProto> {
    const { features = 4, classes = 3, labels, input = "float", batch = "N" } = variant;
    const floats = (name: string, values: number[]) => attribute(name, { type: 6, floats: values });
    const names = labels
        ? attribute("classlabels_strings", {
              type: attributeType.strings,
              strings: labels.map((label) => Buffer.from(label)),
          })
        : ints(
              "classlabels_ints",
              Array.from({ length: classes }, (_, label) => label),
          );
    const mapNames = labels
        ? names
        : ints(
              "classlabels_int64s",
              Array.from({ length: classes }, (_, label) => label),
          );
    const map = {
        keyType: labels ? dataType.string : dataType.int64,
        valueType: { tensorType: { elemType: dataType.float } },
    };
    return {
        irVersion: 8,
        opsetImport: [
            { domain: "", version: 15 },
            { domain: "ai.onnx.ml", version: 1 },
        ],
        graph: {
            name: "table",
            input: [tensor("X", input, [batch, features])],
            output: [
                tensor("output_label", labels ? "string" : "int64", [batch]),
                { name: "output_probability", type: { sequenceType: { elemType: { mapType: map } } } },
            ],
            node: [
                {
                    opType: "LinearClassifier",
                    domain: "ai.onnx.ml",
                    input: ["X"],
                    output: ["output_label", "scores"],
                    attribute: [
                        floats("coefficients", weightsOf(features, classes)),
                        floats("intercepts", Array(classes).fill(0)),
                        names,
                        int("multi_class", 1),
                        attribute("post_transform", {
                            type: attributeType.string,
                            s: Buffer.from("SOFTMAX"),
                        }),
                    ],
                },
                {
                    opType: "ZipMap",
                    domain: "ai.onnx.ml",
                    input: ["scores"],
                    output: ["output_probability"],
                    attribute: [mapNames],
                },
            ],
        },
    };
}

/** A network of plain operators: scores by a matrix, and the class of the highest if `end` is ArgMax. */
export function matrixModel(
    end: "ArgMax" | "scores" | "both",
    { features = 4, classes = 3, batch = "N" }: TableVariant = {},
    rowShape: (number | string)[] = [features],
): Draft<ModelProto> {
    const weights = weightsOf(features, classes);
    const transposed = Array.from(
        { length: features * classes },
        (_, at) => weights[(at % classes) * features + Math.floor(at / classes)] ?? 0,
    );
    const node: Draft<NodeProto>[] = [
        { opType: "Flatten", input: ["rows"], output: ["flat"], attribute: [int("axis", 1)] },
        { opType: "MatMul", input: ["flat", "W"], output: ["scores"] },
        {
            opType: "ArgMax",
            input: ["scores"],
            output: ["class"],
            attribute: [int("axis", 1), int("keepdims", 0)],
        },
    ];
    const outputs = {
        ArgMax: [tensor("class", "int64", [batch])],
        scores: [tensor("scores", "float", [batch, classes])],
        both: [tensor("scores", "float", [batch, classes]), tensor("flat", "float", [batch, features])],
    };
    return {
        irVersion: 8,
        opsetImport: [{ domain: "", version: 13 }],
        graph: {
            name: "matrix",
            input: [tensor("rows", "float", [batch, ...rowShape])],
            output: outputs[end],
            initializer: [
                { name: "W", dims: [features, classes], dataType: dataType.float, floatData: transposed },
            ],
            node,
        },
    };
}

/** A network that answers each row of two values with the row itself. */
export function echoModel(type: keyof typeof dataType): Draft<ModelProto> {
    return {
        irVersion: 8,
        opsetImport: [{ domain: "", version: 13 }],
        graph: {
            name: "echo",
            input: [tensor("x", type, ["N", 2])],
            output: [tensor("y", type, ["N", 2])],
            node: [{ opType: "Identity", input: ["x"], output: ["y"] }],
        },
    };
}

/** A folder with nothing but the network, as someone with a table would bring it, and more files if wanted. */
export function tableModelFolder(
    model: Draft<ModelProto>,
    files: Record<string, string> = {},
): Promise<string> {
    return folderOf({ "model.onnx": encodeModel(model), ...files });
}

function attribute(name: string, value: object): NodeProto["attribute"][number] {
    return { name, ...value } as NodeProto["attribute"][number];
}
