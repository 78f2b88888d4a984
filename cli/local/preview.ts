import type { Command } from "commander";
import { openEngine } from "../../local/engine/engine";
import { openLocalStack } from "../../local/localStack";
import { type CommonOptions, commandContext, engineFolder, namedStack, withCommonOptions } from "../context";
import { CommandError, exitCodes } from "../exitCodes";

/** Adds `edge local preview`. */
export function addPreview(local: Command): void {
    withCommonOptions(local.command("preview"))
        .addHelpText("after", "\nExample: npm run -s edge -- local preview --json")
        .action(preview);
}

/** Shows Pulumi's own display, or its own preview document. */
async function preview(options: CommonOptions): Promise<void> {
    const context = commandContext(options, process);
    const stack = namedStack(context, options);
    const engines = engineFolder(context);
    const { environment } = await openLocalStack(stack, engines, context.env);
    const engine = await openEngine(stack, engines, environment, context.env);
    const exitCode = await engine.run(["preview", context.json ? "--json" : "--diff"]);
    if (exitCode !== 0)
        throw new CommandError(exitCodes.failed, "The preview failed; the reason stands above.");
}
