const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const { runTool } = require("./tool");

/** @typedef {import("./setupContext").SetupContext} SetupContext */

const packages = [
    { name: "root", folder: "." },
    { name: "classifier", folder: "classifier" },
];
// npm warns about engines and deprecations that nobody here can act on.
const npmArguments =
    "ci --ignore-scripts --include=dev --prefer-offline --no-audit --no-fund --loglevel=error".split(" ");

/**
 * Installs what the lock files say, where that is not there yet. `node_modules/.edge-setup` is written after a
 * complete install and says what it was made from; an interrupted install leaves none and is repeated.
 * @param {SetupContext} context
 */
async function installDependencies({ root, env, progress, signal }) {
    const missing = packages.filter(({ folder }) => readStamp(root, folder) !== installKey(root, folder));
    if (missing.length === 0) return;
    const step = progress.begin("Dependencies");
    try {
        for (const { name, folder } of missing) {
            step.doing(`npm ci in ${name}`, "about 30 s");
            fs.rmSync(stampFile(root, folder), { force: true });
            await runTool("npm", npmArguments, {
                cwd: path.join(root, folder),
                env,
                signal,
                onLine: step.latest,
                repeat: `npm --prefix ${folder} ${npmArguments.join(" ")}`,
            });
            fs.writeFileSync(stampFile(root, folder), installKey(root, folder));
        }
    } catch (error) {
        step.fail();
        throw error;
    }
    step.done(missing.map(({ name }) => name).join(", "));
}

/**
 * @param {string} root
 * @param {string} folder
 */
function stampFile(root, folder) {
    return path.join(root, folder, "node_modules", ".edge-setup");
}

/**
 * @param {string} root
 * @param {string} folder
 */
function readStamp(root, folder) {
    const file = stampFile(root, folder);
    return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : undefined;
}

/**
 * Changes with everything an install depends on: what is wanted, and the binaries this Node and machine can load.
 * @param {string} root
 * @param {string} folder
 */
function installKey(root, folder) {
    const read = (/** @type {string} */ name) => fs.readFileSync(path.join(root, folder, name), "utf8");
    // The dependencies alone: a new script in package.json is no reason to install again.
    const { dependencies, devDependencies, optionalDependencies, overrides } = JSON.parse(
        read("package.json"),
    );
    const wanted = JSON.stringify([dependencies, devDependencies, optionalDependencies, overrides]);
    const machine = [process.versions.modules, process.platform, process.arch];
    return createHash("sha256")
        .update([wanted, read("package-lock.json"), ...machine].join("\0"))
        .digest("hex");
}

module.exports = { installDependencies };
