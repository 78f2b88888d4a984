const os = require("node:os");
const path = require("node:path");
const { buildEngine } = require("./engineBuild");
const { cacheFolder, engineFolder, hasEngine, isExecutable, keepEngine } = require("./engineCache");
const { downloadEngine } = require("./engineDownload");
const { readEngineVersion, unfitVersion, version } = require("./engineVersion");
const { SetupError } = require("./setupError");

/** @typedef {import("./setupContext").SetupContext} SetupContext */

/**
 * An engine: `folder` holds bin/pulumi, `source` says in a few words where it is from.
 * @typedef {{ folder: string, version: string, source: string, reason?: undefined }} Engine
 */
/**
 * Why a way gave no engine; `unfit` where there is one that will not do.
 * @typedef {{ reason: string, unfit?: boolean, folder?: undefined }} NoEngine
 */

/** @type {((context: SetupContext, exact: boolean) => Promise<Engine | NoEngine>)[]} They are tried in this order. */
const waysToFind = [onPath, inPulumiHome, inCache];
const waysToObtain = [
    {
        make: downloadEngine,
        doing: "downloading Pulumi's own archive",
        did: "downloaded from Pulumi",
        takes: "about 30 s, once",
    },
    {
        make: buildEngine,
        doing: "building from its Go module",
        did: "built from its Go module",
        takes: "about 3 minutes, once",
    },
];

/**
 * Finds or obtains the Pulumi engine. With `exactEngine` only the version the project is tested with will do; `terse`
 * says nothing of an engine found.
 * @param {SetupContext} context
 * @param {{ exactEngine?: boolean, terse?: boolean }} options
 * @returns {Promise<Engine>}
 */
async function findEngine(context, { exactEngine = false, terse = false }) {
    /** @type {NoEngine[]} */
    const reasons = [];
    for (const way of waysToFind) {
        const found = await way(context, exactEngine);
        if (found.folder !== undefined) {
            const passedBy = reasons.filter(({ unfit }) => unfit).map(({ reason }) => `; ${reason}`);
            const detail = found.source + passedBy.join("");
            if (!terse) context.progress.done(`Pulumi engine ${found.version}`, detail);
            return found;
        }
        reasons.push(found);
    }
    return await obtainEngine(context, reasons);
}

/**
 * @param {SetupContext} context
 * @param {NoEngine[]} reasons
 * @returns {Promise<Engine>}
 */
async function obtainEngine(context, reasons) {
    const step = context.progress.begin(`Pulumi engine ${version}`);
    const failures = [];
    for (const { make, doing, did, takes } of waysToObtain) {
        step.doing(doing, takes);
        try {
            await keepEngine(context, (workFolder) => make(context, workFolder, step.latest), step.latest);
            const source = `${did}, kept in ${tilde(cacheFolder(context.env))}`;
            step.done(source, "once");
            return { folder: engineFolder(context.env), version, source };
        } catch (error) {
            if (context.signal.aborted) {
                step.fail();
                throw error;
            }
            failures.push({ doing, message: /** @type {Error} */ (error).message });
        }
    }
    step.fail();
    throw noEngine(reasons, failures);
}

/**
 * @param {NoEngine[]} reasons
 * @param {{ doing: string, message: string }[]} failures
 */
function noEngine(reasons, failures) {
    // What a tool said last follows the sentence.
    const said = failures.map(({ doing, message }) => {
        const [first = "", ...rest] = message.split("\n");
        return { reason: `${doing}: ${first.replace(/\.$/, "")}`, rest };
    });
    const tried = [...reasons, ...said].map(({ reason }) => reason);
    const details = said.flatMap(({ rest }) => rest);
    const sentence =
        `Expected a Pulumi engine and could neither find nor obtain one (${tried.join("; ")}): install Pulumi ` +
        `${version} (https://www.pulumi.com/docs/install) or Go 1.26 or newer (https://go.dev/dl), then repeat the command.`;
    return new SetupError([sentence, ...details].join("\n"));
}

/**
 * @param {SetupContext} context
 * @param {boolean} exact
 * @returns {Promise<Engine | NoEngine>}
 */
async function onPath({ env, signal }, exact) {
    const folders = (env.PATH ?? "").split(path.delimiter).filter(path.isAbsolute);
    const file = folders.map((folder) => path.join(folder, "pulumi")).find(isExecutable);
    if (!file) return { reason: "no pulumi on PATH" };
    const unfit = (/** @type {string} */ why) => ({ reason: `${tilde(file)} on PATH ${why}`, unfit: true });
    // Its users are given the folder above bin/, as Pulumi's own Automation API wants it.
    if (path.basename(path.dirname(file)) !== "bin") return unfit("does not lie in a folder named bin");
    try {
        const found = await readEngineVersion(file, { env, signal });
        const why = unfitVersion(found, exact);
        if (why) return unfit(why);
        return { folder: path.dirname(path.dirname(file)), version: found, source: "found on PATH" };
    } catch (error) {
        signal.throwIfAborted();
        return unfit(`does not run: ${/** @type {Error} */ (error).message.split("\n")[0]}`);
    }
}

/** @returns {Promise<Engine | NoEngine>} */
async function inPulumiHome() {
    const folder = path.join(os.homedir(), ".pulumi", "versions", version);
    if (!hasEngine(folder)) return { reason: `none in ${tilde(folder)}` };
    return { folder, version, source: `found in ${tilde(path.dirname(folder))}` };
}

/**
 * @param {SetupContext} context
 * @returns {Promise<Engine | NoEngine>}
 */
async function inCache({ env }) {
    const folder = engineFolder(env);
    if (!hasEngine(folder)) return { reason: `none in ${tilde(folder)}` };
    return { folder, version, source: `kept in ${tilde(cacheFolder(env))}` };
}

/** @param {string} file */
function tilde(file) {
    const home = os.homedir();
    return file.startsWith(home + path.sep) ? `~${file.slice(home.length)}` : file;
}

module.exports = { findEngine };
