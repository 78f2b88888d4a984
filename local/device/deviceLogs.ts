import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "./clock";

/** The logs on a device's disk: a file for each module, for edgeAgent and for edgeHub. */
export interface DeviceLogs {
    file(name: string): string;
    /** Everything that was written to a log so far. */
    read(name: string): string;
    /** Returns a function that appends a line to a log, after the time. */
    writer(name: string): (line: string) => void;
}

/** Opens the logs of the device whose disk is `folder`. */
export function openDeviceLogs(folder: string, clock: Clock): DeviceLogs {
    mkdirSync(join(folder, "logs"), { recursive: true, mode: 0o700 });
    const fileOf = (name: string) => join(folder, "logs", `${name}.log`);
    return {
        file: fileOf,
        read: (name) => (existsSync(fileOf(name)) ? readFileSync(fileOf(name), "utf8") : ""),
        writer: (name) => (line) => {
            appendFileSync(fileOf(name), `${new Date(clock.now()).toISOString()} ${line}\n`);
        },
    };
}
