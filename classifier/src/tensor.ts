import type { Pixels } from "./image/pixels";

/** How a network wants its pixels. Custom Vision's want raw 0..255; many others 0..1, or that less a mean. */
export interface TensorFormat {
    layout: "nchw" | "nhwc";
    channelOrder: "rgb" | "bgr";
    /** What 0 and 255 become. */
    range: [min: number, max: number];
    /** Subtracted after the range was applied, and then divided by; both in the order red, green, blue. */
    mean?: [number, number, number];
    std?: [number, number, number];
    type: "float32" | "uint8";
}

/** What Custom Vision's General (compact) networks want, and what is assumed where nothing else is said. */
export const CUSTOM_VISION_FORMAT: TensorFormat = {
    layout: "nchw",
    channelOrder: "bgr",
    range: [0, 255],
    type: "float32",
};

/** One image as a network's input, with the batch as first dimension. */
export interface Tensor {
    type: "float32" | "uint8";
    data: Float32Array | Uint8Array;
    dims: readonly [1, number, number, number];
}

/** Lays the pixels out as `format` says: one look-up per value, whatever range, mean and spread it asks for. */
export function toTensor({ data, width, height }: Pixels, format: TensorFormat): Tensor {
    const planar = format.layout === "nchw";
    const size = width * height;
    const out = format.type === "uint8" ? new Uint8Array(size * 3) : new Float32Array(size * 3);
    for (let channel = 0; channel < 3; channel++) {
        const values = valuesOf(format, channel);
        const position = format.channelOrder === "rgb" ? channel : 2 - channel;
        const step = planar ? 1 : 3;
        let to = planar ? position * size : position;
        for (let from = channel; from < data.length; from += 3) {
            out[to] = values[data[from] as number] as number;
            to += step;
        }
    }
    return { type: format.type, data: out, dims: planar ? [1, 3, height, width] : [1, height, width, 3] };
}

/** What each of the 256 values of a channel (0 is red) becomes. */
function valuesOf({ range: [min, max], mean, std }: TensorFormat, channel: number): Float64Array {
    return Float64Array.from({ length: 256 }, (_, value) => {
        const scaled = min + (value * (max - min)) / 255;
        return (scaled - (mean?.[channel] ?? 0)) / (std?.[channel] ?? 1);
    });
}
