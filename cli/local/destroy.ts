import type { Command } from "commander";
import { removeFromEngine } from "../../local/removeFromEngine";
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
    // The image's own deletion asks for no engine, as the genuine provider's does not.
    const left = await removeFromEngine(stack.azure, context.env.DOCKER_HOST);
    if (left.length > 0) {
        context.progress.say(
            "Warning: the Docker engine, which does not answer or needs them, keeps images that were built for this " +
                `stack: ${left.join(" ")}. Start Docker and repeat: npm run edge -- local destroy --stack ${stack.stack}`,
        );
    }
    if (context.json) context.writeJson({ stack: stack.stack, changes });
}
