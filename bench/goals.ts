import { markdownTable } from "./markdownTable";
import type { Figure } from "./statistics";

/** A goal and how near to it a run came. */
export interface Goal {
    id: string;
    goal: string;
    figure: number;
    range: [number, number];
    pass: boolean;
}

export function atLeast(id: string, goal: string, least: number, { median, range }: Figure): Goal {
    return { id, goal: `${goal} ≥ ${least}`, figure: median, range, pass: median >= least };
}

export function atMost(id: string, goal: string, most: number, { median, range }: Figure): Goal {
    return { id, goal: `${goal} ≤ ${most}`, figure: median, range, pass: median <= most };
}

export function goalsTable(goals: readonly Goal[]): string {
    return markdownTable([
        ["goal", "", "figure", "range", "met"],
        ...goals.map(({ id, goal, figure, range, pass }) => [
            id,
            goal,
            digits(figure),
            range[0] === range[1] ? "" : range.map(digits).join("–"),
            pass ? "yes" : "**no**",
        ]),
    ]);
}

/** Three significant digits, and never fewer than those before the point. */
function digits(value: number): string {
    return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
