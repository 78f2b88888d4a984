import {
    attributeType,
    dataType,
    type GraphProto,
    type ModelProto,
    type NodeProto,
    type TensorProto,
} from "../onnx";

/** The first operator set that is kept as it is; exports of 2018 used 1 and 6, which onnxruntime no longer runs. */
const FIRST_KEPT = 7;
/** The set that old exports are rewritten for: the first with `ceil_mode`, which takes the place of LegacyPadding. */
const UPGRADED = 10;

const BROADCASTING = new Set(["Add", "Sub", "Mul", "Div"]);
const FLAT = new Set(["Flatten", "Gemm", "FC", "MatMul"]);

/**
 * Rewrites an "ONNX 1.0" export (opset 1 to 6) in memory for an operator set that onnxruntime runs. Says whether it
 * had anything to do.
 */
export function upgradeOldOpset(model: ModelProto & { graph: GraphProto }): boolean {
    const opset = model.opsetImport.find(({ domain }) => domain === "");
    if (!opset || Number(opset.version) >= FIRST_KEPT) {
        return false;
    }
    const { graph } = model;
    dropLegacyPadding(graph);
    graph.node = graph.node.flatMap((node) =>
        node.opType === "ImageScaler" ? scaleAndShift(graph, node) : node,
    );
    const producers = new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node])));
    const initializers = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
    for (const node of graph.node) {
        if (node.opType === "FC") {
            toGemm(node);
        } else if (BROADCASTING.has(node.opType)) {
            alignOperand(node, producers, initializers);
        }
        dropAttributes(node, ["consumed_inputs", "is_test"]);
        if (node.opType === "BatchNormalization") {
            dropAttributes(node, ["spatial"]);
        }
    }
    // Old files list their initializers as inputs too, with shapes that need no longer be true.
    graph.input = graph.input.filter(({ name }) => !initializers.has(name));
    opset.version = UPGRADED;
    model.irVersion = 5;
    model.opsetImport = model.opsetImport.filter(({ domain }) => domain !== "com.microsoft");
    return true;
}

/** LegacyPadding pads a pooling at the end so far that no pixel is left out, which is rounding its size up. */
function dropLegacyPadding(graph: GraphProto): void {
    const padded = new Map(
        graph.node
            .filter(({ opType }) => opType === "LegacyPadding")
            .map(({ input, output }) => [output[0] ?? "", input[0] ?? ""]),
    );
    graph.node = graph.node.filter(({ opType }) => opType !== "LegacyPadding");
    for (const node of graph.node) {
        const original = padded.get(node.input[0] ?? "");
        if (original !== undefined) {
            node.input[0] = original;
            dropAttributes(node, ["auto_pad"]);
            node.attribute = [...node.attribute, intAttribute("ceil_mode", 1)];
        }
    }
}

/** The experimental ImageScaler is gone from opset 10: it is x * scale + bias, with one bias per channel. */
function scaleAndShift(graph: GraphProto, { input, output, attribute }: NodeProto): NodeProto[] {
    const [from = ""] = input;
    const [to = ""] = output;
    const scale = attribute.find(({ name }) => name === "scale")?.f ?? 1;
    const bias = attribute.find(({ name }) => name === "bias")?.floats ?? [];
    const constant = (name: string, dims: number[], floatData: number[]) => {
        graph.initializer = [
            ...graph.initializer,
            { name, dims, dataType: dataType.float, floatData } as unknown as TensorProto,
        ];
        return name;
    };
    const node = (opType: string, inputs: string[], result: string) =>
        ({ opType, domain: "", input: inputs, output: [result], attribute: [] }) as unknown as NodeProto;
    return [
        node("Mul", [from, constant(`${to}/scale`, [1], [scale])], `${to}/scaled`),
        node("Add", [`${to}/scaled`, constant(`${to}/bias`, [1, bias.length, 1, 1], bias)], to),
    ];
}

/** FC(x, W, b) is x W^T + b. */
function toGemm(node: NodeProto): void {
    node.opType = "Gemm";
    node.attribute = [intAttribute("transB", 1)];
}

/** `broadcast=1, axis=1` lined an operand of C values up with the channels; now its shape has to do so. */
function alignOperand(
    node: NodeProto,
    producers: ReadonlyMap<string, NodeProto>,
    initializers: ReadonlyMap<string, TensorProto>,
): void {
    const axis = node.attribute.find(({ name }) => name === "axis");
    const operand = initializers.get(node.input[1] ?? "");
    const flat = FLAT.has(producers.get(node.input[0] ?? "")?.opType ?? "");
    if (Number(axis?.i) === 1 && operand?.dims.length === 1 && !flat) {
        operand.dims = [...operand.dims, 1, 1];
    }
    dropAttributes(node, ["axis", "broadcast"]);
}

function dropAttributes(node: NodeProto, names: string[]): void {
    node.attribute = node.attribute.filter(({ name }) => !names.includes(name));
}

function intAttribute(name: string, i: number): NodeProto["attribute"][number] {
    return { name, i, type: attributeType.int } as NodeProto["attribute"][number];
}
