import type { Filter } from "./pixels";

/** The source samples that one output sample is made of, and their weights as 22-bit fixed-point numbers. */
export interface Taps {
    first: number;
    weights: Int32Array;
}

export const PRECISION_BITS = 22;
const ONE = 2 ** PRECISION_BITS;

/** The shapes of Pillow's filters, and how far they reach. Some weights of the last two are negative. */
const SHAPES: Record<Exclude<Filter, "nearest">, { reach: number; weightAt: (x: number) => number }> = {
    box: { reach: 0.5, weightAt: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
    bilinear: { reach: 1, weightAt: (x) => Math.max(0, 1 - Math.abs(x)) },
    hamming: {
        reach: 1,
        weightAt: (x) => (Math.abs(x) < 1 ? sinc(x) * (0.54 + 0.46 * Math.cos(x * Math.PI)) : 0),
    },
    bicubic: { reach: 2, weightAt: cubic },
    lanczos: { reach: 3, weightAt: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

function sinc(x: number): number {
    return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
}

function cubic(x: number): number {
    const far = Math.abs(x);
    const a = -0.5;
    if (far < 1) {
        return ((a + 2) * far - (a + 3)) * far * far + 1;
    }
    return far < 2 ? (((far - 5) * far + 8) * far - 4) * a : 0;
}

/**
 * The taps with which Pillow resizes `from` samples to `to`: the filter's shape, widened where the image shrinks. Only those
 * of `count` outputs from `start` on. (Source: precompute_coeffs in src/libImaging/Resample.c.)
 */
export function tapsOf(
    from: number,
    to: number,
    start: number,
    count: number,
    filter: Exclude<Filter, "nearest"> = "bilinear",
): Taps[] {
    const { reach, weightAt } = SHAPES[filter];
    const scale = from / to;
    const widening = Math.max(scale, 1);
    const support = reach * widening;
    const steepness = 1 / widening;
    const shape = new Float64Array(Math.ceil(2 * support) + 2);
    const taps: Taps[] = [];
    for (let index = start; index < start + count; index++) {
        const centre = (index + 0.5) * scale;
        const first = Math.max(Math.trunc(centre - support + 0.5), 0);
        const length = Math.min(Math.trunc(centre + support + 0.5), from) - first;
        let sum = 0;
        for (let tap = 0; tap < length; tap++) {
            const weight = weightAt((tap + first - centre + 0.5) * steepness);
            shape[tap] = weight;
            sum += weight;
        }
        const weights = new Int32Array(length);
        for (let tap = 0; tap < length; tap++) {
            const weight = ((shape[tap] as number) / sum) * ONE;
            weights[tap] = Math.trunc(weight < 0 ? weight - 0.5 : weight + 0.5);
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
