import { dataType, type GraphProto } from "../onnx";
import type { Activation } from "../predictions";
import { detectionRefusal, type ExportProperties } from "./exportFiles";
import { describeValue, type NetworkValue, networkOutputs } from "./networkValues";

const FLOATING: number[] = [dataType.float, dataType.float16, dataType.double];
const DETECTION = /^(detected_(boxes|classes|scores)|model_outputs?\d)$/;

/**
 * The output with one score per label: of several the one with as many as there are labels, and of scores and what is made
 * of them the probabilities. Throws a sentence if the network has none, or is no classifier.
 */
export function scoresOutput(
    graph: GraphProto,
    path: string,
    wanted?: string,
    labels?: readonly string[],
): NetworkValue {
    const outputs = networkOutputs(graph);
    if (outputs.some(({ name }) => DETECTION.test(name))) {
        throw new Error(detectionRefusal(path));
    }
    const scores = outputs
        .filter(({ elemType, dims }) => FLOATING.includes(elemType) && isList(dims))
        .filter(({ name }) => wanted === undefined || name === wanted);
    const fitting = scores.filter(({ dims }) => labels && Math.max(...dims.map(Number)) === labels.length);
    const candidates = scores.length > 1 && fitting.length > 0 ? fitting : scores;
    const probable = candidates.filter(({ name }) => endsInProbabilities(graph, name));
    const [output, ...others] = candidates.length > 1 && probable.length === 1 ? probable : candidates;
    if (!output || others.length > 0) {
        throw new Error(
            `Expected ${path} to have one output${wanted ? ` ${wanted}` : ""} with a score per label, [1, labels]; ` +
                `it has ${outputs.map(describeValue).join(" and ") || "none that is a tensor"}. ` +
                "Where there are several, name the right one in model.yaml, as output.name.",
        );
    }
    if (producerOf(graph, output.name)?.opType === "TopK") {
        throw new Error(
            `Expected ${path} to give a score per label in the order of the labels, found that ${output.name} has the ` +
                "highest ones only, in their own order (TopK). Export it without that last step.",
        );
    }
    return output;
}

/** Whether the values of one image can be one list: at most one dimension is known to be more than 1. */
function isList(dims: NetworkValue["dims"]): boolean {
    return dims.filter((side) => side !== undefined && side > 1).length <= 1;
}

const PASSING = new Set([
    "Identity",
    "Cast",
    "Flatten",
    "Reshape",
    "Squeeze",
    "Unsqueeze",
    "Clip",
    "Dropout",
    "QuantizeLinear",
    "DequantizeLinear",
]);
const PROBABILITIES = /Softmax$|Sigmoid$/;

/**
 * What turns the scores into probabilities: nothing if the network ends in a softmax or sigmoid of its own, and a sigmoid
 * where there is one score, as the softmax of one number is always 1.
 */
export function activationOf(
    graph: GraphProto,
    output: string,
    scores: number,
    properties?: ExportProperties,
): Activation {
    if (endsInProbabilities(graph, output)) {
        if (scores === 1 && producerOf(graph, output)?.opType === "Softmax") {
            throw new Error(
                `Expected a network of one score to end in a sigmoid, found a softmax behind ${output}, which makes 1 of ` +
                    "any single score. Train it with a sigmoid, or with two scores.",
            );
        }
        return "none";
    }
    const isMultilabel = properties?.["CustomVision.Postprocess.Method"] === "ClassificationMultiLabel";
    return isMultilabel || scores === 1 ? "sigmoid" : "softmax";
}

function endsInProbabilities(graph: GraphProto, output: string): boolean {
    const node = producerOf(graph, output);
    const inner = (index: number) => node && producerOf(graph, node.input[index] ?? "");
    switch (node?.opType) {
        case undefined:
        case "LogSoftmax":
            return false;
        case "Exp":
            return inner(0)?.opType === "LogSoftmax";
        case "Div":
            // A softmax written out: each exponential, divided by their sum.
            return inner(0)?.opType === "Exp" && /^(ReduceSum|Add)$/.test(inner(1)?.opType ?? "");
        case "Reciprocal":
            // A sigmoid written out: 1 / (1 + exp(-x)).
            return inner(0)?.opType === "Add" && followsExp(graph, inner(0)?.input ?? []);
        default:
            return PROBABILITIES.test(node?.opType ?? "");
    }
}

function followsExp(graph: GraphProto, inputs: readonly string[]): boolean {
    return inputs.some((name) => producerOf(graph, name)?.opType === "Exp");
}

/** The operator that made the numbers of a value, behind those that only arrange them. */
function producerOf(graph: GraphProto, value: string) {
    const producers = new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node])));
    let node = producers.get(value);
    while (node && PASSING.has(node.opType)) {
        node = producers.get(node.input[0] ?? "");
    }
    return node;
}
