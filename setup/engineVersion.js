const { execFile } = require("node:child_process");
const { promisify } = require("node:util");

/** The engine the project is tested with: the same version as the SDK in package.json. */
const version = "3.259.0";

/**
 * Why an engine that calls itself `found` will not do, or undefined if it will: it must be of our major and not
 * older than `version`; with `exact`, that very one. A pre-release counts as older than its release.
 * @param {string} found
 * @param {boolean} exact
 */
function unfitVersion(found, exact) {
    if (exact) return found === version ? undefined : `is ${found}, and the tests use exactly ${version}`;
    const parsed = /^(\d+)\.(\d+)\.(\d+)(-.+)?$/.exec(found);
    if (!parsed) return `calls itself "${found}", which is no version`;
    const numbers = (/** @type {string[]} */ parts) =>
        /** @type {[number, number, number]} */ (parts.map(Number));
    const [major, minor, patch] = numbers(parsed.slice(1, 4));
    const wanted = numbers(version.split("."));
    if (major !== wanted[0]) return `is ${found}, and major ${wanted[0]} is needed`;
    const order = minor - wanted[1] || patch - wanted[2] || (parsed[4] ? -1 : 0);
    return order < 0 ? `is ${found}, older than ${version}` : undefined;
}

/**
 * What `pulumi version` answers, without its leading "v"; throws what the call failed with.
 * @param {string} file
 * @param {{ env: NodeJS.ProcessEnv, signal: AbortSignal }} context
 */
async function readEngineVersion(file, { env, signal }) {
    const { stdout } = await promisify(execFile)(file, ["version"], {
        env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" },
        signal,
        timeout: 20_000,
    });
    return stdout.trim().replace(/^v/, "");
}

module.exports = { readEngineVersion, unfitVersion, version };
