import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** A process that cannot be mistaken for a later one of the same number. */
export interface ProcessIdentity {
    readonly pid: number;
    /** When the kernel started it, as the kernel words it. */
    readonly start: string;
}

/** Who is running under `pid` now; undefined when nobody is. */
export function identify(pid: number): ProcessIdentity | undefined {
    const start = process.platform === "linux" ? linuxStart(pid) : posixStart(pid);
    return start === undefined ? undefined : { pid, start };
}

/** True while the very same process runs. */
export function isRunning(identity: ProcessIdentity): boolean {
    return identify(identity.pid)?.start === identity.start;
}

/** Field 22 of /proc/PID/stat, in clock ticks since boot; a zombie has ended. */
function linuxStart(pid: number): string | undefined {
    try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        // The second field is the program's name in parentheses, which may hold spaces and parentheses itself.
        const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return fields[0] === "Z" ? undefined : fields[19];
    } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "ENOENT" || code === "ESRCH") return undefined;
        throw error;
    }
}

function posixStart(pid: number): string | undefined {
    try {
        return (
            execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim() || undefined
        );
    } catch {
        // ps ends with 1 when there is no such process.
        return undefined;
    }
}
