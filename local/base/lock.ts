import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { identify, isRunning, type ProcessIdentity } from "./processIdentity";

/**
 * Makes this process the holder of `file`, taking it over from a process that is gone. Returns the release; undefined
 * when another process holds it.
 */
export function takeLock(file: string): (() => void) | undefined {
    const self = JSON.stringify(identify(process.pid));
    for (;;) {
        try {
            writeFileSync(file, self, { flag: "wx", mode: 0o600 });
            return () => rmSync(file, { force: true });
        } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
        }
        const holder = lockHolder(file);
        if (holder) return undefined;
        rmSync(file, { force: true });
    }
}

/** The living process that holds `file`. */
export function lockHolder(file: string): ProcessIdentity | undefined {
    try {
        const holder = JSON.parse(readFileSync(file, "utf8")) as ProcessIdentity;
        return isRunning(holder) ? holder : undefined;
    } catch {
        // Missing, or cut off by a crash while it was written: nobody holds it.
        return undefined;
    }
}
