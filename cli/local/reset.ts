import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { stackFolder } from "../../local/engine/stackFolder";
import { resetLocalStack } from "../../local/localStack";
import { cacheFolder } from "../../setup/engineCache";
import { type CommonOptions, commandContext, withCommonOptions } from "../context";

/** Adds `edge local reset`. */
export function addReset(local: Command): void {
    withCommonOptions(local.command("reset"))
        .option("--all", "every local stack, and what the set-up keeps outside the project folder")
        .addHelpText("after", "\nExample: npm run edge -- local reset --all")
        .action(reset);
}

async function reset(options: CommonOptions & { all?: boolean }): Promise<void> {
    const context = commandContext(options, process);
    const stacks = join(context.project, ".local/stacks");
    const names = options.all && existsSync(stacks) ? readdirSync(stacks) : [options.stack ?? "local"];
    const removed: string[] = [];
    for (const name of names) {
        if (await resetLocalStack(stackFolder(context.project, name, context.env))) removed.push(name);
    }
    if (options.all) rmSync(cacheFolder(context.env), { recursive: true, force: true });
    if (context.json) context.writeJson({ removed, cache: options.all === true });
    else
        context.writeLine(
            removed.length > 0
                ? `Removed the local stack ${removed.join(", ")}.`
                : "There was nothing to remove.",
        );
}
