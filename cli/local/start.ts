import type { Command } from "commander";
import { openLocalStack } from "../../local/localStack";
import { commandContext, engineFolder, namedStack, withCommonOptions } from "../context";
import { keepRuntimeSettings, type RuntimeOptions, withRuntimeOptions } from "./runtimeOptions";

/** Adds `edge local start`. */
export function addStart(local: Command): void {
    withRuntimeOptions(withCommonOptions(local.command("start")))
        .addHelpText("after", "\nExample: npm run edge -- local start")
        .action(start);
}

async function start(options: RuntimeOptions): Promise<void> {
    const context = commandContext(options, process);
    const stack = namedStack(context, options);
    keepRuntimeSettings(stack, options, context.env.DOCKER_HOST);
    const { endpoints } = await openLocalStack(stack, engineFolder(context), context.env);
    if (context.json) context.writeJson({ stack: stack.stack, pid: endpoints.pid });
    else context.writeLine(`The local Azure of stack ${stack.stack} runs as process ${endpoints.pid}.`);
}
