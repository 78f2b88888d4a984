import { type Draft, encodeModel, type GraphProto } from "../classifier/src/onnx";
import { floatValue, type GraphBuilder, graphBuilder } from "../training/onnxGraph";
import { seededRandom } from "../training/random";

const CLASSES = 10;
const SIDE = 224;
/** Expansion, channels, repeats and stride of the blocks, from table 2 of the paper (arXiv:1801.04381). */
const BLOCKS: [number, number, number, number][] = [
    [1, 16, 1, 1],
    [6, 24, 2, 2],
    [6, 32, 3, 2],
    [6, 64, 4, 2],
    [6, 96, 3, 1],
    [6, 160, 3, 2],
    [6, 320, 1, 1],
];

/** What the pixels' 0..255 is divided by, in the first weights. */
const RANGE = 64;

/** A layer's weights, for so many inputs to each of its outputs. */
type Weights = (count: number, fanIn: number) => Float32Array;

/**
 * A network in the shape of MobileNetV2 1.0 for ten classes, as an ONNX file: 2.2 million seeded random weights, batch
 * normalisation folded away as exporters do. It takes raw pixels in BGR and ends in a softmax.
 */
export function mobileNetV2(seed = 1): Uint8Array {
    const graph = graphBuilder("net");
    const weights = heWeights(seed);
    const zero = graph.floats([], [0]);
    const six = graph.floats([], [6]);
    const relu6 = (value: string) => graph.node("Clip", [value, zero, six]);
    const convolve = (value: string, shape: Shape) => conv(graph, weights, value, shape);

    let channels = 32;
    let value = relu6(convolve("data", { from: 3, to: channels, kernel: 3, stride: 2, scale: 1 / RANGE }));
    for (const [expansion, to, repeats, firstStride] of BLOCKS) {
        for (let repeat = 0; repeat < repeats; repeat++) {
            const stride = repeat === 0 ? firstStride : 1;
            const wide = channels * expansion;
            const expanded =
                expansion === 1 ? value : relu6(convolve(value, { from: channels, to: wide, kernel: 1 }));
            const filtered = relu6(
                convolve(expanded, { from: wide, to: wide, kernel: 3, stride, groups: wide }),
            );
            const narrow = convolve(filtered, { from: wide, to, kernel: 1 });
            value = stride === 1 && channels === to ? graph.node("Add", [value, narrow]) : narrow;
            channels = to;
        }
    }
    value = relu6(convolve(value, { from: channels, to: 1280, kernel: 1 }));
    const pooled = graph.node("Flatten", [graph.node("GlobalAveragePool", [value])]);
    const logits = graph.node("Gemm", [
        pooled,
        graph.floats([1280, CLASSES], weights(1280 * CLASSES, 1280)),
        graph.floats([CLASSES], new Float32Array(CLASSES)),
    ]);
    graph.node("Softmax", [logits], { axis: 1 }, "scores");
    return encodeModel(modelOf(graph));
}

/** The labels that go with it, a line each. */
export function classLabels(): string {
    return `${Array.from({ length: CLASSES }, (_, index) => `class ${index}`).join("\n")}\n`;
}

interface Shape {
    from: number;
    to: number;
    kernel: 1 | 3;
    stride?: number;
    groups?: number;
    scale?: number;
}

function conv(graph: GraphBuilder, weights: Weights, value: string, shape: Shape): string {
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
function heWeights(seed: number): Weights {
    const random = seededRandom(seed);
    return (count, fanIn) =>
        Float32Array.from({ length: count }, () => random.normal() * Math.sqrt(2 / fanIn));
}

function modelOf({ nodes, constants }: GraphBuilder) {
    const graph: Draft<GraphProto> = {
        name: "mobilenetv2",
        node: nodes,
        initializer: constants,
        input: [floatValue("data", [1, 3, SIDE, SIDE])],
        output: [floatValue("scores", [1, CLASSES])],
    };
    return { irVersion: 8, producerName: "edge-classifier bench", opsetImport: [{ version: 13 }], graph };
}
