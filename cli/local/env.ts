import type { Command } from "commander";
import { shellLines } from "../../local/engine/environment";
import { openLocalStack } from "../../local/localStack";
import { type CommonOptions, commandContext, engineFolder, namedStack, withCommonOptions } from "../context";

/** Adds `edge local env`. */
export function addEnv(local: Command): void {
    withCommonOptions(local.command("env"))
        .addHelpText("after", '\nExample: eval "$(npm run -s edge -- local env)"')
        .action(env);
}

async function env(options: CommonOptions): Promise<void> {
    const context = commandContext(options, process);
    const stack = namedStack(context, options);
    const { environment } = await openLocalStack(stack, engineFolder(context), context.env);
    if (context.json) context.writeJson(environment);
    else context.writeLine(shellLines(environment));
}
