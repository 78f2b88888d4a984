import type { Filter, Size, Window } from "./pixels";
import type { PrepareResize } from "./resizeJob";
import { prepareResizePlain } from "./resizePlain";
import { openSimdResize } from "./resizeSimd";
import { tapsOf } from "./taps";

/** Any number of interleaved 8-bit channels. */
export interface Samples extends Size {
    data: Uint8Array;
    channels: number;
}

/** The fastest way that this machine has. */
export const prepareResize: PrepareResize = openSimdResize() ?? prepareResizePlain;

/** The way for one filter: only the plain one knows negative weights. */
export function preparationFor(filter: Filter = "bilinear", prepare: PrepareResize): PrepareResize {
    return filter === "bicubic" || filter === "lanczos" ? prepareResizePlain : prepare;
}

/**
 * Resizes to `size` as Pillow's `Image.resize(size, filter)` does, antialiased and to the last bit: weights rounded to 22
 * bits, horizontal pass first, 8 bits between the passes. Only `window` of the result is computed
 * and returned. (Source: src/libImaging/Resample.c of Pillow 10, which the exported container pins; checked against its
 * pixels. Pillow 13 does the vertical pass first for very tall images, which changes some values by 1.)
 */
export function resizeAntialiased(
    { data, ...source }: Samples,
    size: Size,
    window: Window,
    prepare = prepareResize,
    filter: Exclude<Filter, "nearest"> = "bilinear",
): Samples {
    const job = preparationFor(
        filter,
        prepare,
    )({
        source,
        columns: tapsOf(source.width, size.width, window.left, window.width, filter),
        rows: tapsOf(source.height, size.height, window.top, window.height, filter),
        first: "columns",
    });
    job.source.set(data);
    return { data: job.run(), width: window.width, height: window.height, channels: source.channels };
}

/** Resizes to `size` as Pillow does with NEAREST, which is what it falls back to for palette images. */
export function resizeNearest(image: Samples, size: Size, window: Window): Samples {
    const { channels } = image;
    const columns = nearestPositions(image.width, size.width);
    const rows = nearestPositions(image.height, size.height);
    const data = new Uint8Array(window.width * window.height * channels);
    let out = 0;
    for (let y = 0; y < window.height; y++) {
        const row = (rows[window.top + y] ?? 0) * image.width;
        for (let x = 0; x < window.width; x++) {
            const from = (row + (columns[window.left + x] ?? 0)) * channels;
            for (let channel = 0; channel < channels; channel++) {
                data[out++] = image.data[from + channel] ?? 0;
            }
        }
    }
    return { data, width: window.width, height: window.height, channels };
}

/** Pillow adds the step up instead of multiplying it, and its rounding errors are part of the result. */
function nearestPositions(from: number, to: number): Int32Array {
    const step = from / to;
    const positions = new Int32Array(to);
    let position = step * 0.5;
    for (let index = 0; index < to; index++) {
        positions[index] = Math.min(Math.trunc(position), from - 1);
        position += step;
    }
    return positions;
}
