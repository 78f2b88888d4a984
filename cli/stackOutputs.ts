import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { type CommandContext, engineFolder } from "./context";
import { CommandError, exitCodes } from "./exitCodes";

/** The outputs of a stack, as plain Pulumi with the caller's login tells them; secret ones stay masked. */
export async function stackOutputs(context: CommandContext, stack: string): Promise<Record<string, unknown>> {
    const pulumi = join(engineFolder(context), "bin/pulumi");
    const args = ["stack", "output", "--json", "--non-interactive", "--stack", stack];
    try {
        const { stdout } = await promisify(execFile)(pulumi, args, {
            cwd: context.project,
            env: { ...context.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
        });
        return JSON.parse(stdout) as Record<string, unknown>;
    } catch (cause) {
        const { stderr = "" } = cause as { stderr?: string };
        throw new CommandError(
            exitCodes.notFound,
            `Expected the outputs of stack ${stack}, found: ${engineError(stderr)}. ` +
                "Bring it up with pulumi up, or name what is needed by flags: see --help.",
            { cause },
        );
    }
}

/** The engine's error; what it advises beside it, of a newer version for one, comes before or after. */
function engineError(stderr: string): string {
    const lines = stderr.trim().split("\n");
    return lines.find((line) => line.startsWith("error: ")) ?? (lines.at(-1) || "none");
}
