const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { waitForLock } = require("./lock");
const { readEngineVersion, unfitVersion, version } = require("./engineVersion");
const { SetupError } = require("./setupError");

/** @typedef {import("./setupContext").SetupContext} SetupContext */

/**
 * The folder outside the project where we keep what we obtain; `edge local reset --all` removes it.
 * @param {NodeJS.ProcessEnv} env
 */
function cacheFolder(env) {
    const { XDG_CACHE_HOME: base = "" } = env;
    // The XDG specification has a relative path ignored.
    return path.join(path.isAbsolute(base) ? base : path.join(os.homedir(), ".cache"), "edge-classifier");
}

/**
 * Where the engine lies once obtained: this folder holds bin/pulumi.
 * @param {NodeJS.ProcessEnv} env
 */
function engineFolder(env) {
    return path.join(cacheFolder(env), "pulumi", version);
}

/**
 * Has `make(workFolder)` put an engine below a work folder and answer the folder that holds its bin/pulumi, tries
 * that engine, and moves it into the cache as a whole. Whatever happens, nothing half is left there. Set-ups of other
 * clones share the cache: one at a time obtains the engine, and the others find it there.
 * @param {SetupContext} context
 * @param {(workFolder: string) => Promise<string>} make
 * @param {(line: string) => void} onLine
 */
async function keepEngine({ env, signal }, make, onLine) {
    const target = engineFolder(env);
    const parent = path.dirname(target);
    const releaseLock = await waitForLock(path.join(parent, ".lock"), {
        signal,
        onWait: ({ pid }) => onLine(`waiting for the set-up of another clone (process ${pid})`),
    });
    const workFolder = path.join(parent, `.partial-${process.pid}`);
    try {
        if (hasEngine(target)) return;
        removeAbandoned(parent);
        fs.mkdirSync(workFolder);
        const made = await make(workFolder);
        const found = await readEngineVersion(path.join(made, "bin", "pulumi"), { env, signal });
        const unfit = unfitVersion(found, true);
        if (unfit) throw new SetupError(`the engine obtained ${unfit}`);
        fs.rmSync(target, { recursive: true, force: true });
        fs.renameSync(made, target);
    } finally {
        fs.rmSync(workFolder, { recursive: true, force: true });
        releaseLock();
    }
}

/**
 * Removes the work folders of set-ups that were killed: whoever holds the lock is the only one that works here.
 * @param {string} parent
 */
function removeAbandoned(parent) {
    for (const name of fs.readdirSync(parent)) {
        if (name.startsWith(".partial-")) fs.rmSync(path.join(parent, name), { recursive: true });
    }
}

/**
 * Whether `folder` holds an executable, non-empty bin/pulumi.
 * @param {string} folder
 */
function hasEngine(folder) {
    return isExecutable(path.join(folder, "bin", "pulumi"));
}

/** @param {string} file */
function isExecutable(file) {
    try {
        const stat = fs.statSync(file, { throwIfNoEntry: false });
        return stat?.isFile() === true && stat.size > 0 && (stat.mode & 0o111) !== 0;
    } catch {
        // What this user may not look at, such as another's folder on PATH, nobody can run either.
        return false;
    }
}

module.exports = { cacheFolder, engineFolder, hasEngine, isExecutable, keepEngine };
