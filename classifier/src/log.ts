/** The levels of a line, from what only a search for a fault needs to what someone should look at. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** One line of the log; its `level` is `info` if it has none. Never contents of images, keys or query strings. */
export type LogEntry = Record<string, unknown>;

export interface Log {
    /** Writes an entry as a line of JSON, with its time, if its level is to be shown. */
    write(entry: LogEntry): void;
    shows(level: LogLevel): boolean;
    setLevel(level: LogLevel): void;
    /** Shows everything, and at the next call what was shown before. */
    toggleDebug(): void;
}

/** A log that writes its lines with `print`. Shows `info` and above until it is told otherwise. */
export function createLog(print: (line: string) => void): Log {
    let chosen: LogLevel = "info";
    let debugging = false;
    const log: Log = {
        write(entry) {
            const { level = "info", ...rest } = entry;
            if (log.shows(level as LogLevel)) {
                print(`${JSON.stringify({ time: new Date().toISOString(), level, ...rest })}\n`);
            }
        },
        shows: (level) => debugging || LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(chosen),
        setLevel(level) {
            chosen = level;
        },
        toggleDebug() {
            debugging = !debugging;
            log.write({ level: "warn", event: "log level", now: debugging ? "debug" : chosen });
        },
    };
    return log;
}
