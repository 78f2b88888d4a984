import type { GraphProto, NodeProto } from "../onnx";
import { type Constants, constantsOf, permutation } from "./constants";

/** How the first layer of a network reads its input: what an image is to it, where the input itself leaves that open. */
export interface FirstLayer {
    /** It is a convolution over the height and width of an image. */
    convolves?: boolean;
    /** The axis of the input in which it finds the channels. */
    axis?: number;
    channels?: number;
    /** It finds the width before the height. */
    rotated?: boolean;
    /** The number of values of a whole image, where it takes them in a row. */
    values?: number;
}

/** A value on the way from the input: which axis of the input each of its axes was; none once they are mixed. */
interface Trace {
    value: string;
    axes?: (number | undefined)[];
}

/** How far to look: exporters put no more than a handful of operators before the first layer. */
const MOST_VALUES = 64;

/** Operators that leave the axes of their input where they are. */
const KEEPS_AXES = new Set([
    ...["Identity", "Cast", "Dropout", "Pad", "Resize", "Upsample", "LRN", "ImageScaler"],
    ...["Add", "Sub", "Mul", "Div", "Neg", "Pow", "Sqrt", "Abs", "Clip", "Min", "Max"],
    ...["Relu", "LeakyRelu", "PRelu", "MaxPool", "AveragePool"],
    ...["BatchNormalization", "InstanceNormalization", "MeanVarianceNormalization"],
    ...["QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear"],
]);

/** Operators that mix axes; what follows tells how many channels there are, but not where. */
const MIXES_AXES = new Set(["Reshape", "Flatten", "Unsqueeze", "Squeeze"]);

/** Where each convolution has its weights among its inputs. */
const CONVOLUTIONS: Record<string, number> = { Conv: 1, FusedConv: 1, ConvInteger: 1, QLinearConv: 3 };

/** Follows the input of a network, of `rank` dimensions, to the first layer that tells its channels. */
export function firstLayer(graph: GraphProto, input: string, rank: number): FirstLayer | undefined {
    const constants = constantsOf(graph);
    const pending: Trace[] = [{ value: input, axes: Array.from({ length: rank }, (_, axis) => axis) }];
    let hint: FirstLayer | undefined;
    for (let seen = 0; seen < pending.length && seen < MOST_VALUES; seen++) {
        const trace = pending[seen] as Trace;
        for (const node of graph.node.filter(({ input: names }) => names.includes(trace.value))) {
            const layer = convolution(node, trace, constants) ?? matrix(node, trace, constants);
            if (layer) {
                return layer;
            }
            hint ??= perChannel(node, trace, constants);
            pending.push(...node.output.slice(0, 1).flatMap((value) => throughNode(node, trace, value)));
        }
    }
    return hint;
}

function throughNode(node: NodeProto, { axes, value: from }: Trace, value: string): Trace[] {
    if (node.input[0] !== from && !["Add", "Mul", "Sub", "Div", "Min", "Max"].includes(node.opType)) {
        return [];
    }
    if (KEEPS_AXES.has(node.opType)) {
        return [{ value, axes }];
    }
    if (node.opType === "Transpose") {
        return [{ value, axes: axes && permutation(node, axes.length).map((axis) => axes[axis]) }];
    }
    return MIXES_AXES.has(node.opType) ? [{ value }] : [];
}

function convolution(node: NodeProto, { axes, value }: Trace, constants: Constants): FirstLayer | undefined {
    const weights = constants.dimsOf(node.input[CONVOLUTIONS[node.opType] ?? -1]);
    if (weights?.length !== 4 || node.input[0] !== value) {
        return undefined;
    }
    const group = Number(node.attribute.find(({ name }) => name === "group")?.i ?? 1) || 1;
    const [, axis, height, width] = axes ?? [];
    return {
        convolves: true,
        axis,
        channels: (weights[1] ?? 0) * group,
        rotated: height !== undefined && width !== undefined && height > width,
    };
}

/** A fully connected layer: over the channels of each pixel, or over all values of the image in a row. */
function matrix(node: NodeProto, { axes, value }: Trace, constants: Constants): FirstLayer | undefined {
    const weights = constants.dimsOf(node.input[1]);
    if (!["Gemm", "MatMul"].includes(node.opType) || weights?.length !== 2 || node.input[0] !== value) {
        return undefined;
    }
    const transposed = Number(node.attribute.find(({ name }) => name === "transB")?.i ?? 0) === 1;
    const values = weights[transposed ? 1 : 0];
    return axes ? { axis: axes.at(-1), channels: values } : { values };
}

/** A constant with one value per channel, such as the mean that is subtracted. */
function perChannel(node: NodeProto, { axes, value }: Trace, constants: Constants): FirstLayer | undefined {
    if (axes?.length !== 4) {
        return undefined;
    }
    if (node.opType === "BatchNormalization") {
        return { axis: axes[1], channels: constants.dimsOf(node.input[1])?.[0] };
    }
    const dims = node.input.filter((name) => name !== value).map((name) => constants.dimsOf(name));
    const [operand] = KEEPS_AXES.has(node.opType) ? dims.filter((found) => found && found.length <= 4) : [];
    const aligned = operand && [...Array(4 - operand.length).fill(1), ...operand];
    const [place, ...others] = aligned ? aligned.flatMap((side, at) => (side > 1 ? [at] : [])) : [];
    return place !== undefined && others.length === 0 && aligned?.[place] === 3
        ? { axis: axes[place], channels: 3 }
        : undefined;
}
