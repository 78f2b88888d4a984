import { dataType, type GraphProto, type NodeProto, type ValueInfoProto } from "../onnx";

/**
 * Custom Vision's graphs end in a ZipMap, which pairs scores and labels in a list of maps: a type that
 * onnxruntime-node cannot return. Cuts it off, so that the scores themselves are the graph's only output, and returns
 * the labels it carried, which are in the order of the scores. Does nothing to a graph without one.
 */
export function cutZipMap(graph: GraphProto): string[] | undefined {
    const zipMap = graph.node.find(({ opType }) => opType === "ZipMap");
    const scores = zipMap?.input[0];
    if (!zipMap || scores === undefined) {
        return undefined;
    }
    const labels = labelsOf(zipMap);
    graph.output = [scoresValue(scores, labels.length)];
    graph.node = nodesBehind(graph.node, scores);
    return labels;
}

function scoresValue(name: string, count: number): ValueInfoProto {
    const shape = { dim: [{ dimParam: "N" }, { dimValue: count }] };
    return { name, type: { tensorType: { elemType: dataType.float, shape } } } as unknown as ValueInfoProto;
}

function labelsOf({ attribute }: NodeProto): string[] {
    const find = (wanted: string) => attribute.find(({ name }) => name === wanted);
    const strings = find("classlabels_strings")?.strings ?? [];
    const integers = find("classlabels_int64s")?.ints ?? [];
    return [...strings.map((bytes) => Buffer.from(bytes).toString("utf8")), ...integers.map(String)];
}

/** The nodes that an output depends on, in their order. */
function nodesBehind(nodes: NodeProto[], output: string): NodeProto[] {
    const producers = new Map(nodes.flatMap((node) => node.output.map((name) => [name, node])));
    const needed = new Set<NodeProto>();
    const pending = [output];
    while (pending.length > 0) {
        const producer = producers.get(pending.pop() ?? "");
        if (producer && !needed.has(producer)) {
            needed.add(producer);
            pending.push(...producer.input);
        }
    }
    return nodes.filter((node) => needed.has(node));
}
