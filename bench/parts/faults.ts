import { copyProject, document, type ProjectCopy } from "../../test/support/projectCopy";
import { markdownTable } from "../markdownTable";
import type { PartResult, Wishes } from "../part";
import { figureOf, ratioOf, showFigure } from "../statistics";

const COMMANDS = ["up", "destroy"] as const;
const SHARE = 0.2;

/** How much longer `up` and `destroy` take where a fifth of the calls to hub, provisioning service and registry fail. */
export async function faults({ quick }: Wishes): Promise<PartResult> {
    const project = await copyProject();
    const seconds = { up: { well: [], failing: [] }, destroy: { well: [], failing: [] } } as Seconds;
    try {
        // The first time also fills caches.
        await timeRound(project, "none");
        for (let round = 1; round <= (quick ? 2 : 5); round++) {
            const plan = `hub=${SHARE},dps=${SHARE},registry=${SHARE},seed=${round}`;
            const [well, failing] = [await timeRound(project, "none"), await timeRound(project, plan)];
            for (const command of COMMANDS) {
                seconds[command].well.push(well[command]);
                seconds[command].failing.push(failing[command]);
            }
        }
    } finally {
        await project.remove();
    }
    const rows = COMMANDS.map((command) => {
        const [wellS, failingS] = [figureOf(seconds[command].well), figureOf(seconds[command].failing)];
        return { command, wellS, failingS, ratio: ratioOf(failingS, wellS) };
    });
    return {
        rows,
        raw: seconds,
        goals: [],
        table: markdownTable([
            ["local stack", "s", `s, ${SHARE * 100} % of the calls failing`, "times as long"],
            ...rows.map(({ command, wellS, failingS, ratio }) => [
                command,
                ...[wellS, failingS, ratio].map((figure) => showFigure(figure, 1)),
            ]),
        ]),
    };
}

type Seconds = Record<(typeof COMMANDS)[number], { well: number[]; failing: number[] }>;

async function timeRound(project: ProjectCopy, plan: string): Promise<{ up: number; destroy: number }> {
    const timed = async (...args: string[]) => {
        const start = performance.now();
        document(await project.edge("local", ...args, "--json"));
        return (performance.now() - start) / 1000;
    };
    return { up: await timed("up", "--faults", plan), destroy: await timed("destroy") };
}
