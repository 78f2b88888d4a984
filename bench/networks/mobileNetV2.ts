import { graphBuilder } from "../../training/onnxGraph";
import { CLASSES, conv, heWeights, networkFile, RANGE, type Shape } from "./layers";

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
    return networkFile("mobilenetv2", graph);
}
