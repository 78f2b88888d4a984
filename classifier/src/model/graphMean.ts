import type { GraphProto, TensorProto } from "../onnx";
import { dataType } from "../onnx";
import type { TensorFormat } from "../tensor";

/** How far from its input a network subtracts the mean: behind a transposition, a scale and the like. */
const STEPS = 4;

/**
 * What the network gives away about its pixels by the mean that it subtracts first. Networks that saw ImageNet subtract
 * its mean colour, of which red is the largest part and blue the smallest, about 124, 117 and 104 of 255: the order
 * of the three numbers is the order of the channels, and their size tells 0..255 from 0..1.
 */
export function formatFromMean(
    graph: GraphProto,
    input: string,
): Pick<TensorFormat, "channelOrder" | "range"> | undefined {
    const mean = subtractedMean(graph, input)?.map(Math.abs);
    const [first, , last] = mean ?? [];
    if (!mean || first === undefined || last === undefined) {
        return undefined;
    }
    const full = first > 1;
    const plausible = mean.every((value) => value > (full ? 90 : 0.35) && value < (full ? 140 : 0.55));
    return plausible && first !== last
        ? { channelOrder: first < last ? "bgr" : "rgb", range: full ? [0, 255] : [0, 1] }
        : undefined;
}

function subtractedMean(graph: GraphProto, input: string): number[] | undefined {
    const constants = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
    let value = input;
    for (let step = 0; step < STEPS; step++) {
        const node = graph.node.find((candidate) => candidate.input.includes(value));
        if (!node) {
            return undefined;
        }
        // scale, bias, mean and variance are what follows the data in a BatchNormalization
        const operands = node.opType === "BatchNormalization" ? node.input.slice(3, 4) : node.input;
        const mean = ["Add", "Sub", "BatchNormalization"].includes(node.opType)
            ? operands.map((name) => threeFloats(constants.get(name))).find(Boolean)
            : undefined;
        if (mean) {
            return mean;
        }
        value = node.output[0] ?? "";
    }
    return undefined;
}

function threeFloats(tensor: TensorProto | undefined): number[] | undefined {
    if (tensor?.dataType !== dataType.float) {
        return undefined;
    }
    const { floatData, rawData } = tensor;
    if (rawData.length !== 12) {
        return floatData.length === 3 ? [...floatData] : undefined;
    }
    const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
    return [0, 4, 8].map((offset) => view.getFloat32(offset, true));
}
