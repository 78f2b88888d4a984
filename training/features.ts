import type { Pixels } from "../classifier/src/image/pixels";
import { openSession } from "../classifier/src/session";
import { type TensorFormat, toTensor } from "../classifier/src/tensor";
import { featuresModel } from "./classifierGraph";
import type { FeaturesGraph } from "./featuresGraph";

/** How every features graph takes its pixels. */
export const pixelFormat: TensorFormat = {
    layout: "nchw",
    channelOrder: "rgb",
    range: [0, 255],
    type: "float32",
};

/** The features of an image of the graph's size. */
export type Features = (image: Pixels) => Promise<Float32Array>;

/** Runs a features graph in the runtime that will run the finished model. */
export async function openFeatures(graph: FeaturesGraph): Promise<Features> {
    const session = await openSession(featuresModel(graph), graph.input, graph.output);
    return (image) => session.run(toTensor(image, pixelFormat));
}
