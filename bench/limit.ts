import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { LimitKind, LimitReport, LimitTask } from "./limitProcess";

/** One process per core that loops over an image in memory, without HTTP: what no server on this machine can exceed. */
export interface Limit {
    run(kind: LimitKind, image: string, seconds: number): Promise<LimitReport>;
    stop(): void;
}

export async function startLimit(model: string): Promise<Limit> {
    const processes = Array.from({ length: availableParallelism() }, () =>
        fork(join(__dirname, "limitProcess.ts"), [model], { execArgv: ["--require", "tsx/cjs"] }),
    );
    await Promise.all(processes.map((child) => once(child, "message")));
    return {
        async run(kind, image, seconds) {
            const reports = await Promise.all(processes.map((child) => ask(child, { kind, image, seconds })));
            return {
                images: reports.reduce((sum, { images }) => sum + images, 0),
                seconds: Math.max(...reports.map((report) => report.seconds)),
                cpuSeconds: reports.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
            };
        },
        stop: () => processes.forEach((child) => void child.kill()),
    };
}

async function ask(child: ChildProcess, task: LimitTask): Promise<LimitReport> {
    child.send(task);
    const [report] = await once(child, "message");
    return report as LimitReport;
}
