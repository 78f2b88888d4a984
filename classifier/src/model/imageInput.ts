import type { Size } from "../image/pixels";
import { dataType, type GraphProto } from "../onnx";
import type { TensorFormat } from "../tensor";
import { type FirstLayer, firstLayer } from "./firstConvolution";
import type { PreprocessingYaml } from "./modelYaml";
import { describeValue, type NetworkValue } from "./networkValues";

const TAKEN: number[] = [dataType.float, dataType.float16, dataType.double, dataType.uint8];

/** The side of most networks, for those that take any size and whose `model.yaml` says none. */
const USUAL_SIDE = 224;
/** The sides of others, for those that say nothing and take one only. */
const OTHER_SIDES = [
    ...[28, 32, 48, 64, 75, 96, 100, 112, 128, 150, 160, 180, 192, 200, 227, 240, 256, 260, 288, 299, 300],
    ...[320, 331, 336, 380, 384, 416, 448, 456, 480, 512, 518, 528, 600, 640],
];

/** One way to read a network's input as an image. */
export interface ImageReading {
    layout: TensorFormat["layout"];
    channels: 1 | 3;
    /** The sizes that it may be made for, the likeliest first. */
    sizes: Size[];
}

export interface ImageInput {
    value: NetworkValue;
    /** The ways that nothing in the file speaks against; mostly there is one. */
    readings: ImageReading[];
}

/**
 * Whether a network is made for images, whatever may be wrong with it: it takes four dimensions, whatever it calls them,
 * or does not say and begins with a convolution. One pixel high and wide they are features of something else.
 */
export function takesImages(graph: GraphProto, inputs: readonly NetworkValue[]): boolean {
    return inputs.some(({ name, dims }) =>
        dims.length === 4
            ? dims.slice(1).filter((side) => side === 1).length < 2
            : dims.length === 0 && firstLayer(graph, name, 4)?.convolves,
    );
}

/** The network's one input, and how an image can be put into it. Throws a sentence if it is something else. */
export function imageInput(
    graph: GraphProto,
    inputs: NetworkValue[],
    path: string,
    yaml: PreprocessingYaml = {},
): ImageInput {
    const [found] = inputs;
    const refuse = (reason: string) => {
        throw new Error(
            `Expected ${path} to take one RGB image at a time, float or uint8, as [1, 3, height, width] or ` +
                `[1, height, width, 3], or a grey one with 1 in place of 3; it takes ` +
                `${inputs.map(describeValue).join(" and ") || "nothing"}${reason}.`,
        );
    };
    if (!found || inputs.length !== 1 || !TAKEN.includes(found.elemType)) {
        return refuse("");
    }
    const value = found.dims.length === 0 ? { ...found, dims: Array(4).fill(undefined) } : found;
    if ((value.dims[0] ?? 1) !== 1) {
        return refuse(". Export it again with a batch of 1, or an open one");
    }
    const layer = firstLayer(graph, value.name, 4) ?? {};
    if (layer.rotated) {
        return refuse(", the width before the height. Export it again with the height first");
    }
    const readings = readingsOf(value, layer, path, yaml);
    if (readings.length === 0) {
        return refuse(layer.channels ? `, of which its first layer reads ${layer.channels} channels` : "");
    }
    return { value, readings };
}

function readingsOf(
    { dims }: NetworkValue,
    layer: FirstLayer,
    path: string,
    yaml: PreprocessingYaml,
): ImageReading[] {
    const all = (["nchw", "nhwc"] as const).flatMap((layout) =>
        ([3, 1] as const).map((channels) => ({ layout, channels })),
    );
    const axisOf = (layout: TensorFormat["layout"]) => (layout === "nchw" ? 1 : 3);
    const fitting = all.filter(({ layout, channels }) => (dims[axisOf(layout)] ?? channels) === channels);
    const read = fitting.filter(
        ({ layout, channels }) =>
            (layer.axis ?? axisOf(layout)) === axisOf(layout) && (layer.channels ?? channels) === channels,
    );
    // What the input says counts before what its first layer seems to read, and that before what is likely.
    const isNamed = fitting.some(({ layout }) => dims[axisOf(layout)] !== undefined);
    const possible = read.length > 0 || !isNamed ? read : fitting;
    const likely = possible.filter(({ layout }) => {
        const [height, width] = layout === "nchw" ? dims.slice(2) : dims.slice(1);
        return (height ?? USUAL_SIDE) > 4 && (width ?? USUAL_SIDE) > 4;
    });
    return (likely.length > 0 ? likely : possible).map(({ layout, channels }) => {
        const [height, width] = layout === "nchw" ? dims.slice(2) : dims.slice(1);
        refuseOtherSize(path, { width, height }, yaml);
        return { layout, channels, sizes: sizesFor({ width, height }, yaml, layer.values, channels) };
    });
}

/** The input's own size, else that of `model.yaml`, else those that it may have without saying so. */
function sizesFor(
    fixed: Partial<Size>,
    yaml: PreprocessingYaml,
    values: number | undefined,
    channels: number,
): Size[] {
    const width = fixed.width ?? yaml.width;
    const height = fixed.height ?? yaml.height;
    if (width !== undefined && height !== undefined) {
        return [{ width, height }];
    }
    const side = Math.sqrt((values ?? 0) / channels);
    const told = width ?? height;
    const sides = [
        ...(told === undefined ? [] : [told]),
        ...(values && Number.isInteger(side) ? [side] : []),
        USUAL_SIDE,
        ...OTHER_SIDES,
    ];
    return [...new Set(sides)].map((one) => ({ width: width ?? one, height: height ?? one }));
}

function refuseOtherSize(path: string, fixed: Partial<Size>, yaml: PreprocessingYaml): void {
    for (const side of ["width", "height"] as const) {
        if (fixed[side] !== undefined && yaml[side] !== undefined && fixed[side] !== yaml[side]) {
            throw new Error(
                `Expected preprocessing.${side} in model.yaml to be ${fixed[side]}, which ${path} is made for, ` +
                    `found ${yaml[side]}. Leave it out.`,
            );
        }
    }
}
