/** A figure that was measured several times. */
export interface Figure {
    median: number;
    range: [low: number, high: number];
}

export function figureOf(values: readonly number[]): Figure {
    const sorted = values.toSorted((one, other) => one - other);
    const middle = (sorted.length - 1) / 2;
    const at = (index: number) => sorted[index] ?? Number.NaN;
    return {
        median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
        range: [at(0), at(sorted.length - 1)],
    };
}

/** One measured thing over another of the same run; its range is the widest that theirs allow. */
export function ratioOf(one: Figure, other: Figure): Figure {
    return {
        median: one.median / other.median,
        range: [one.range[0] / other.range[1], one.range[1] / other.range[0]],
    };
}

/** A figure for people: its median and its range, with so many digits after the point. */
export function showFigure({ median, range }: Figure, digits: number): string {
    return `${median.toFixed(digits)} [${range.map((value) => value.toFixed(digits)).join("–")}]`;
}
