import { type Draft, encodeModel, type GraphProto } from "../../classifier/src/onnx";
import { floatValue, type GraphBuilder } from "../../training/onnxGraph";
import { seededRandom } from "../../training/random";

export const CLASSES = 10;
const SIDE = 224;
/** What the pixels' 0..255 is divided by, in the first weights. */
export const RANGE = 64;

/** A layer's weights, for so many inputs to each of its outputs. */
export type Weights = (count: number, fanIn: number) => Float32Array;

/** The labels that go with the networks, a line each. */
export function classLabels(): string {
    return `${Array.from({ length: CLASSES }, (_, index) => `class ${index}`).join("\n")}\n`;
}

/** A convolution; its padding keeps the size, divided by the stride. */
export interface Shape {
    from: number;
    to: number;
    kernel: 1 | 3;
    stride?: number;
    groups?: number;
    scale?: number;
}

/** Adds a convolution with random weights and its bias. */
export function conv(graph: GraphBuilder, weights: Weights, value: string, shape: Shape): string {
    const { from, to, kernel, stride = 1, groups = 1, scale = 1 } = shape;
    const fanIn = (from / groups) * kernel * kernel;
    const kernels = graph.floats(
        [to, from / groups, kernel, kernel],
        weights(to * fanIn, fanIn).map((weight) => weight * scale),
    );
    const bias = graph.floats([to], new Float32Array(to));
    const pad = (kernel - 1) / 2;
    return graph.node("Conv", [value, kernels, bias], {
        kernel_shape: [kernel, kernel],
        strides: [stride, stride],
        pads: [pad, pad, pad, pad],
        group: groups,
    });
}

/** Random weights that keep the size of what passes through a layer (He, arXiv:1502.01852). */
export function heWeights(seed: number): Weights {
    const random = seededRandom(seed);
    return (count, fanIn) =>
        Float32Array.from({ length: count }, () => random.normal() * Math.sqrt(2 / fanIn));
}

/** A network of raw pixels to scores as an ONNX file; the graph's nodes begin with `data` and end with `scores`. */
export function networkFile(name: string, { nodes, constants }: GraphBuilder): Uint8Array {
    const graph: Draft<GraphProto> = {
        name,
        node: nodes,
        initializer: constants,
        input: [floatValue("data", [1, 3, SIDE, SIDE])],
        output: [floatValue("scores", [1, CLASSES])],
    };
    return encodeModel({
        irVersion: 8,
        producerName: "edge-classifier bench",
        opsetImport: [{ version: 13 }],
        graph,
    });
}
