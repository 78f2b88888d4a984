import type { Pixels, Size } from "./image/pixels";

/** How a network wants its pixels. Custom Vision's want raw 0..255; many others 0..1, or that less a mean. */
export interface TensorFormat {
    layout: "nchw" | "nhwc";
    /** Grey is one channel in place of three. */
    channelOrder: "rgb" | "bgr" | "grey";
    /** What 0 and 255 become. */
    range: [min: number, max: number];
    /** Subtracted after the range was applied, and then divided by; both in the order red, green, blue. */
    mean?: [number, number, number];
    std?: [number, number, number];
    type: "float32" | "uint8";
}

/** One image as a network's input, with the batch as first dimension. */
export interface Tensor {
    type: "float32" | "uint8";
    data: Float32Array | Uint8Array;
    dims: readonly [1, number, number, number];
}

/** Lays the pixels out as `format` says: one look-up per value, whatever range, mean and spread it asks for. */
export function toTensor(pixels: Pixels, format: TensorFormat): Tensor {
    return fill(emptyTensor(pixels, format), pixels, format, valueTables(format));
}

/** Lends the pixels as a tensor until the promise of `use` is settled. */
export type LendTensor = <T>(pixels: Pixels, use: (tensor: Tensor) => Promise<T>) => Promise<T>;

/**
 * Lends tensors of one format and size, whose memory is used again. They have half a megabyte and more, and V8 collects the
 * garbage of the whole heap after each 64 MB of such memory: more than the laying out costs.
 */
export function lendTensors(format: TensorFormat): LendTensor {
    const tables = valueTables(format);
    const spare: Tensor[] = [];
    return async (pixels, use) => {
        const tensor = fill(spare.pop() ?? emptyTensor(pixels, format), pixels, format, tables);
        try {
            return await use(tensor);
        } finally {
            spare.push(tensor);
        }
    };
}

/** The shape of one image in a format: the batch, and then the channels before or behind its sides. */
export function tensorDims({ width, height }: Size, { layout, channelOrder }: TensorFormat): Tensor["dims"] {
    const channels = channelOrder === "grey" ? 1 : 3;
    return layout === "nchw" ? [1, channels, height, width] : [1, height, width, channels];
}

function emptyTensor(size: Size, format: TensorFormat): Tensor {
    const dims = tensorDims(size, format);
    const values = dims.reduce((product, side) => product * side, 1);
    const { type } = format;
    return { type, data: type === "uint8" ? new Uint8Array(values) : new Float32Array(values), dims };
}

function fill(tensor: Tensor, pixels: Pixels, format: TensorFormat, tables: ValueTables): Tensor {
    if (format.channelOrder === "grey") {
        return fillGrey(tensor, pixels, tables);
    }
    const size = pixels.width * pixels.height;
    const planar = format.layout === "nchw";
    const reversed = format.channelOrder === "bgr";
    const [red, green, blue] = tables;
    const { data: from } = pixels;
    const { data: to } = tensor;
    const step = planar ? 1 : 3;
    const between = planar ? size : 1;
    let redAt = reversed ? between * 2 : 0;
    let greenAt = between;
    let blueAt = reversed ? 0 : between * 2;
    for (let at = 0; at < size * 3; at += 3) {
        to[redAt] = red[from[at] as number] as number;
        to[greenAt] = green[from[at + 1] as number] as number;
        to[blueAt] = blue[from[at + 2] as number] as number;
        redAt += step;
        greenAt += step;
        blueAt += step;
    }
    return tensor;
}

/** Pillow's conversion from RGB to L. */
function fillGrey(tensor: Tensor, { data: from }: Pixels, [table]: ValueTables): Tensor {
    const { data: to } = tensor;
    for (let at = 0, pixel = 0; pixel < to.length; at += 3, pixel++) {
        const [red, green, blue] = [from[at], from[at + 1], from[at + 2]] as [number, number, number];
        to[pixel] = table[(red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16] as number;
    }
    return tensor;
}

/** What each of the 256 values of red, green and blue becomes. */
type ValueTables = [Float32Array, Float32Array, Float32Array];

function valueTables({ range: [min, max], mean, std }: TensorFormat): ValueTables {
    const tableOf = (channel: number) =>
        Float32Array.from({ length: 256 }, (_, value) => {
            const scaled = min + (value * (max - min)) / 255;
            return (scaled - (mean?.[channel] ?? 0)) / (std?.[channel] ?? 1);
        });
    return [tableOf(0), tableOf(1), tableOf(2)];
}
