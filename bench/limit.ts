import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

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

/** L1: with the service's own decoder. */
export function startLimit(model: string): Promise<Limit> {
    return startProcesses(
        [process.execPath, "--require", "tsx/cjs", join(__dirname, "limitProcess.ts")],
        model,
    );
}

/** L2: decoded at a fraction of the size and resized by a program that has nothing of ours. */
export function startHardwareLimit(model: string, python: string): Promise<Limit> {
    return startProcesses([python, join(__dirname, "peers", "limit.py")], model);
}

async function startProcesses([program = "", ...args]: string[], model: string): Promise<Limit> {
    const processes = Array.from({ length: availableParallelism() }, () => {
        const env = { ...process.env, MODEL_DIR: model, PYTHONDONTWRITEBYTECODE: "1" };
        const child = spawn(program, args, { env, stdio: ["pipe", "pipe", "inherit"] });
        const lines = createInterface({ input: child.stdout });
        const ended = once(child, "exit").then(([code]) => {
            throw new Error(`Expected ${args.join(" ")} to go on, it ended with ${code}.`);
        });
        // Whoever waits for an answer hears of it; when nobody does it was stopped.
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
