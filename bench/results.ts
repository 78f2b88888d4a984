import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeMachine } from "./cpuTime";
import type { Goal } from "./goals";
import type { PartResult, Wishes } from "./part";
import type { Figure } from "./statistics";

/** `bench/results.json`: the last run of each part. */
export interface Results {
    /** The machine that ran a part last, and when. */
    machine: string;
    date: string;
    /** When, on what and how thoroughly each part was run last. */
    parts: Record<string, { machine: string; date: string; quick: boolean }>;
    goals: (Goal & { part: string })[];
    rows: ({ part: string } & Record<string, unknown>)[];
    /** What later runs of the gate are held against. */
    gate?: Figure;
}

const FILE = join(__dirname, "results.json");
const RAW = join(__dirname, "raw");

export function readResults(): Results {
    return JSON.parse(readFileSync(FILE, "utf8"));
}

/** Replaces what a part said before. Every single measurement, of disturbed windows too, is kept in `bench/raw`. */
export function keepResults(part: string, { rows, goals, raw }: PartResult, { quick }: Wishes): void {
    const before = readResults();
    const run = { machine: describeMachine(), date: new Date().toISOString() };
    const others = (of: { part: string }) => of.part !== part;
    write({
        ...before,
        ...run,
        parts: { ...before.parts, [part]: { ...run, quick } },
        goals: [...before.goals.filter(others), ...goals.map((goal) => ({ ...goal, part }))].toSorted(
            (one, other) => one.id.localeCompare(other.id, "en", { numeric: true }),
        ),
        rows: [...before.rows.filter(others), ...rows.map((row) => ({ ...row, part }))],
    });
    if (raw !== undefined) {
        mkdirSync(RAW, { recursive: true });
        writeFileSync(join(RAW, `${part}.json`), `${JSON.stringify(raw)}\n`);
    }
}

export function keepGate(gate: Figure): void {
    write({ ...readResults(), gate });
}

function write(results: Results): void {
    writeFileSync(FILE, `${JSON.stringify(results, null, 4)}\n`);
}
