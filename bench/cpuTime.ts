import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";

const TICKS_PER_SECOND = 100;

/** Seconds of processor time and bytes of memory that a group of processes has used so far. */
export interface GroupUse {
    cpuSeconds: number;
    rssBytes: number;
}

/** What the process group that `leader` leads uses: a server with its workers. */
export function groupUse(leader: number): GroupUse {
    const use: GroupUse = { cpuSeconds: 0, rssBytes: 0 };
    for (const name of readdirSync("/proc")) {
        const fields = /^\d+$/.test(name) ? statFields(name) : undefined;
        if (fields && Number(fields[2]) === leader) {
            use.cpuSeconds += (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
            use.rssBytes += Number(fields[21]) * 4096;
        }
    }
    return use;
}

/** Bytes of memory that a process holds, and the most that it has held since {@link forgetPeak}. */
export function processMemory(pid: number): { rssBytes: number; peakBytes: number } {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]);
    return { rssBytes: kilobytes("VmRSS") * 1024, peakBytes: kilobytes("VmHWM") * 1024 };
}

/** Lets the peak of a process's memory begin anew. */
export function forgetPeak(pid: number): void {
    writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

/** Seconds that all processors of the machine were busy, stolen time included. */
export function busySeconds(): number {
    const [, user, nice, system, , , irq, softirq, steal] = (
        /^cpu .*$/m.exec(readFileSync("/proc/stat", "utf8"))?.[0] ?? ""
    )
        .split(/\s+/)
        .map(Number);
    const ticks = [user, nice, system, irq, softirq, steal].reduce<number>((sum, n) => sum + (n ?? 0), 0);
    return ticks / TICKS_PER_SECOND;
}

/** Seconds of this process and of the children that have ended. */
export function ownSeconds(): number {
    const fields = statFields("self") ?? [];
    return [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0) / TICKS_PER_SECOND;
}

export function describeMachine(): string {
    const [cpu] = cpus();
    return `${cpus().length} × ${cpu?.model.trim()}, ${process.platform} ${process.arch}, Node ${process.version}`;
}

/** The fields of /proc/PID/stat after the name, which may hold blanks; undefined for a process that is gone. */
function statFields(process: string): string[] | undefined {
    try {
        const text = readFileSync(`/proc/${process}/stat`, "utf8");
        return text.slice(text.lastIndexOf(")") + 2).split(" ");
    } catch {
        return undefined;
    }
}
