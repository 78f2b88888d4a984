import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "./clock";

/** Opens the logs on a device's disk: a file for each module, for edgeAgent and for edgeHub. */
export function openDeviceLogs(folder: string, clock: Clock) {
    mkdirSync(join(folder, "logs"), { recursive: true, mode: 0o700 });
    const fileOf = (name: string) => join(folder, "logs", `${name}.log`);
    return {
        file: fileOf,
        /** Everything that was written to a log so far. */
        read: (name: string) => (existsSync(fileOf(name)) ? readFileSync(fileOf(name), "utf8") : ""),
        /** Returns a function that appends a line to a log, after the time. */
        writer: (name: string) => (line: string) => {
            appendFileSync(fileOf(name), `${new Date(clock.now()).toISOString()} ${line}\n`);
        },
    };
}
