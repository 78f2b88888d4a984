import type { Goal } from "./goals";

/** What a run of the benchmark is asked for. */
export interface Wishes {
    /** Whether few and short windows will do. */
    quick: boolean;
    /** How long the soak takes. */
    minutes: number;
    /** The environment that this run was started in. */
    env: NodeJS.ProcessEnv;
}

/** What a part has measured. */
export interface PartResult {
    rows: object[];
    goals: Goal[];
    /** Every single measurement, where the rows are medians of them. */
    raw?: unknown;
    /** What the run prints for people. */
    table: string;
}

/** A part of the benchmark, which can be run by itself. */
export type Part = (wishes: Wishes) => Promise<PartResult>;
