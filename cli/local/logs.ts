import { createReadStream, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Command } from "commander";
import { logFile } from "../../local/background";
import { type CommonOptions, commandContext, namedStack, withCommonOptions } from "../context";
import { CommandError, exitCodes } from "../exitCodes";

/** Adds `edge local logs`. */
export function addLogs(local: Command): void {
    withCommonOptions(local.command("logs"))
        .addHelpText("after", "\nExample: npm run edge -- local logs")
        .action(logs);
}

async function logs(options: CommonOptions): Promise<void> {
    const context = commandContext(options, process);
    const stack = namedStack(context, options);
    const files = [logFile(stack.azure), ...moduleLogs(stack.azure)].filter(isThere);
    if (files.length === 0)
        throw new CommandError(exitCodes.notFound, `Expected logs of stack ${stack.stack}, found none.`);
    if (context.json) return context.writeJson({ files });
    for (const file of files) {
        context.writeLine(`==> ${file}`);
        await pipeline(createReadStream(file), process.stdout, { end: false });
    }
}

/** Every module's output lies in `…/devices/HUB/DEVICE/logs`. */
function moduleLogs(azureFolder: string): string[] {
    const devices = join(azureFolder, "devices");
    if (!isThere(devices)) return [];
    return readdirSync(devices, { recursive: true, encoding: "utf8" })
        .filter((path) => /(^|\/)logs\/[^/]+\.log$/.test(path))
        .map((path) => join(devices, path));
}

/** Throws for what this user may not look at, which to existsSync is not there. */
function isThere(path: string): boolean {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
