import { join } from "node:path";
import { gateFigure, requireNoRegression } from "./gate";
import { goalsTable, serviceGoals, sizeGoal } from "./goals";
import { installPeers, prepareMaterials } from "./materials";
import { parityRows, parityTable } from "./parity";
import { keepRaw, keepResults, readResults } from "./results";
import { serviceRows, serviceTable } from "./service";
import { sizeRows, sizeTable } from "./size";

const DATA = join(__dirname, "..", "..", "shared", "data");
const CLASSIFIER = join(__dirname, "..", "classifier");

interface Wishes {
    /** Fewer and shorter windows. */
    quick: boolean;
    /** Keep the gate's figure as the one that later ones are compared with. */
    commit: boolean;
}

/** Measurements, each a part of its own; a part keeps its results in `bench/results.json` and gives a table. */
const parts: Record<string, (wishes: Wishes) => Promise<string>> = {
    async service({ quick }) {
        const materials = { ...(await prepareMaterials()), python: installPeers() };
        const { rows, raw } = await serviceRows(materials, { quick });
        const goals = serviceGoals(rows);
        keepRaw("service", raw);
        keepResults("service", rows, goals, { quick });
        return `${serviceTable(rows)}\n\n${goalsTable(goals)}`;
    },
    async size() {
        const rows = await sizeRows(CLASSIFIER);
        const kept = rows.map(({ part: content, bytes }) => ({ content, bytes }));
        keepResults("size", kept, [sizeGoal(rows)]);
        return sizeTable(rows);
    },
    async parity() {
        const rows = await parityRows(DATA);
        keepResults("parity", rows, []);
        return parityTable(rows);
    },
    async gate({ commit }) {
        const figure = await gateFigure(await prepareMaterials());
        if (commit) {
            const { rows } = readResults();
            keepResults(
                "gate",
                rows.filter(({ part }) => part === "gate"),
                [],
                { gate: figure },
            );
        }
        return requireNoRegression(figure, readResults().gate);
    },
};

const OF_A_FULL_RUN = ["service", "size", "parity"];

async function main(args: string[]): Promise<void> {
    const names = args.filter((arg) => !arg.startsWith("--"));
    const wishes = { quick: args.includes("--quick"), commit: args.includes("--commit") };
    const unknown = args.find((arg) => !(arg in parts) && !["--quick", "--commit"].includes(arg));
    if (unknown) {
        throw new Error(
            `Expected parts of the benchmark (${Object.keys(parts).join(", ")}) or --quick, got ${unknown}.`,
        );
    }
    for (const name of names.length > 0 ? names : OF_A_FULL_RUN) {
        console.log(await parts[name]?.(wishes));
    }
}

main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
});
