import type { GraphProto, ValueInfoProto } from "../onnx";

/** A dimension that the file leaves open is undefined. */
export interface NetworkValue {
    name: string;
    elemType: number;
    dims: (number | undefined)[];
}

/** The network's inputs; old files list their initializers among them. */
export function networkInputs(graph: GraphProto): NetworkValue[] {
    const initializers = new Set(graph.initializer.map(({ name }) => name));
    return graph.input.filter(({ name }) => !initializers.has(name)).map(networkValue);
}

export function networkOutputs(graph: GraphProto): NetworkValue[] {
    return graph.output.filter((output) => output.type?.tensorType).map(networkValue);
}

function networkValue({ name, type }: ValueInfoProto): NetworkValue {
    const tensor = type?.tensorType;
    const dims = tensor?.shape?.dim ?? [];
    return {
        name,
        elemType: tensor?.elemType ?? 0,
        // A symbolic dimension has a name and no value; some exporters write -1 or 0 instead.
        dims: dims.map(({ dimValue }) => (Number(dimValue) > 0 ? Number(dimValue) : undefined)),
    };
}
