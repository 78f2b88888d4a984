/** The source samples that one output sample is made of, and their weights as 22-bit fixed-point numbers. */
export interface Taps {
    first: number;
    weights: Int32Array;
}

export const PRECISION_BITS = 22;
const ONE = 2 ** PRECISION_BITS;

/**
 * The taps with which Pillow resizes `from` samples to `to`: a triangle, widened where the image shrinks. Only those of
 * `count` outputs from `start` on. (Source: precompute_coeffs in src/libImaging/Resample.c.)
 */
export function tapsOf(from: number, to: number, start: number, count: number): Taps[] {
    const scale = from / to;
    const support = Math.max(scale, 1);
    const steepness = 1 / support;
    const triangle = new Float64Array(Math.ceil(2 * support) + 2);
    const taps: Taps[] = [];
    for (let index = start; index < start + count; index++) {
        const centre = (index + 0.5) * scale;
        const first = Math.max(Math.trunc(centre - support + 0.5), 0);
        const length = Math.min(Math.trunc(centre + support + 0.5), from) - first;
        let sum = 0;
        for (let tap = 0; tap < length; tap++) {
            const weight = Math.max(0, 1 - Math.abs((tap + first - centre + 0.5) * steepness));
            triangle[tap] = weight;
            sum += weight;
        }
        const weights = new Int32Array(length);
        for (let tap = 0; tap < length; tap++) {
            weights[tap] = Math.trunc(0.5 + ((triangle[tap] as number) / sum) * ONE);
        }
        taps.push({ first, weights });
    }
    return taps;
}

/** The taps for the same `from` samples in reverse order. */
export function mirrored(taps: readonly Taps[], from: number): Taps[] {
    return taps.map(({ first, weights }) => ({
        first: from - first - weights.length,
        weights: weights.toReversed(),
    }));
}

/** The taps for the same samples without the first `count` of them. */
export function shifted(taps: readonly Taps[], count: number): readonly Taps[] {
    return count === 0 ? taps : taps.map(({ first, weights }) => ({ first: first - count, weights }));
}

/** The part of the source that taps look at, from its first sample to the one after its last. */
export function reachOf(taps: readonly Taps[]): { first: number; end: number } {
    let first = Number.POSITIVE_INFINITY;
    let end = 0;
    for (const tap of taps) {
        first = Math.min(first, tap.first);
        end = Math.max(end, tap.first + tap.weights.length);
    }
    return { first, end };
}
