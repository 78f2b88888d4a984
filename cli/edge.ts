import { Command, CommanderError } from "commander";
import { endWithOutput } from "../setup/output";
import { useProxies } from "../setup/proxies";
import { isWrongPath, systemErrorText } from "../setup/systemError";
import { tidyEnvironment } from "../setup/tidyEnvironment";
import { commands } from "./commands";
import { CommandError, exitCodes } from "./exitCodes";

/** `edge`, the operator's command: thin commands over the rooms of the project. */
async function main(argv: string[]): Promise<number> {
    const program = new Command("edge")
        .description(
            "An ONNX image classifier on an Azure IoT Edge device, from a folder to a verified module.",
        )
        .usage("<command> [options]   (in a clone: npm run edge -- <command> [options])")
        .addHelpText("after", exitCodeHelp)
        .exitOverride()
        .configureOutput({ writeErr: (text) => void process.stderr.write(text) });
    addCommands(program, argv.slice(2));
    for (const command of program.commands) overrideExit(command);
    try {
        await program.parseAsync(argv);
        return exitCodes.done;
    } catch (error) {
        if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
        console.error(systemErrorText(error) ?? (error instanceof Error ? error.message : error));
        if (error instanceof CommandError) return error.exitCode;
        return isWrongPath(error) ? exitCodes.usage : exitCodes.failed;
    }
}

const exitCodeHelp = `
Exit codes: 0 done, 1 failed, 2 wrong usage or bad input, 3 the thing asked about does not exist,
4 verification failed, 141 nobody read the output to its end.

Example: npm run edge -- local status`;

/** Adds the commands of the table: with their code where `words` name them, and for the overview where not. */
function addCommands(program: Command, words: readonly string[]): void {
    for (const [name, { description, add }] of Object.entries(commands)) {
        const path = name.split(" ");
        const last = path.pop() ?? "";
        const parent = path.reduce(child, program);
        if (add && [...path, last].every((word) => words.includes(word))) add(parent);
        else parent.command(last);
        child(parent, last).description(description);
    }
}

function child(parent: Command, name: string): Command {
    const found = parent.commands.find((command) => command.name() === name);
    if (found) return found;
    throw new Error(`Expected the command "${name}" in cli/commands.js to be added by its code, found none.`);
}

/** Commander's own errors (unknown option, missing argument) end with our exit code, in sub-commands too. */
function overrideExit(command: Command): void {
    command.exitOverride();
    for (const child of command.commands) overrideExit(child);
}

endWithOutput(process);
tidyEnvironment(process.env);
useProxies(process.env);
void main(process.argv).then((exitCode) => {
    process.exitCode = exitCode;
});
