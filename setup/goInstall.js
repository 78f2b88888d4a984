const { execFile } = require("node:child_process");
const path = require("node:path");
const { promisify } = require("node:util");
const { SetupError } = require("./setupError");
const { runTool } = require("./tool");

/** @typedef {import("./setupContext").SetupContext} SetupContext */

const oldestGo = { major: 1, minor: 26 };

/**
 * Why Go cannot build a tool here, or undefined if it can.
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
 * Builds into `bin` the tool that `folder/go.mod` declares, with its checksums in go.sum. Go's module cache stays Go's
 * own; all tools are compiled alike, so that its build cache serves one with what another has compiled.
 * @param {SetupContext} context
 * @param {object} options
 * @param {string} options.folder Relative to the project.
 * @param {string} options.bin
 * @param {string} [options.stamp] What the linker writes into the tool.
 * @param {(line: string) => void} [options.onLine]
 */
async function goInstall({ root, env, signal }, { folder, bin, stamp, onLine }) {
    const problem = await goProblem({ env, signal });
    if (problem) throw new SetupError(problem);
    // The tags, -trimpath and CGO_ENABLED=0 are those of Pulumi's own release.
    const flags = ["-trimpath", "-buildvcs=false", "-tags", "osusergo,grpcnotrace", "-ldflags"];
    await runTool("go", ["install", "-v", ...flags, ["-s -w", stamp].filter(Boolean).join(" "), "tool"], {
        cwd: path.join(root, folder),
        env: {
            ...env,
            GOBIN: bin,
            CGO_ENABLED: "0",
            GOFLAGS: "-mod=readonly",
            GOWORK: "off",
            GO111MODULE: "on",
            GOTOOLCHAIN: "local",
            GOOS: "",
            GOARCH: "",
        },
        signal,
        onLine,
        repeat: `cd ${folder} && go install -v tool`,
    });
}

module.exports = { goInstall, goProblem };
