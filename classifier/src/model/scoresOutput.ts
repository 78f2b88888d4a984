import { dataType, type GraphProto } from "../onnx";
import type { Activation } from "../predictions";
import { detectionRefusal, type ExportProperties } from "./exportFiles";
import { describeValue, type NetworkValue, networkOutputs } from "./networkValues";

const FLOATING: number[] = [dataType.float, dataType.float16, dataType.double];
const DETECTION = /^(detected_(boxes|classes|scores)|model_outputs?\d)$/;

/** The output with one score per label. Throws a sentence if the network has none, or is no classifier. */
export function scoresOutput(graph: GraphProto, path: string, wanted?: string): NetworkValue {
    const outputs = networkOutputs(graph);
    if (outputs.some(({ name }) => DETECTION.test(name))) {
        throw new Error(detectionRefusal(path));
    }
    const scores = outputs
        .filter(
            ({ elemType, dims }) => FLOATING.includes(elemType) && dims.slice(2).every((dim) => dim === 1),
        )
        .filter(({ name }) => wanted === undefined || name === wanted);
    const [output] = scores;
    if (!output || scores.length > 1) {
        throw new Error(
            `Expected ${path} to have one output${wanted ? ` ${wanted}` : ""} with a score per label, [1, labels]; ` +
                `it has ${outputs.map(describeValue).join(" and ") || "none that is a tensor"}. ` +
                "Where there are several, name the right one in model.yaml, as output.name.",
        );
    }
    return output;
}

const PASSING = new Set([
    "Identity",
    "Cast",
    "Flatten",
    "Reshape",
    "Squeeze",
    "Unsqueeze",
    "DequantizeLinear",
]);
const PROBABILITIES = /Softmax$|Sigmoid$/;

/** What turns the scores into probabilities: nothing if the network ends in a softmax or sigmoid of its own. */
export function activationOf(graph: GraphProto, output: string, properties?: ExportProperties): Activation {
    const producers = new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node])));
    let node = producers.get(output);
    while (node && PASSING.has(node.opType)) {
        node = producers.get(node.input[0] ?? "");
    }
    if (node && PROBABILITIES.test(node.opType) && node.opType !== "LogSoftmax") {
        return "none";
    }
    return properties?.["CustomVision.Postprocess.Method"] === "ClassificationMultiLabel"
        ? "sigmoid"
        : "softmax";
}
