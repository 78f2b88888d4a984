import type { Command } from "commander";
import { commandContext, namedStack, withCommonOptions } from "../context";
import { keepRuntimeSettings, type RuntimeOptions, withRuntimeOptions } from "./runtimeOptions";
import { localUp } from "./update";

/** Adds `edge local up`. */
export function addUp(local: Command): void {
    withRuntimeOptions(withCommonOptions(local.command("up")))
        .addHelpText("after", "\nExample: npm run edge -- local up")
        .action(up);
}

async function up(options: RuntimeOptions): Promise<void> {
    const context = commandContext(options, process);
    const stack = namedStack(context, options);
    keepRuntimeSettings(stack, options, context.env.DOCKER_HOST);
    const { changes, outputs } = await localUp(context, stack);
    if (context.json) context.writeJson({ stack: stack.stack, changes, outputs });
    else
        for (const [name, value] of Object.entries(outputs))
            context.writeLine(`  ${name.padEnd(20)} ${value}`);
}
