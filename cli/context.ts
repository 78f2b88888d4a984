import { resolve } from "node:path";
import type { Command } from "commander";
import { type StackFolder, stackFolder } from "../local/engine/stackFolder";
import { createProgress, type Progress } from "../setup/progress";
import { CommandError, exitCodes } from "./exitCodes";

/** What every command gets: where it runs, how it shows progress and how it answers. */
export interface CommandContext {
    readonly project: string;
    readonly env: NodeJS.ProcessEnv;
    readonly json: boolean;
    /** It goes to standard error when the answer is a document, so that standard output holds nothing else. */
    readonly progress: Progress;
    /** Writes the one JSON document of `--json`. */
    writeJson(document: unknown): void;
    writeLine(line: string): void;
}

/** Options that every command takes. */
export interface CommonOptions {
    readonly json?: boolean;
    readonly stack?: string;
}

/** Adds `--stack` and `--json` to a command. */
export function withCommonOptions(command: Command): Command {
    return withJson(command.option("--stack <name>", "local stack to work on", "local"));
}

/** Adds `--stack` and `--json` to a command about a stack of the cloud. */
export function withCloudOptions(command: Command): Command {
    return withJson(command.option("--stack <name>", "stack to work on", "dev"));
}

function withJson(command: Command): Command {
    return command.option("--json", "answer with one JSON document; progress goes to standard error");
}

/** The context of a command from its options and the process it runs in. */
export function commandContext(
    options: CommonOptions,
    { env, stdout, stderr }: NodeJS.Process,
): CommandContext {
    const json = options.json ?? false;
    return {
        project: resolve(__dirname, ".."),
        env,
        json,
        progress: json
            ? createProgress(stderr, { ...env, EDGE_COLOR: undefined })
            : createProgress(stdout, env),
        writeJson: (document) => void stdout.write(`${JSON.stringify(document, null, 4)}\n`),
        writeLine: (line) => void stdout.write(`${line}\n`),
    };
}

/** The folder of the stack that `--stack` names; wrong usage when it cannot be a local one. */
export function namedStack(context: CommandContext, options: CommonOptions): StackFolder {
    try {
        return stackFolder(context.project, options.stack ?? "local", context.env);
    } catch (error) {
        if (error instanceof RangeError) throw new CommandError(exitCodes.usage, error.message);
        throw error;
    }
}

/** The folder that holds `bin/pulumi`, as the set-up found it. */
export function engineFolder(context: CommandContext): string {
    const folder = context.env.EDGE_PULUMI;
    if (folder) return folder;
    throw new CommandError(
        exitCodes.usage,
        "Expected EDGE_PULUMI to name the folder of the Pulumi engine, found none. Run the command through: npm run edge -- …",
    );
}
