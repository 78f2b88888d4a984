import type { Goal } from "./goals";

/** What a run of the benchmark is asked for. */
export interface Wishes {
    /** Fewer and shorter windows. */
    quick: boolean;
    /** How long the soak takes. */
    minutes: number;
}

/** What a part has measured. */
export interface PartResult {
    rows: object[];
    goals: Goal[];
    /** Every single measurement, where the rows are medians of them. */
    raw?: unknown;
    /** For people. */
    table: string;
}

/** A part of the benchmark, which can be run by itself. */
export type Part = (wishes: Wishes) => Promise<PartResult>;

/** Lines of cells as a Markdown table; the first is its head. */
export function markdownTable([head = [], ...lines]: readonly (readonly string[])[]): string {
    return [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
