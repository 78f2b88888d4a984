/** Photographs of one label that follow each other this closely show the same scene. */
const LONGEST_PAUSE_MS = 3000;

interface Taken {
    label: string;
    /** Milliseconds; undefined where the file does not say. */
    takenAt?: number;
}

/**
 * Numbers the bursts, label by label: photographs of one label, each at most 3 s after the one before. A photograph
 * without a time is a burst of its own. The numbers are in the order of `photographs`.
 */
export function numberBursts(photographs: readonly Taken[]): number[] {
    const inTime = photographs
        .map((photograph, index) => ({ ...photograph, index }))
        .sort(
            (a, b) =>
                compareText(a.label, b.label) ||
                (a.takenAt ?? Infinity) - (b.takenAt ?? Infinity) ||
                a.index - b.index,
        );
    const bursts = new Array<number>(photographs.length);
    let burst = -1;
    inTime.forEach(({ label, takenAt, index }, position) => {
        const before = inTime[position - 1];
        const pause = (takenAt ?? Infinity) - (before?.takenAt ?? -Infinity);
        if (before?.label !== label || !(pause <= LONGEST_PAUSE_MS)) burst++;
        bursts[index] = burst;
    });
    return bursts;
}

function compareText(a: string, b: string): number {
    return a < b ? -1 : a > b ? 1 : 0;
}
