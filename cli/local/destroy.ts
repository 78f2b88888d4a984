import type { Command } from "commander";
import { commandContext, namedStack, withCommonOptions } from "../context";
import { type FaultsOptions, keepFaults, withFaultsOption } from "./runtimeOptions";
import { localDestroy } from "./update";

/** Adds `edge local destroy`. */
export function addDestroy(local: Command): void {
    withFaultsOption(withCommonOptions(local.command("destroy")))
        .addHelpText("after", "\nExample: npm run edge -- local destroy")
        .action(destroy);
}

async function destroy(options: FaultsOptions): Promise<void> {
    const context = commandContext(options, process);
    const stack = namedStack(context, options);
    keepFaults(stack, options);
    const { changes } = await localDestroy(context, stack);
    if (context.json) context.writeJson({ stack: stack.stack, changes });
}
