const { spawn } = require("node:child_process");
const { createInterface } = require("node:readline");
const { SetupError } = require("./setupError");

/** @typedef {import("node:child_process").ChildProcess} ChildProcess */

const keptLines = 15;
const graceMs = 3_000;

/**
 * Runs a tool in a process group of its own, so that an interrupt ends it with all its children, and answers its
 * standard output. `onLine` gets each line of both its streams. A failure is a SetupError that shows the last lines
 * and `repeat`, the command to type to see it again.
 * @param {string} file
 * @param {readonly string[]} args
 * @param {object} options
 * @param {string} options.cwd
 * @param {NodeJS.ProcessEnv} options.env
 * @param {AbortSignal} options.signal
 * @param {(line: string) => void} [options.onLine]
 * @param {string} options.repeat
 */
async function runTool(file, args, { cwd, env, signal, onLine = () => {}, repeat }) {
    signal.throwIfAborted();
    const child = spawn(file, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    /** @type {string[]} */
    const stdout = [];
    /** @type {string[]} */
    const tail = [];
    const listen = (/** @type {import("node:stream").Readable} */ stream) =>
        createInterface({ input: stream }).on("line", (line) => {
            if (stream === child.stdout) stdout.push(line);
            if (line.trim() === "") return;
            onLine(line.trim());
            tail.push(line);
            if (tail.length > keptLines) tail.shift();
        });
    listen(child.stdout);
    listen(child.stderr);

    /** @type {NodeJS.Timeout | undefined} */
    let hardStop;
    const stop = () => {
        killGroup(child, "SIGTERM");
        hardStop = setTimeout(() => killGroup(child, "SIGKILL"), graceMs);
    };
    signal.addEventListener("abort", stop);
    try {
        const { code, killedBy } = await ended(child, file);
        signal.throwIfAborted();
        if (code === 0) return stdout.join("\n");
        const how = killedBy ? `was ended by ${killedBy}` : `failed with exit code ${code}`;
        const said =
            tail.length === 0
                ? ["It said nothing."]
                : ["It said last:", ...tail.map((line) => `    ${line}`)];
        throw new SetupError(
            [`The command "${repeat}" ${how}.`, ...said, "Repeat it alone to see all."].join("\n"),
        );
    } finally {
        signal.removeEventListener("abort", stop);
        clearTimeout(hardStop);
    }
}

/**
 * @param {ChildProcess} child
 * @param {string} file
 * @returns {Promise<{ code: number | null, killedBy: NodeJS.Signals | null }>}
 */
function ended(child, file) {
    return new Promise((resolve, reject) => {
        child.once("error", (/** @type {NodeJS.ErrnoException} */ error) => {
            const notThere = error.code === "ENOENT";
            reject(notThere ? new SetupError(`Expected ${file} on PATH and found none: install it.`) : error);
        });
        child.once("close", (code, killedBy) => resolve({ code, killedBy }));
    });
}

/**
 * @param {ChildProcess} child
 * @param {NodeJS.Signals} name
 */
function killGroup(child, name) {
    if (child.pid === undefined) return;
    try {
        process.kill(-child.pid, name);
    } catch (error) {
        if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ESRCH") throw error;
    }
}

module.exports = { runTool };
