import { attributeType, dataType, type GraphProto, type NodeProto, type ValueInfoProto } from "../onnx";
import type { NetworkValue } from "./networkValues";

const CASTABLE: number[] = [dataType.float16, dataType.double];

/**
 * Lets a network of half or double precision take float32 pixels and give float32 scores, by casts inside it. Says
 * whether it had anything to do.
 */
export function castToFloat(graph: GraphProto, input: NetworkValue, output: NetworkValue): boolean {
    const [takes, gives] = [input, output].map(({ elemType }) => CASTABLE.includes(elemType));
    if (takes) {
        const inner = renameInside(graph, input.name);
        graph.node = [castNode(input.name, inner, input.elemType), ...graph.node];
        setFloat(graph.input, input);
    }
    if (gives) {
        const inner = renameInside(graph, output.name);
        graph.node = [...graph.node, castNode(inner, output.name, dataType.float)];
        setFloat(graph.output, output);
    }
    return takes || gives || false;
}

/** Gives a value another name wherever nodes use it, so that the graph's own name is free for the other side. */
function renameInside(graph: GraphProto, name: string): string {
    const inner = `${name}/uncast`;
    const rename = (used: string) => (used === name ? inner : used);
    for (const node of graph.node) {
        node.input = node.input.map(rename);
        node.output = node.output.map(rename);
    }
    return inner;
}

function castNode(input: string, output: string, to: number): NodeProto {
    const attribute = { name: "to", type: attributeType.int, i: to };
    return {
        opType: "Cast",
        domain: "",
        input: [input],
        output: [output],
        attribute: [attribute],
    } as NodeProto;
}

function setFloat(values: ValueInfoProto[], value: NetworkValue): void {
    const tensor = values.find(({ name }) => name === value.name)?.type?.tensorType;
    if (tensor) {
        tensor.elemType = dataType.float;
    }
    value.elemType = dataType.float;
}
