import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeMachine } from "./cpuTime";
import type { Goal } from "./goals";
import type { Figure } from "./statistics";

/** `bench/results.json`: the last run of each part. */
export interface Results {
    machine: string;
    date: string;
    /** Whether the service part was a quick run, of few and short windows. */
    quick: boolean;
    goals: Goal[];
    rows: { part: string }[];
    gate?: Figure;
}

const FILE = join(__dirname, "results.json");
const RAW = join(__dirname, "raw");

export function readResults(): Results {
    return existsSync(FILE)
        ? JSON.parse(readFileSync(FILE, "utf8"))
        : { machine: "", date: "", quick: true, goals: [], rows: [] };
}

/** Replaces what a part said before; goals are replaced by their ids. */
export function keepResults(part: string, rows: object[], goals: Goal[], more: Partial<Results> = {}): void {
    const before = readResults();
    const ids = new Set(goals.map(({ id }) => id));
    const results: Results = {
        ...before,
        ...more,
        machine: describeMachine(),
        date: new Date().toISOString(),
        goals: [...before.goals.filter(({ id }) => !ids.has(id)), ...goals].toSorted((one, other) =>
            one.id.localeCompare(other.id, "en", { numeric: true }),
        ),
        rows: [...before.rows.filter((row) => row.part !== part), ...rows.map((row) => ({ ...row, part }))],
    };
    writeFileSync(FILE, `${JSON.stringify(results, null, 2)}\n`);
}

/** Keeps every window of a part, disturbed ones too. */
export function keepRaw(part: string, raw: unknown): void {
    mkdirSync(RAW, { recursive: true });
    writeFileSync(join(RAW, `${part}.json`), `${JSON.stringify(raw)}\n`);
}
