/** An error as Node and its tools write one: its name, and what it says. */
const named = /^(?:Uncaught )?(?:[A-Z]\w*)?(?:Error|Exception)(?: \[\w+\])?: (.*)$/;
/** How the local Azure itself begins the line of what it ends with. */
export const failed = "failed: ";

/**
 * What a log says first of what went wrong; a crash goes on with stacks, sources and versions, so that its last line says
 * nothing. Where no line is an error, the last one that says anything; undefined where there is none.
 */
export function firstError(log: string): string | undefined {
    const lines = log.split("\n").map((line) => line.replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z /, "").trimEnd());
    for (const [index, line] of lines.entries()) {
        const message = line.startsWith(failed)
            ? line.slice(failed.length)
            : (named.exec(line)?.[1] ?? fatal(line));
        // Such as "Transform failed with 1 error:", and then which.
        if (message !== undefined)
            return message.endsWith(":") ? `${message} ${lines[index + 1]?.trim()}` : message;
    }
    return lines.findLast((line) => line !== "" && !/^(\(node:|Node\.js v|\s)/.test(line));
}

/** The memory that ran out, or a library or an option that Node cannot take. */
function fatal(line: string): string | undefined {
    const kinds =
        /^(?:\S+: )??(FATAL ERROR: .+|bad option: .+|.+ is not allowed in NODE_OPTIONS|error while loading .+)$/;
    return kinds.exec(line)?.[1];
}
