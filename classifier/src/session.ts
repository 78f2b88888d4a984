import * as ort from "onnxruntime-node";
import type { Tensor } from "./tensor";

/** An opened network that takes one image. */
export interface Session {
    /** Runs the network. Blocks the thread it is called on: onnxruntime-node's own promise does not. */
    run(image: Tensor): Promise<Float32Array>;
}

/**
 * Opens an ONNX model on the CPU, with one thread: requests, not threads within one, are what runs side by side.
 * `output` must be a float32 tensor.
 */
export async function openSession(model: Uint8Array, input: string, output: string): Promise<Session> {
    const session = await ort.InferenceSession.create(model, {
        executionProviders: ["cpu"],
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
        logSeverityLevel: 3,
    });
    return {
        async run(image) {
            const results = await session.run(
                { [input]: new ort.Tensor(image.type, image.data, image.dims) },
                [output],
            );
            const scores = results[output]?.data;
            if (!(scores instanceof Float32Array)) {
                throw new Error(`Expected the network's output "${output}" to be a float32 tensor.`);
            }
            return scores;
        },
    };
}
