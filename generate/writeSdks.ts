import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { providerSchema } from "../infra/provider/providerSchema";
import { packageName } from "../infra/provider/token";
import { goTool } from "../setup/goTool";
import { onInterrupt } from "../setup/interrupt";
import { endWithSentence } from "../setup/output";
import { createProgress } from "../setup/progress";
import { SetupError } from "../setup/setupError";

endWithSentence(process);

/** Writes the SDKs of the provider to `sdk/`, which git ignores: they come from the schema and nothing else. */
const project = join(__dirname, "..");
const output = join(project, "sdk");

async function run(file: string, args: readonly string[], input: string): Promise<void> {
    const child = spawn(file, args, { cwd: project, stdio: ["pipe", "inherit", "inherit"] });
    child.stdin.end(input);
    const [exitCode] = await once(child, "close");
    if (exitCode !== 0) throw new SetupError(`The command ${file} ${args.join(" ")} ended with ${exitCode}.`);
}

async function writeSdks(): Promise<void> {
    const { signal } = onInterrupt();
    const { env, stdout } = process;
    const progress = createProgress(stdout, env);
    const tool = {
        folder: "generate/sdk",
        name: "sdk",
        takes: "about 20 s, once, or 2 minutes without the engine's build",
    };
    const generator = await goTool({ root: project, env, progress, signal }, tool);
    const fresh = join(project, ".local", "sdk");
    rmSync(fresh, { recursive: true, force: true });
    mkdirSync(fresh, { recursive: true });
    await run(generator, [fresh], JSON.stringify(providerSchema()));
    // A package is used as JavaScript, and looks for its own version beside it.
    await run(process.execPath, ["node_modules/typescript/bin/tsc", "-p", join(fresh, "nodejs")], "");
    copyFileSync(join(fresh, "nodejs/package.json"), join(fresh, "nodejs/bin/package.json"));
    rmSync(output, { recursive: true, force: true });
    renameSync(fresh, output);
    progress.done(`SDKs of ${packageName}`, "sdk/nodejs, sdk/python, sdk/go");
}

writeSdks().catch((error: Error) => {
    process.stderr.write(`${error instanceof SetupError ? error.message : error.stack}\n`);
    process.exitCode = 1;
});
