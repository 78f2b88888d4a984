const { spawn } = require("node:child_process");
const { createInterface } = require("node:readline");
const { SetupError } = require("./setupError");

const keptLines = 15;
const graceMs = 3_000;

/**
 * Runs a tool in a process group of its own, so that an interrupt ends it with all its children, and answers its
 * standard output. `onLine` gets each line of both its streams. A failure is a SetupError that shows the last lines
 * and `repeat`, the command to type to see it again.
 */
async function runTool(file, args, { cwd, env, signal, onLine = () => {}, repeat }) {
    signal.throwIfAborted();
    const child = spawn(file, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    const stdout = [];
    const tail = [];
    const listen = (stream, more = () => {}) =>
        createInterface({ input: stream }).on("line", (line) => {
            more(line);
            if (line.trim() === "") return;
            onLine(line.trim());
            tail.push(line);
            if (tail.length > keptLines) tail.shift();
        });
    listen(child.stdout, (line) => stdout.push(line));
    listen(child.stderr);

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

function ended(child, file) {
    return new Promise((resolve, reject) => {
        child.once("error", (error) => {
            const notThere = error.code === "ENOENT";
            reject(notThere ? new SetupError(`Expected ${file} on PATH and found none: install it.`) : error);
        });
        child.once("close", (code, killedBy) => resolve({ code, killedBy }));
    });
}

function killGroup(child, name) {
    if (child.pid === undefined) return;
    try {
        process.kill(-child.pid, name);
    } catch (error) {
        if (error.code !== "ESRCH") throw error;
    }
}

module.exports = { runTool };
