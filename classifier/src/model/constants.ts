import type { GraphProto, NodeProto, TensorProto } from "../onnx";

/** The shapes of the values that a graph has from the start: weights, also where they are stored as smaller numbers. */
export interface Constants {
    dimsOf(name: string | undefined): number[] | undefined;
}

/** Operators that change the numbers of a tensor and not its shape. */
const RESHAPES_NOTHING = new Set([
    "Identity",
    "Cast",
    "CastLike",
    "QuantizeLinear",
    "DequantizeLinear",
    "Clip",
]);

export function constantsOf(graph: GraphProto): Constants {
    const tensors = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
    const producers = new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node])));
    const dimsOf = (name = ""): number[] | undefined => {
        const tensor = tensors.get(name);
        if (tensor) {
            return dimensions(tensor);
        }
        const node = producers.get(name);
        return node && dimsMadeBy(node, dimsOf);
    };
    return { dimsOf };
}

function dimsMadeBy(node: NodeProto, dimsOf: Constants["dimsOf"]): number[] | undefined {
    if (node.opType === "Constant") {
        return constantDims(node);
    }
    const dims =
        RESHAPES_NOTHING.has(node.opType) || node.opType === "Transpose" ? dimsOf(node.input[0]) : undefined;
    return dims && node.opType === "Transpose"
        ? permutation(node, dims.length).map((axis) => dims[axis] ?? 0)
        : dims;
}

function constantDims({ attribute }: NodeProto): number[] | undefined {
    const [value] = attribute;
    if (value?.name === "value" && value.t) {
        return dimensions(value.t);
    }
    const list = value && [...value.floats, ...value.ints].length;
    return list ? [list] : [];
}

function dimensions({ dims }: TensorProto): number[] {
    return dims.map(Number);
}

/** The axes of its input that a Transpose puts in the place of each; without any it turns their order round. */
export function permutation({ attribute }: NodeProto, rank: number): number[] {
    const perm = attribute.find(({ name }) => name === "perm")?.ints.map(Number);
    return perm?.length ? perm : Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
}
