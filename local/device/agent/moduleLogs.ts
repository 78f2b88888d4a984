/** One line of a module's log, as `GetModuleLogs` tells it in JSON. */
export interface LogEntry {
    id: string;
    stream: string;
    /** Severity as in syslog; 6 (information) where the line does not begin with `<N>`. */
    loglevel: number;
    /** When the line was written, where it says so. */
    timestamp?: string;
    text: string;
}

/** Which lines are wanted; times in milliseconds since 1970. */
export interface LogFilter {
    tail?: number;
    since?: number;
    until?: number;
    loglevel?: number;
    regex?: RegExp;
}

/**
 * The lines of a log that a filter lets through: level and expression first, then the last `tail` of them. A line without
 * a time of its own counts as written with the one before it.
 */
export function logEntries(
    id: string,
    log: string,
    { tail, since, until, loglevel, regex }: LogFilter,
): LogEntry[] {
    let last: string | undefined;
    const entries = log
        .split("\n")
        .filter((line) => line !== "")
        .map((text) => {
            last = timeOf(text) ?? last;
            return { id, stream: "stdout", loglevel: levelOf(text), ...(last && { timestamp: last }), text };
        })
        .filter(({ timestamp, ...entry }) => {
            const at = timestamp === undefined ? undefined : Date.parse(timestamp);
            return (
                (at === undefined || ((since ?? at) <= at && at <= (until ?? at))) &&
                entry.loglevel <= (loglevel ?? 7) &&
                (regex?.test(entry.text) ?? true)
            );
        });
    return tail === undefined ? entries : entries.slice(-tail);
}

/** Severity of a line. IoT Edge's own modules write `<6> 2026-11-25 21:00:00.000 +00:00 [INF] …`; ours write JSON or begin with a time. */
function levelOf(line: string): number {
    const [, level] = /^<([0-7])>/.exec(line) ?? [];
    return level === undefined ? 6 : Number(level);
}

function timeOf(line: string): string | undefined {
    const [, found] =
        /(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)? ?(?:Z|[+-]\d\d:?\d\d))/.exec(line.slice(0, 120)) ?? [];
    if (found === undefined || Number.isNaN(Date.parse(found))) return undefined;
    return new Date(found).toISOString();
}
