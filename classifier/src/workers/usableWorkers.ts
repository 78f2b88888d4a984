import { readFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";

/** Below this a second worker, some 80 MB with its network, would leave too little for images. */
const SMALL_MEMORY_BYTES = 512 * 1024 * 1024;

/** What decides how many images can be worked on side by side. */
export interface Machine {
    cores: number;
    /** The control group's `cpu.max`, such as `150000 100000`: microseconds of use per period, or `max`. */
    cpuMax?: string;
    memoryBytes: number;
}

/** One worker per core that this process may use, never less than one, and only one where memory is short. */
export function usableWorkers({ cores, cpuMax, memoryBytes }: Machine = thisMachine()): number {
    if (memoryBytes < SMALL_MEMORY_BYTES) {
        return 1;
    }
    const [quota, period] = (cpuMax ?? "").split(" ").map(Number);
    const limit = quota && period ? Math.floor(quota / period) : cores;
    return Math.max(1, Math.min(cores, limit));
}

function thisMachine(): Machine {
    return {
        cores: availableParallelism(),
        cpuMax: readCpuMax(),
        // 0 or a number beyond the machine's own where there is no limit.
        memoryBytes: Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem()),
    };
}

/** Node 20 does not look at control groups; later versions do, and then this says the same once more. */
function readCpuMax(): string | undefined {
    try {
        const group = /^0::(.*)$/m.exec(readFileSync("/proc/self/cgroup", "utf8"))?.[1] ?? "/";
        return readFileSync(`/sys/fs/cgroup${group}/cpu.max`, "utf8").trim();
    } catch {
        // No Linux, or no control group of the second version.
        return undefined;
    }
}
