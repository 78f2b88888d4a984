import { encodeModel } from "../classifier/src/onnx";
import type { FeaturesGraph } from "./featuresGraph";
import type { Head } from "./logisticRegression";
import { floatValue, type GraphBuilder, graphBuilder } from "./onnxGraph";

// These versions have the operators of our graphs, and every ONNX runtime of the last years takes them.
const OPSET = 13;
const IR_VERSION = 7;

/** The features alone as an ONNX file, for training to run. */
export function featuresModel(graph: FeaturesGraph): Uint8Array {
    return toModel(graph, [graph.builder], graph.output, graph.size);
}

/** Features, head and softmax as one ONNX file, from pixels to `probabilities` [N, classes]. */
export function classifierModel(graph: FeaturesGraph, head: Head): Uint8Array {
    const builder = graphBuilder("head");
    const classes = head.bias.length;
    const weights = builder.floats(
        [classes, graph.size],
        head.weights.flatMap((row) => Array.from(row)),
    );
    const bias = builder.floats([classes], head.bias);
    const scores = builder.node("Gemm", [graph.output, weights, bias], { transB: 1 });
    const output = builder.node("Softmax", [scores], { axis: 1 }, "probabilities");
    return toModel(graph, [graph.builder, builder], output, classes);
}

function toModel(
    { input, side }: FeaturesGraph,
    parts: GraphBuilder[],
    output: string,
    size: number,
): Uint8Array {
    return encodeModel({
        irVersion: IR_VERSION,
        producerName: "edge-classifier",
        opsetImport: [{ domain: "", version: OPSET }],
        // Custom Vision's way of saying which pixels a network wants.
        metadataProps: [
            { key: "Image.BitmapPixelFormat", value: "Rgb8" },
            { key: "Image.ColorSpaceGamma", value: "SRGB" },
            { key: "Image.NominalPixelRange", value: "NominalRange_0_255" },
        ],
        graph: {
            name: "classifier",
            node: parts.flatMap(({ nodes }) => nodes),
            initializer: parts.flatMap(({ constants }) => constants),
            input: [floatValue(input, ["N", 3, side, side])],
            output: [floatValue(output, ["N", size])],
        },
    });
}
