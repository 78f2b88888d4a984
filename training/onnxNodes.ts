import {
    attributeType,
    type Draft,
    dataType,
    type NodeProto,
    type TensorProto,
    type ValueInfoProto,
} from "../classifier/src/onnx";

type Attribute = number | number[] | { float: number };

/** A node with one output, which also is its name. Attributes are integers unless wrapped as `{ float }`. */
export function node(
    opType: string,
    inputs: string[],
    output: string,
    attributes: Record<string, Attribute> = {},
): Draft<NodeProto> {
    return {
        opType,
        name: output,
        input: inputs,
        output: [output],
        attribute: Object.entries(attributes).map(([name, value]) => {
            if (typeof value === "number") return { name, type: attributeType.int, i: value };
            if (Array.isArray(value)) return { name, type: attributeType.ints, ints: value };
            return { name, type: attributeType.float, f: value.float };
        }),
    };
}

/** A constant of the graph: float32 values in row-major order. */
export function floats(name: string, dims: number[], values: ArrayLike<number>): Draft<TensorProto> {
    const rawData = Buffer.alloc(values.length * 4);
    for (let i = 0; i < values.length; i++) rawData.writeFloatLE(values[i] as number, i * 4);
    return { name, dims, dataType: dataType.float, rawData };
}

/** A constant of the graph: int64 values, as shapes and axes are given. */
export function integers(name: string, values: number[]): Draft<TensorProto> {
    return { name, dims: [values.length], dataType: dataType.int64, int64Data: values };
}

/** An input or output of the graph: float32; a dimension is a number or a name for one that varies. */
export function floatValue(name: string, dims: (number | string)[]): Draft<ValueInfoProto> {
    const dim = dims.map((size) => (typeof size === "number" ? { dimValue: size } : { dimParam: size }));
    return { name, type: { tensorType: { elemType: dataType.float, shape: { dim } } } };
}
