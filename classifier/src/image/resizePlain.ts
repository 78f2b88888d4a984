import type { ResizeJob, ResizePlan } from "./resizeJob";
import { PRECISION_BITS, reachOf, type Taps } from "./taps";

// A lookup of `Math` for every product would be felt where globals are slow, as in the contexts of a test runner.
const { imul } = Math;

const HALF = 1 << (PRECISION_BITS - 1);

interface Plane {
    data: Uint8Array;
    stride: number;
}

/** The two passes in plain arithmetic: what the others are measured by, and what runs where they cannot. */
export function prepareResizePlain({ source, columns, rows, first }: ResizePlan): ResizeJob {
    const { channels } = source;
    const stride = source.width * channels;
    const data = new Uint8Array(stride * source.height);
    return {
        source: data,
        run() {
            if (first === "columns") {
                const reach = reachOf(rows);
                const narrow = resizeRows({ data, stride }, columns, channels, reach);
                return resizeColumns(narrow, rows, reach.first);
            }
            const short = resizeColumns({ data, stride }, rows, 0);
            return resizeRows({ data: short, stride }, columns, channels, { first: 0, end: rows.length })
                .data;
        },
    };
}

// In both passes the weights sum to about 2^22, so a sum of products stays within 32 bits. It shifts back to 0..255 unless
// some weights are negative, as those of a bicubic filter are.
function clipped(sum: number): number {
    const value = sum >> PRECISION_BITS;
    return value < 0 ? 0 : value > 255 ? 255 : value;
}

function resizeRows(
    image: Plane,
    columns: readonly Taps[],
    channels: number,
    rows: { first: number; end: number },
): Plane {
    const stride = columns.length * channels;
    const data = new Uint8Array(stride * (rows.end - rows.first));
    let out = 0;
    for (let y = rows.first; y < rows.end; y++) {
        for (const { first, weights } of columns) {
            const start = y * image.stride + first * channels;
            for (let channel = 0; channel < channels; channel++) {
                let sum = HALF;
                let from = start + channel;
                for (let tap = 0; tap < weights.length; tap++) {
                    sum += imul(image.data[from] as number, weights[tap] as number);
                    from += channels;
                }
                data[out++] = clipped(sum);
            }
        }
    }
    return { data, stride };
}

function resizeColumns({ data, stride }: Plane, rows: readonly Taps[], firstRow: number): Uint8Array {
    const out = new Uint8Array(stride * rows.length);
    const sums = new Int32Array(stride);
    rows.forEach(({ first, weights }, y) => {
        sums.fill(HALF);
        weights.forEach((weight, tap) => {
            const row = (first - firstRow + tap) * stride;
            for (let index = 0; index < stride; index++) {
                sums[index] = (sums[index] as number) + imul(data[row + index] as number, weight);
            }
        });
        for (let index = 0; index < stride; index++) {
            out[y * stride + index] = clipped(sums[index] as number);
        }
    });
    return out;
}
