const { execFileSync } = require("node:child_process");
const { readFileSync } = require("node:fs");

/**
 * A process that cannot be mistaken for a later one of the same number.
 * @typedef {object} ProcessIdentity
 * @property {number} pid
 * @property {string} start When the kernel started it, as the kernel words it.
 */

/**
 * Says who is running under `pid` now; undefined when nobody is.
 * @param {number} pid
 * @returns {ProcessIdentity | undefined}
 */
function identify(pid) {
    const start = process.platform === "linux" ? linuxStart(pid) : posixStart(pid);
    return start === undefined ? undefined : { pid, start };
}

/**
 * True while the very same process runs.
 * @param {ProcessIdentity} identity
 */
function isRunning(identity) {
    return identify(identity.pid)?.start === identity.start;
}

/**
 * Field 22 of /proc/PID/stat, in clock ticks since boot; a zombie has ended.
 * @param {number} pid
 */
function linuxStart(pid) {
    try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        // The second field is the program's name in parentheses, which may hold spaces and parentheses itself.
        const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return fields[0] === "Z" ? undefined : fields[19];
    } catch (error) {
        const { code } = /** @type {NodeJS.ErrnoException} */ (error);
        if (code === "ENOENT" || code === "ESRCH") return undefined;
        throw error;
    }
}

/** @param {number} pid */
function posixStart(pid) {
    try {
        // The time is of a zone and in a language: two processes must word it alike to be of one opinion.
        const options = { encoding: /** @type {const} */ ("utf8"), env: { LC_ALL: "C", TZ: "UTC0" } };
        const args = ["-o", "stat=", "-o", "lstart=", "-p", String(pid)];
        const [, state, start] = /^(\S+)\s+(.*\S)/.exec(execFileSync("/bin/ps", args, options)) ?? [];
        return state?.startsWith("Z") ? undefined : start;
    } catch {
        // ps ends with 1 when there is no such process.
        return undefined;
    }
}

module.exports = { identify, isRunning };
