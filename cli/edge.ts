import { Command, CommanderError } from "commander";
import { addCredsCommands } from "./creds";
import { addDeviceCommands } from "./device";
import { CommandError, exitCodes } from "./exitCodes";
import { addFirstRun } from "./firstRun";
import { addLocalCommands } from "./local";
import { addManifestCommands } from "./manifest";
import { addMonitor } from "./monitor";

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
    addFirstRun(program);
    addLocalCommands(program);
    addMonitor(program);
    addCredsCommands(program);
    addDeviceCommands(program);
    addManifestCommands(program);
    // Training brings an image library, which the commands of every day should neither wait for nor fail without.
    if (!["first-run", "local", "manifest", "monitor", "creds"].includes(argv[2] ?? "")) {
        const { addModelCommands } = require("./model") as typeof import("./model");
        addModelCommands(program);
        // The checks of settings come with Pulumi's SDK, which takes a second to load.
        const { addDoctor } = require("./doctor") as typeof import("./doctor");
        addDoctor(program);
        const { addInit } = require("./init") as typeof import("./init");
        addInit(program);
    }
    for (const command of program.commands) overrideExit(command);
    try {
        await program.parseAsync(argv);
        return exitCodes.done;
    } catch (error) {
        if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
        console.error(error instanceof Error ? error.message : error);
        return error instanceof CommandError ? error.exitCode : exitCodes.failed;
    }
}

const exitCodeHelp = `
Exit codes: 0 done, 1 failed, 2 wrong usage or bad input, 3 the thing asked about does not exist,
4 verification failed.

Example: npm run edge -- local status`;

/** Commander's own errors (unknown option, missing argument) end with our exit code, in sub-commands too. */
function overrideExit(command: Command): void {
    command.exitOverride();
    for (const child of command.commands) overrideExit(child);
}

void main(process.argv).then((exitCode) => {
    process.exitCode = exitCode;
});
