import { graphBuilder } from "../../training/onnxGraph";
import { CLASSES, conv, heWeights, networkFile, RANGE, type Shape } from "./layers";

/** Channels of the squeezing and of each of the two widening convolutions; a pooling comes before those marked so. */
const FIRES: { squeeze: number; expand: number; pooled?: true }[] = [
    { squeeze: 16, expand: 64, pooled: true },
    { squeeze: 16, expand: 64 },
    { squeeze: 32, expand: 128, pooled: true },
    { squeeze: 32, expand: 128 },
    { squeeze: 48, expand: 192, pooled: true },
    { squeeze: 48, expand: 192 },
    { squeeze: 64, expand: 256 },
    { squeeze: 64, expand: 256 },
];

/**
 * A network in the shape of SqueezeNet 1.1 (arXiv:1602.07360) for ten classes, as an ONNX file: 0.7 million seeded random
 * weights. It takes raw pixels in BGR and ends in a softmax.
 */
export function squeezeNet(seed = 1): Uint8Array {
    const graph = graphBuilder("net");
    const weights = heWeights(seed);
    const convolve = (value: string, shape: Shape) =>
        graph.node("Relu", [conv(graph, weights, value, shape)]);
    const pool = (value: string) =>
        graph.node("MaxPool", [value], { kernel_shape: [3, 3], strides: [2, 2], pads: [0, 0, 1, 1] });

    let channels = 64;
    let value = convolve("data", { from: 3, to: channels, kernel: 3, stride: 2, scale: 1 / RANGE });
    for (const { squeeze, expand, pooled } of FIRES) {
        const narrow = convolve(pooled ? pool(value) : value, { from: channels, to: squeeze, kernel: 1 });
        const sides = ([1, 3] as const).map((kernel) =>
            convolve(narrow, { from: squeeze, to: expand, kernel }),
        );
        value = graph.node("Concat", sides, { axis: 1 });
        channels = expand * 2;
    }
    const classes = convolve(value, { from: channels, to: CLASSES, kernel: 1 });
    const logits = graph.node("Flatten", [graph.node("GlobalAveragePool", [classes])]);
    graph.node("Softmax", [logits], { axis: 1 }, "scores");
    return networkFile("squeezenet", graph);
}
