import "./withoutTelemetry";
import * as ort from "onnxruntime-node";
import type { Tensor } from "./tensor";

/** An opened network that takes one image. */
export interface Session {
    /** Runs the network. Blocks the thread it is called on: onnxruntime-node's own promise does not. */
    run(image: Tensor): Promise<Float32Array>;
}

/** An array of numbers or strings in row-major order, as any network takes or gives it. */
export interface NetworkArray {
    type: ort.Tensor.Type;
    data: ort.Tensor["data"];
    dims: readonly number[];
}

/** An opened network of one array in and one array out, whatever they hold. */
export interface ArraySession {
    run(input: NetworkArray): Promise<NetworkArray>;
}

/**
 * Opens an ONNX model on the CPU, with one thread: requests, not threads within one, are what runs side by side.
 * `output` must be a float32 tensor.
 */
export async function openSession(model: Uint8Array, input: string, output: string): Promise<Session> {
    const session = await openArraySession(model, input, output);
    return {
        async run(image) {
            const { data } = await session.run(image);
            if (!(data instanceof Float32Array)) {
                throw new Error(`Expected the network's output "${output}" to be a float32 tensor.`);
            }
            return data;
        },
    };
}

/** Opens a network of which only the names of its one input and of the wanted output are known. */
export async function openArraySession(
    model: Uint8Array,
    input: string,
    output: string,
): Promise<ArraySession> {
    const session = await ort.InferenceSession.create(model, {
        executionProviders: ["cpu"],
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
        logSeverityLevel: 3,
    });
    return {
        async run({ type, data, dims }) {
            const results = await session.run({ [input]: new ort.Tensor(type, data, dims) }, [output]);
            const result = results[output];
            if (!result) {
                throw new Error(`Expected the network to give its output "${output}", got none.`);
            }
            return result;
        },
    };
}
