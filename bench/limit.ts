import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Materials } from "./materials";

/** An image to loop over, in our own limit in either mode. */
export interface LimitTask {
    mode?: "exact" | "fast";
    image: string;
    seconds: number;
}

export interface LimitReport {
    images: number;
    seconds: number;
    cpuSeconds: number;
}

/** One process per core that loops over an image in memory, without HTTP: what no server on this machine can exceed. */
export interface Limit {
    run(task: LimitTask): Promise<LimitReport>;
    stop(): void;
}

/** Starts L1, which decodes as the service does. */
export function startLimit(materials: Pick<Materials, "model" | "env">): Promise<Limit> {
    return startProcesses(
        [process.execPath, "--require", "tsx/cjs", join(__dirname, "limitProcess.ts")],
        materials,
    );
}

/** Starts L2, a program with nothing of ours, which decodes at a fraction of the size and resizes. */
export function startHardwareLimit(materials: Materials): Promise<Limit> {
    return startProcesses([materials.python, join(__dirname, "peers", "limit.py")], materials);
}

async function startProcesses(
    [program = "", ...args]: string[],
    { model, env: inherited }: Pick<Materials, "model" | "env">,
): Promise<Limit> {
    const processes = Array.from({ length: availableParallelism() }, () => {
        const env = { ...inherited, MODEL_DIR: model, PYTHONDONTWRITEBYTECODE: "1" };
        const child = spawn(program, args, { env, stdio: ["pipe", "pipe", "inherit"] });
        const lines = createInterface({ input: child.stdout });
        const ended = once(child, "exit").then(([code]) => {
            throw new Error(`Expected ${args.join(" ")} to go on, it ended with ${code}.`);
        });
        // Whoever waits for an answer is told by `answer`; if nobody waits, the process was stopped on purpose.
        ended.catch(() => {});
        const answer = () => Promise.race([once(lines, "line").then(([line]) => JSON.parse(line)), ended]);
        return { child: child as ChildProcess, answer };
    });
    await Promise.all(processes.map(({ answer }) => answer()));
    return {
        async run(task) {
            const reports: LimitReport[] = await Promise.all(
                processes.map(({ child, answer }) => {
                    child.stdin?.write(`${JSON.stringify(task)}\n`);
                    return answer();
                }),
            );
            return {
                images: reports.reduce((sum, { images }) => sum + images, 0),
                seconds: Math.max(...reports.map((report) => report.seconds)),
                cpuSeconds: reports.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
            };
        },
        stop: () => processes.forEach(({ child }) => void child.kill()),
    };
}
