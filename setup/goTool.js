const fs = require("node:fs");
const path = require("node:path");
const { cacheFolder, isExecutable } = require("./engineCache");
const { goInstall, goProblem } = require("./goInstall");
const { waitForLock } = require("./lock");
const { SetupError } = require("./setupError");
const { sourcesHash } = require("./sourcesHash");

/** @typedef {import("./setupContext").SetupContext} SetupContext */

/**
 * The Go tool that `folder/go.mod` declares, as an executable kept in the cache folder: built where this very source was
 * not built yet, which takes what `takes` says.
 * @param {SetupContext} context
 * @param {{ folder: string, name: string, takes: string }} tool `folder` is relative to the project.
 * @returns {Promise<string>}
 */
async function goTool(context, { folder, name, takes }) {
    const source = path.join(context.root, folder);
    const sources = fs.readdirSync(source).filter((file) => /^go\.(mod|sum)$|\.go$/.test(file));
    const parent = path.join(cacheFolder(context.env), "go-tools");
    const target = path.join(parent, `${name}-${sourcesHash(source, sources).slice(0, 16)}`);
    if (isExecutable(target)) return target;
    const problem = await goProblem(context);
    if (problem) {
        throw new SetupError(
            `Expected Go to build ${name} with, found ${problem}: install Go 1.26 or newer (https://go.dev/dl).`,
        );
    }
    const releaseLock = await waitForLock(path.join(parent, `.${name}.lock`), {
        signal: context.signal,
        onWait: ({ pid }) =>
            context.progress.say(`Waiting for another build of ${name} to end (process ${pid}).`),
    });
    const bin = path.join(parent, `.partial-${name}`);
    try {
        if (isExecutable(target)) return target;
        // A build that was killed has left its own.
        fs.rmSync(bin, { recursive: true, force: true });
        const step = context.progress.begin(`Go tool ${name}`);
        try {
            step.doing("building from its Go module", takes);
            await goInstall(context, { folder, bin, onLine: step.latest });
            fs.renameSync(path.join(bin, name), target);
        } catch (error) {
            step.fail();
            throw error;
        }
        step.done("built from its Go module, kept for the next time", "once");
        return target;
    } finally {
        fs.rmSync(bin, { recursive: true, force: true });
        releaseLock();
    }
}

module.exports = { goTool };
