import {
    attributeType,
    type Draft,
    dataType,
    type NodeProto,
    type TensorProto,
    type ValueInfoProto,
} from "../classifier/src/onnx";

/** A part of an ONNX graph under construction; what adds something returns the name of its value. */
export interface GraphBuilder {
    readonly nodes: Draft<NodeProto>[];
    readonly constants: Draft<TensorProto>[];
    /** A node with one output. Its attributes are integers. */
    node(
        opType: string,
        inputs: string[],
        attributes?: Record<string, number | number[]>,
        output?: string,
    ): string;
    /** A float32 constant, in row-major order. */
    floats(dims: number[], values: ArrayLike<number>): string;
    /** An int64 constant, as shapes are given. */
    integers(values: number[]): string;
}

/** Starts a part whose values are named `<part>/…`, so that parts can be put together. */
export function graphBuilder(part: string): GraphBuilder {
    const nodes: Draft<NodeProto>[] = [];
    const constants: Draft<TensorProto>[] = [];
    const addConstant = (constant: Draft<TensorProto>) => {
        const name = `${part}/constant${constants.length}`;
        constants.push({ name, ...constant });
        return name;
    };
    return {
        nodes,
        constants,
        node(opType, input, attributes = {}, output = `${part}/${opType}${nodes.length}`) {
            const attribute = Object.entries(attributes).map(([name, value]) =>
                Array.isArray(value)
                    ? { name, type: attributeType.ints, ints: value }
                    : { name, type: attributeType.int, i: value },
            );
            nodes.push({ name: output, opType, input, output: [output], attribute });
            return output;
        },
        floats(dims, values) {
            const rawData = Buffer.alloc(values.length * 4);
            Array.from(values).forEach((value, index) => void rawData.writeFloatLE(value, index * 4));
            return addConstant({ dims, dataType: dataType.float, rawData });
        },
        integers: (values) =>
            addConstant({ dims: [values.length], dataType: dataType.int64, int64Data: values }),
    };
}

/** An input or output of a graph: float32, where a dimension that varies has a name instead of a size. */
export function floatValue(name: string, dims: (number | string)[]): Draft<ValueInfoProto> {
    const dim = dims.map((size) => (typeof size === "number" ? { dimValue: size } : { dimParam: size }));
    return { name, type: { tensorType: { elemType: dataType.float, shape: { dim } } } };
}
