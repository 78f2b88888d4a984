import type { Command } from "commander";
import { stopLocalAzure } from "../../local/background";
import { type CommonOptions, commandContext, namedStack, withCommonOptions } from "../context";

/** Adds `edge local stop`. */
export function addStop(local: Command): void {
    withCommonOptions(local.command("stop"))
        .addHelpText("after", "\nExample: npm run edge -- local stop")
        .action(stop);
}

async function stop(options: CommonOptions): Promise<void> {
    const context = commandContext(options, process);
    const stack = namedStack(context, options);
    const stopped = await stopLocalAzure(stack);
    if (context.json) context.writeJson({ stack: stack.stack, stopped });
    else
        context.writeLine(
            stopped ? "Stopped the local Azure and its modules." : "The local Azure was not running.",
        );
}
