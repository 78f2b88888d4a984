const fs = require("node:fs");
const path = require("node:path");
const { sourcesHash } = require("./sourcesHash");
const { runTool } = require("./tool");

/** @typedef {import("./setupContext").SetupContext} SetupContext */

/** What is compiled to `<folder>/dist`, from which sources, and by which command (completed by an output folder). */
const packages = [
    {
        folder: "classifier",
        sources: ["src", "tsconfig.json", "package-lock.json"],
        file: "npm",
        args: ["--prefix", "classifier", "run", "--silent", "build", "--"],
        repeat: "npm --prefix classifier run build",
    },
];

/**
 * Compiles the packages that run as JavaScript, where `dist/.sources` does not hold the hash of the present sources.
 * The output is made in `.local/` and moved into place, so that `dist` is never a half of it.
 * @param {SetupContext} context
 */
async function compilePackages({ root, env, progress, signal }) {
    const stale = packages.filter(
        ({ folder, sources }) => readStamp(root, folder) !== keyOf(root, folder, sources),
    );
    if (stale.length === 0) return;
    const step = progress.begin("Compiled code");
    const workFolder = path.join(root, ".local", "compile");
    try {
        for (const { folder, sources, file, args, repeat } of stale) {
            step.doing(`compiling ${folder}`, "about 5 s");
            const fresh = path.join(workFolder, "dist");
            fs.rmSync(workFolder, { recursive: true, force: true });
            // The key of before: what is edited while the compiler runs shows as stale the next time.
            const key = keyOf(root, folder, sources);
            await runTool(file, [...args, "--outDir", fresh], {
                cwd: root,
                env,
                signal,
                onLine: step.latest,
                repeat,
            });
            fs.writeFileSync(path.join(fresh, ".sources"), key);
            putInPlace(fresh, path.join(root, folder, "dist"), path.join(workFolder, "replaced"));
        }
    } catch (error) {
        step.fail();
        throw error;
    } finally {
        fs.rmSync(workFolder, { recursive: true, force: true });
    }
    step.done(stale.map(({ folder }) => folder).join(", "));
}

/**
 * @param {string} fresh
 * @param {string} target
 * @param {string} replaced
 */
function putInPlace(fresh, target, replaced) {
    if (fs.existsSync(target)) fs.renameSync(target, replaced);
    fs.renameSync(fresh, target);
}

/**
 * @param {string} root
 * @param {string} folder
 */
function readStamp(root, folder) {
    const file = path.join(root, folder, "dist", ".sources");
    return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : undefined;
}

/**
 * @param {string} root
 * @param {string} folder
 * @param {string[]} sources
 */
function keyOf(root, folder, sources) {
    return sourcesHash(path.join(root, folder), sources);
}

module.exports = { compilePackages };
