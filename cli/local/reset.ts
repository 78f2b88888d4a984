import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { resetLocalStack } from "../../local/localStack";
import { cacheFolder } from "../../setup/engineCache";
import { type CommonOptions, commandContext, namedStack, withCommonOptions } from "../context";

/** Adds `edge local reset`. */
export function addReset(local: Command): void {
    withCommonOptions(local.command("reset"))
        .option("--all", "every local stack, and what the set-up keeps outside the project folder")
        .addHelpText("after", "\nExample: npm run edge -- local reset --all")
        .action(reset);
}

async function reset(options: CommonOptions & { all?: boolean }): Promise<void> {
    const context = commandContext(options, process);
    const named = options.all ? stacksOf(context.project).map((stack) => ({ stack })) : [options];
    const removed: string[] = [];
    for (const stack of named.map((one) => namedStack(context, one))) {
        const { wasThere, leftImages } = await resetLocalStack(stack, context.env.DOCKER_HOST);
        if (wasThere) removed.push(stack.stack);
        if (leftImages.length > 0) {
            context.progress.say(
                `Warning: left in the Docker engine of ${stack.stack}, which does not answer or needs them: ${leftImages.join(" ")}. ` +
                    "Remove them with: docker image rm …",
            );
        }
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

function stacksOf(project: string): string[] {
    const folder = join(project, ".local/stacks");
    // Not existsSync, to which what may not be looked at is not there.
    if (!statSync(folder, { throwIfNoEntry: false })) return [];
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
