import { Reader, Root } from "protobufjs/light";
import { foreignFile } from "./foreignFile";

/**
 * The messages of onnx.proto as `field: type = number`, with names in camelCase. Fields that no classifier needs
 * (training, sparse tensors, quantisation notes) are left out; a round trip keeps them as unknown fields.
 */
const messages = {
    ModelProto: {
        irVersion: "int64 = 1",
        producerName: "string = 2",
        producerVersion: "string = 3",
        domain: "string = 4",
        modelVersion: "int64 = 5",
        docString: "string = 6",
        graph: "GraphProto = 7",
        opsetImport: "OperatorSetIdProto[] = 8",
        metadataProps: "StringStringEntryProto[] = 14",
        functions: "FunctionProto[] = 25",
    },
    GraphProto: {
        node: "NodeProto[] = 1",
        name: "string = 2",
        initializer: "TensorProto[] = 5",
        docString: "string = 10",
        input: "ValueInfoProto[] = 11",
        output: "ValueInfoProto[] = 12",
        valueInfo: "ValueInfoProto[] = 13",
        metadataProps: "StringStringEntryProto[] = 16",
    },
    NodeProto: {
        input: "string[] = 1",
        output: "string[] = 2",
        name: "string = 3",
        opType: "string = 4",
        attribute: "AttributeProto[] = 5",
        docString: "string = 6",
        domain: "string = 7",
    },
    AttributeProto: {
        name: "string = 1",
        f: "float = 2",
        i: "int64 = 3",
        s: "bytes = 4",
        t: "TensorProto = 5",
        g: "GraphProto = 6",
        floats: "float[] = 7",
        ints: "int64[] = 8",
        strings: "bytes[] = 9",
        tensors: "TensorProto[] = 10",
        graphs: "GraphProto[] = 11",
        docString: "string = 13",
        type: "int32 = 20",
        refAttrName: "string = 21",
    },
    TensorProto: {
        dims: "int64[] = 1",
        dataType: "int32 = 2",
        floatData: "float[] = 4 packed",
        int32Data: "int32[] = 5 packed",
        stringData: "bytes[] = 6",
        int64Data: "int64[] = 7 packed",
        name: "string = 8",
        rawData: "bytes = 9",
        doubleData: "double[] = 10 packed",
        uint64Data: "uint64[] = 11 packed",
        docString: "string = 12",
        externalData: "StringStringEntryProto[] = 13",
        dataLocation: "int32 = 14",
    },
    ValueInfoProto: { name: "string = 1", type: "TypeProto = 2", docString: "string = 3" },
    TypeProto: {
        tensorType: "TensorType = 1",
        sequenceType: "SequenceType = 4",
        mapType: "MapType = 5",
        denotation: "string = 6",
    },
    TensorType: { elemType: "int32 = 1", shape: "TensorShapeProto = 2" },
    SequenceType: { elemType: "TypeProto = 1" },
    MapType: { keyType: "int32 = 1", valueType: "TypeProto = 2" },
    TensorShapeProto: { dim: "Dimension[] = 1" },
    Dimension: { dimValue: "int64 = 1", dimParam: "string = 2", denotation: "string = 3" },
    OperatorSetIdProto: { domain: "string = 1", version: "int64 = 2" },
    StringStringEntryProto: { key: "string = 1", value: "string = 2" },
    FunctionProto: {
        name: "string = 1",
        input: "string[] = 4",
        output: "string[] = 5",
        attribute: "string[] = 6",
        node: "NodeProto[] = 7",
        docString: "string = 8",
        opsetImport: "OperatorSetIdProto[] = 9",
        domain: "string = 10",
        attributeProto: "AttributeProto[] = 11",
    },
} as const;

type Messages = typeof messages;
type Name = keyof Messages;

/** A 64-bit integer: `Number(value)` reads it, a plain number writes it, and decoding loses no bit. */
export type Int64 = number | { low: number; high: number; toString(): string };

interface Scalars {
    string: string;
    bytes: Uint8Array;
    int32: number;
    float: number;
    double: number;
    int64: Int64;
    uint64: Int64;
}

// The types are read from the table above, so that wire format and compiler cannot disagree.
type Element<T> = T extends keyof Scalars ? Scalars[T] : T extends Name ? Message<T> : never;
type Field<Text> = Text extends `${infer T}[] = ${string}`
    ? Element<T>[]
    : Text extends `${infer T} = ${string}`
      ? Element<T> | (T extends Name ? null : never)
      : never;
type Message<N extends Name> = { -readonly [K in keyof Messages[N]]: Field<Messages[N][K]> };

/** A decoded message: an absent scalar reads as its default, an absent message as null, an absent list as empty. */
export type ModelProto = Message<"ModelProto">;
export type GraphProto = Message<"GraphProto">;
export type NodeProto = Message<"NodeProto">;
export type TensorProto = Message<"TensorProto">;
export type AttributeProto = Message<"AttributeProto">;
export type ValueInfoProto = Message<"ValueInfoProto">;

/** A message to be written; fields that are left out stay absent. */
export type Draft<T> = T extends Uint8Array | Int64
    ? T
    : T extends (infer E)[]
      ? Draft<E>[]
      : T extends object
        ? { [K in keyof T]?: Draft<T[K]> }
        : T;

/** TensorProto.DataType and AttributeProto.AttributeType, the members in use. */
export const dataType = {
    float: 1,
    uint8: 2,
    int8: 3,
    uint16: 4,
    int16: 5,
    int32: 6,
    int64: 7,
    string: 8,
    bool: 9,
    float16: 10,
    double: 11,
    uint32: 12,
    uint64: 13,
    bfloat16: 16,
} as const;
export const attributeType = {
    float: 1,
    int: 2,
    string: 3,
    tensor: 4,
    floats: 6,
    ints: 7,
    strings: 8,
} as const;
/** TensorProto.DataLocation: in another file. */
export const EXTERNAL = 1;

// proto2 keeps a field that was set to its default apart from one that is absent.
const modelType = Root.fromJSON({
    nested: mapValues(messages, (fields) => ({ edition: "proto2", fields: mapValues(fields, toField) })),
}).lookupType("ModelProto");

function toField(text: string) {
    const [, type = "", list, id, packed] = /^(\w+)(\[\])? = (\d+)( packed)?$/.exec(text) ?? [];
    return { type, id: Number(id), rule: list && "repeated", options: packed ? { packed: true } : undefined };
}

function mapValues<T, U>(record: Record<string, T>, map: (value: T) => U): Record<string, U> {
    return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

/** The first byte of nearly every ONNX file: the field `irVersion`, a number. */
const IR_VERSION_TAG = 0x08;

/**
 * Reads an ONNX file. Its byte fields are views into `bytes`. Throws a sentence for what is no ONNX model; `path` is for
 * that sentence.
 */
export function decodeModel(bytes: Uint8Array, path?: string): ModelProto & { graph: GraphProto } {
    const found = `Expected an ONNX model${path ? ` in ${path}` : ""}, found ${bytes.length} bytes`;
    const remedy = "Give the model.onnx of an ONNX export.";
    const foreign = foreignFile(bytes);
    if (foreign) throw new Error(`${found} that are ${foreign.found}. ${foreign.remedy}`);
    const reader = Reader.create(bytes);
    reader.discardUnknown = false;
    let model: ModelProto;
    try {
        model = modelType.decode(reader) as unknown as ModelProto;
    } catch (cause) {
        // What protobufjs throws where a length leads beyond the end.
        const cut = cause instanceof RangeError && bytes[0] === IR_VERSION_TAG;
        if (cut)
            throw new Error(`${found} of one that goes on: it is cut short. Copy or download it again.`, {
                cause,
            });
        throw new Error(`${found} that are no protobuf message of that kind. ${remedy}`, { cause });
    }
    const { graph } = model;
    if (!graph?.node.length) throw new Error(`${found} without a graph. ${remedy}`);
    return Object.assign(model, { graph });
}

/** Writes a model, decoded or built; fields come in the order of their numbers, so equal models give equal bytes. */
export function encodeModel(model: Draft<ModelProto>): Uint8Array {
    return modelType.encode(model).finish();
}
