import type { Size, Window } from "./pixels";

/** Any number of interleaved 8-bit channels. */
export interface Samples extends Size {
    data: Uint8Array;
    channels: number;
}

// A lookup of `Math` for every product would be felt where globals are slow, as in the contexts of a test runner.
const { imul } = Math;

const PRECISION_BITS = 22;
const HALF = 1 << (PRECISION_BITS - 1);

/** The source pixels that one output pixel is made of, and their weights as 22-bit fixed-point numbers. */
interface Taps {
    first: number;
    weights: Int32Array;
}

/**
 * Resizes to `size` as Pillow's `Image.resize(size, BILINEAR)` does, antialiased and to the last bit: triangle filter,
 * weights rounded to 22 bits, horizontal pass first, 8 bits between the passes. Only `window` of the result is computed
 * and returned. (Source: src/libImaging/Resample.c of Pillow 10, which the exported container pins; checked against its
 * pixels. Pillow 13 does the vertical pass first for very tall images, which changes some values by 1.)
 */
export function resizeBilinear(image: Samples, size: Size, window: Window): Samples {
    const columns = tapsOf(image.width, size.width).slice(window.left, window.left + window.width);
    const rows = tapsOf(image.height, size.height).slice(window.top, window.top + window.height);
    const firstRow = Math.min(...rows.map((row) => row.first));
    const endRow = Math.max(...rows.map((row) => row.first + row.weights.length));
    const narrow = resizeRows(image, columns, firstRow, endRow);
    return resizeColumns(narrow, rows, firstRow);
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

function tapsOf(from: number, to: number): Taps[] {
    const scale = from / to;
    const support = Math.max(scale, 1);
    const taps: Taps[] = [];
    for (let index = 0; index < to; index++) {
        const centre = (index + 0.5) * scale;
        const first = Math.max(Math.trunc(centre - support + 0.5), 0);
        const end = Math.min(Math.trunc(centre + support + 0.5), from);
        const triangle = Array.from({ length: end - first }, (_, tap) =>
            Math.max(0, 1 - Math.abs((tap + first - centre + 0.5) * (1 / support))),
        );
        const sum = triangle.reduce((total, weight) => total + weight, 0);
        const weights = Int32Array.from(triangle, (weight) =>
            Math.trunc(0.5 + (weight / sum) * 2 ** PRECISION_BITS),
        );
        taps.push({ first, weights });
    }
    return taps;
}

// In both passes the weights are never negative and sum to about 2^22, so a sum of products stays within 32 bits and
// shifts back to 0..255 without clipping.

function resizeRows(image: Samples, columns: Taps[], firstRow: number, endRow: number): Samples {
    const { channels } = image;
    const height = endRow - firstRow;
    const data = new Uint8Array(columns.length * height * channels);
    const stride = image.width * channels;
    let out = 0;
    for (let y = firstRow; y < endRow; y++) {
        for (const { first, weights } of columns) {
            const start = y * stride + first * channels;
            for (let channel = 0; channel < channels; channel++) {
                let sum = HALF;
                let from = start + channel;
                for (let tap = 0; tap < weights.length; tap++) {
                    sum += imul(image.data[from] as number, weights[tap] as number);
                    from += channels;
                }
                data[out++] = sum >> PRECISION_BITS;
            }
        }
    }
    return { data, width: columns.length, height, channels };
}

function resizeColumns(image: Samples, rows: Taps[], firstRow: number): Samples {
    const stride = image.width * image.channels;
    const data = new Uint8Array(stride * rows.length);
    const sums = new Int32Array(stride);
    rows.forEach(({ first, weights }, y) => {
        sums.fill(HALF);
        weights.forEach((weight, tap) => {
            const row = (first - firstRow + tap) * stride;
            for (let index = 0; index < stride; index++) {
                sums[index] = (sums[index] as number) + imul(image.data[row + index] as number, weight);
            }
        });
        for (let index = 0; index < stride; index++) {
            data[y * stride + index] = (sums[index] as number) >> PRECISION_BITS;
        }
    });
    return { data, width: image.width, height: rows.length, channels: image.channels };
}
