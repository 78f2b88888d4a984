const { spawn } = require("node:child_process");
const { once } = require("node:events");

/**
 * Runs Node with `args` in `root` on this process's own standard streams, and ends this process as it ended.
 * It finds the engine in EDGE_PULUMI (the folder that holds bin/pulumi), how that was found in EDGE_PULUMI_SOURCE,
 * the milliseconds the set-up took in EDGE_SETUP_MS, and the folder the user called from in INIT_CWD, as npm sets it.
 * @param {{ root: string, env: NodeJS.ProcessEnv }} context
 * @param {readonly string[]} args
 * @param {import("./engine").Engine} [engine]
 */
async function runCommand({ root, env: inherited }, args, engine) {
    /** @type {NodeJS.ProcessEnv} */
    const env = { INIT_CWD: process.cwd(), ...inherited };
    env.EDGE_SETUP_MS = String(Math.round(performance.now()));
    // Without an engine these must not be an outer run's.
    delete env.EDGE_PULUMI;
    delete env.EDGE_PULUMI_SOURCE;
    if (engine) Object.assign(env, { EDGE_PULUMI: engine.folder, EDGE_PULUMI_SOURCE: engine.source });

    const child = spawn(process.execPath, args, { cwd: root, env, stdio: "inherit" });
    passOnSignals(child);
    // Throws what the child failed to start with.
    const [code, signal] = await once(child, "close");
    if (signal) {
        process.removeAllListeners(signal);
        process.kill(process.pid, signal);
    } else {
        process.exitCode = code;
    }
}

/**
 * A terminal sends Ctrl-C to child and parent alike, and Pulumi takes a second one as "stop at once".
 * @param {import("node:child_process").ChildProcess} child
 */
function passOnSignals(child) {
    const onTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
    for (const name of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
        process.on(name, () => {
            if (name !== "SIGINT" || !onTerminal) child.kill(name);
        });
    }
}

module.exports = { runCommand };
