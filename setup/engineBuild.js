const path = require("node:path");
const { version } = require("./engineVersion");
const { goInstall } = require("./goInstall");

/** @typedef {import("./setupContext").SetupContext} SetupContext */

/**
 * Builds the engine below `workFolder` from the Go tool that `local/engine/go.mod` declares. It lacks the language hosts
 * of Pulumi's own archive.
 * @param {SetupContext} context
 * @param {string} workFolder
 * @param {(line: string) => void} onLine
 */
async function buildEngine(context, workFolder, onLine) {
    const folder = path.join(workFolder, "engine");
    const stamp = `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${version}`;
    await goInstall(context, { folder: "local/engine", bin: path.join(folder, "bin"), stamp, onLine });
    return folder;
}

module.exports = { buildEngine };
