import { dataType, type GraphProto, type ValueInfoProto } from "../onnx";

/** What a network takes or gives. A dimension that the file leaves open is undefined. */
export interface NetworkValue {
    name: string;
    elemType: number;
    dims: (number | undefined)[];
    docString: string;
}

/** The network's inputs; old files list their initializers among them. */
export function networkInputs(graph: GraphProto): NetworkValue[] {
    const initializers = new Set(graph.initializer.map(({ name }) => name));
    return graph.input.filter(({ name }) => !initializers.has(name)).map(networkValue);
}

/** The outputs that are tensors. */
export function networkOutputs(graph: GraphProto): NetworkValue[] {
    return graph.output.filter(({ type }) => type?.tensorType).map(networkValue);
}

/** A value as messages show it: `data float32 [?, 3, 224, 224]`. */
export function describeValue({ name, elemType, dims }: NetworkValue): string {
    const type = Object.entries(dataType).find(([, value]) => value === elemType)?.[0] ?? `type ${elemType}`;
    return `${name} ${type} [${dims.map((dim) => dim ?? "?").join(", ")}]`;
}

function networkValue({ name, type, docString }: ValueInfoProto): NetworkValue {
    const tensor = type?.tensorType;
    return {
        name,
        elemType: tensor?.elemType ?? 0,
        // A symbolic dimension has a name and no value; some exporters write -1 or 0 instead.
        dims: (tensor?.shape?.dim ?? []).map(({ dimValue }) =>
            Number(dimValue) > 0 ? Number(dimValue) : undefined,
        ),
        docString,
    };
}
