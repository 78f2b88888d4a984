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

/** Opens a network of one image in, and of one float32 tensor out. */
export async function openSession(model: Uint8Array, input: string, output: string): Promise<Session> {
    return imageSession(await openArraySession(model, input, output), output);
}

/** A session whose output is float32: one score or more for one image. */
export function imageSession(session: ArraySession, output: string): Session {
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

/**
 * Opens an ONNX model on the CPU, with one thread: requests, not threads within one, are what runs side by side. Only the
 * names of its one input and of the wanted output need be known.
 */
export async function openArraySession(
    model: Uint8Array,
    input: string,
    output: string,
): Promise<ArraySession> {
    const session = await ort.InferenceSession.create(model, {
        executionProviders: ["cpu"],
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
        // What fails is thrown; onnxruntime would write it to standard error besides, in colours.
        logSeverityLevel: 4,
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
