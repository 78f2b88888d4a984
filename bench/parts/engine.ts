import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { copyProject, document, type Finished, type ProjectCopy } from "../../test/support/projectCopy";
import { atMost } from "../goals";
import { markdownTable } from "../markdownTable";
import type { PartResult, Wishes } from "../part";
import { figureOf, ratioOf, showFigure } from "../statistics";

const PROGRAM = "infra/index.ts";
/** Loads all that the program loads, and makes nothing. */
const IMPORTS = "imports.ts";
const IMPORTS_SOURCE =
    'import { program } from "./infra/program";\n\nexport const loaded = typeof program;\n';

interface Times {
    previewMs: number[];
    importsMs: number[];
    localMs: number[];
}

/** How long the genuine engine takes over a stack in which nothing has changed, and a stopped local Azure to be back. */
export async function engine({ quick }: Wishes): Promise<PartResult> {
    const project = await copyProject();
    try {
        document(await project.edge("local", "up", "--json"));
        const times = await measure(project, quick ? 3 : 7);
        const [preview, imports, local] = [times.previewMs, times.importsMs, times.localMs].map(figureOf);
        if (!preview || !imports || !local) {
            throw new Error("Expected times of the engine, found none.");
        }
        const seconds = figureOf(times.localMs.map((ms) => ms / 1000));
        return {
            rows: [{ previewMs: preview, importsMs: imports, localMs: local }],
            raw: times,
            goals: [
                atMost(
                    "P10",
                    "preview without a change ÷ the same imports without a resource",
                    2,
                    ratioOf(preview, imports),
                ),
                atMost("P10", "npm run local, caches warm and the local Azure stopped, s", 12, seconds),
            ],
            table: markdownTable([
                ["engine", "ms"],
                ["preview without a change", showFigure(preview, 0)],
                ["preview of the same imports without a resource", showFigure(imports, 0)],
                ["npm run local, local Azure stopped", showFigure(local, 0)],
            ]),
        };
    } finally {
        await project.remove();
    }
}

async function measure(project: ProjectCopy, rounds: number): Promise<Times> {
    const environment = succeeded(await project.shell("node --require tsx/cjs cli/edge.ts local env")).stdout;
    const pulumi = (args: string) => project.shell(`${environment}\npulumi ${args} --non-interactive`);
    writeFileSync(join(project.folder, IMPORTS), IMPORTS_SOURCE);
    succeeded(await pulumi("stack init imports"));
    const preview = (program: string, args: string) => {
        runs(project, program);
        return timed(() => pulumi(`preview ${args}`));
    };
    const times: Times = { previewMs: [], importsMs: [], localMs: [] };
    for (let round = 0; round < rounds; round++) {
        times.previewMs.push(await preview(PROGRAM, "--stack local --expect-no-changes"));
        times.importsMs.push(await preview(IMPORTS, "--stack imports"));
    }
    runs(project, PROGRAM);
    for (let round = 0; round < Math.ceil(rounds / 2); round++) {
        succeeded(await project.edge("local", "stop"));
        times.localMs.push(await timed(() => project.shell("npm run local")));
    }
    return times;
}

/** Makes the project's program another one. */
function runs({ folder }: ProjectCopy, program: string): void {
    const file = join(folder, "package.json");
    writeFileSync(
        file,
        `${JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), main: program }, null, 4)}\n`,
    );
}

async function timed(work: () => Promise<Finished>): Promise<number> {
    const start = performance.now();
    succeeded(await work());
    return performance.now() - start;
}

function succeeded(finished: Finished): Finished {
    if (finished.exitCode !== 0) {
        throw new Error(
            `Expected the command to succeed, it ended with ${finished.exitCode}:\n${finished.stdout}${finished.stderr}`,
        );
    }
    return finished;
}
