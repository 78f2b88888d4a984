const { execFile } = require("node:child_process");
const path = require("node:path");
const { promisify } = require("node:util");
const { version } = require("./engineVersion");
const { SetupError } = require("./setupError");
const { runTool } = require("./tool");

/** @typedef {import("./setupContext").SetupContext} SetupContext */

const oldestGo = { major: 1, minor: 26 };

/**
 * Why Go cannot build the engine here, or undefined if it can.
 * @param {Pick<SetupContext, "env" | "signal">} context
 */
async function goProblem({ env, signal }) {
    const wanted = `${oldestGo.major}.${oldestGo.minor}`;
    try {
        // Without GOTOOLCHAIN=local an old Go would fetch a newer one by itself.
        const options = { env: { ...env, GOTOOLCHAIN: "local" }, signal };
        const { stdout } = await promisify(execFile)("go", ["env", "GOVERSION"], options);
        const [, major = 0, minor = 0] = (/^go(\d+)\.(\d+)/.exec(stdout) ?? []).map(Number);
        const tooOld = major < oldestGo.major || (major === oldestGo.major && minor < oldestGo.minor);
        return tooOld ? `Go on PATH is ${stdout.trim()}, older than ${wanted}` : undefined;
    } catch (error) {
        signal.throwIfAborted();
        const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
        return code === "ENOENT" ? "no Go on PATH" : `Go on PATH does not run: ${message}`;
    }
}

/**
 * Builds the engine below `workFolder` from the Go tool that `local/engine/go.mod` declares, with its checksums in
 * go.sum. It lacks the language hosts of Pulumi's own archive. Go's module cache stays Go's own.
 * @param {SetupContext} context
 * @param {string} workFolder
 * @param {(line: string) => void} onLine
 */
async function buildEngine({ root, env, signal }, workFolder, onLine) {
    const problem = await goProblem({ env, signal });
    if (problem) throw new SetupError(problem);
    const stamp = `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${version}`;
    // The tags, -trimpath and CGO_ENABLED=0 are those of Pulumi's own release.
    const flags = [
        "-trimpath",
        "-buildvcs=false",
        "-tags",
        "osusergo,grpcnotrace",
        "-ldflags",
        `-s -w ${stamp}`,
    ];
    const folder = path.join(workFolder, "engine");
    await runTool("go", ["install", "-v", ...flags, "tool"], {
        cwd: path.join(root, "local", "engine"),
        env: {
            ...env,
            GOBIN: path.join(folder, "bin"),
            CGO_ENABLED: "0",
            GOFLAGS: "-mod=readonly",
            GOWORK: "off",
            GOTOOLCHAIN: "local",
            GOOS: "",
            GOARCH: "",
        },
        signal,
        onLine,
        repeat: "cd local/engine && go install -v tool",
    });
    return folder;
}

module.exports = { buildEngine };
