import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { engineFolder } from "../setup/engineCache";
import { endWithOutput } from "../setup/output";
import { systemErrorText } from "../setup/systemError";
import { gateFigure, requireNoRegression } from "./gate";
import { prepareMaterials } from "./materials";
import { writePage } from "./page/writePage";
import type { Part, Wishes } from "./part";
import { engine } from "./parts/engine";
import { faults } from "./parts/faults";
import { overload } from "./parts/overload";
import { parity } from "./parts/parity";
import { registry } from "./parts/registry";
import { scale } from "./parts/scale";
import { service } from "./parts/service";
import { size } from "./parts/size";
import { soak } from "./parts/soak";
import { start } from "./parts/start";
import { keepGate, keepResults, readResults } from "./results";

/** The parts of the benchmark. Each keeps what it measures in `bench/results.json`, which the page of results is made of. */
const parts: Record<string, Part> = {
    service,
    overload,
    start,
    size,
    registry,
    engine,
    faults,
    scale,
    parity,
    soak,
};

/** What else can be asked for. */
const others: Record<string, (options: Wishes & { commit: boolean }) => Promise<string>> = {
    async gate({ commit, env }) {
        const figure = await gateFigure(await prepareMaterials(env));
        if (commit) {
            keepGate(figure);
        }
        return requireNoRegression(figure, readResults().gate);
    },
    page: async () => "docs/benchmark.md and its plots are written from bench/results.json.",
};

/** What a run without names consists of: all parts but the soak, which takes half an hour by itself. */
const fullRun = Object.keys(parts).filter((name) => name !== "soak");

async function run(name: string, wishes: Wishes & { commit: boolean }): Promise<string> {
    const part = parts[name];
    if (!part) {
        return (await others[name]?.(wishes)) ?? "";
    }
    process.stderr.write(`${name}: begins at ${new Date().toISOString()}\n`);
    const result = await part(wishes);
    keepResults(name, result, wishes);
    return result.table;
}

async function main(args: string[], env: NodeJS.ProcessEnv): Promise<void> {
    const { values, positionals } = parseArgs({
        args,
        allowPositionals: true,
        options: {
            quick: { type: "boolean", default: false },
            minutes: { type: "string", default: "30" },
            commit: { type: "boolean", default: false },
        },
    });
    const wishes = { ...values, minutes: Number(values.minutes), env };
    const known = [...Object.keys(parts), ...Object.keys(others)];
    const unknown = positionals.find((name) => !known.includes(name));
    if (unknown !== undefined || !(wishes.minutes > 0)) {
        throw new Error(
            `Expected parts of the benchmark (${known.join(", ")}), --quick, --minutes N or --commit, got ${args.join(" ")}.`,
        );
    }
    const names = positionals.length > 0 ? positionals : fullRun;
    const [name] = names;
    if (name !== undefined && names.length === 1) {
        console.log(await run(name, wishes));
        writePage();
        return;
    }
    // Each part runs in a process of its own, so that what one left in memory is not measured with the next.
    const options = args.filter((argument) => !names.includes(argument));
    for (const one of names) {
        execFileSync(process.execPath, [...process.execArgv, __filename, one, ...options], {
            stdio: "inherit",
        });
    }
}

endWithOutput(process);
// The parts that run the whole project find the engine there, as its tests do.
process.env.EDGE_PULUMI ??= engineFolder(process.env);
main(process.argv.slice(2), process.env).catch((error: unknown) => {
    console.error(systemErrorText(error) ?? (error instanceof Error ? error.message : error));
    process.exitCode = 1;
});
