#!/usr/bin/env node
// What `npm run local`, `npm run edge` and `npm test` do first: set up what is missing, then run the command.
// Plain JavaScript without dependencies, as there is no node_modules yet.
const path = require("node:path");
const { unusableFolder } = require("./checkout");
const { unsupportedPlatform } = require("./platform");

const root = path.resolve(__dirname, "..");
const refusal = unsupportedPlatform(process) ?? unusableFolder(root);
if (refusal) {
    console.error(refusal);
    process.exit(1);
}

// Loaded after the check above: from here on the syntax may be newer than an old Node can parse.
const { readCommand } = require("./command");
const { installDependencies } = require("./dependencies");
const { compilePackages } = require("./compile");
const { findEngine } = require("./engine");
const { createProgress } = require("./progress");
const { onInterrupt } = require("./interrupt");
const { endWithOutput } = require("./output");
const { runCommand } = require("./runCommand");
const { SetupError } = require("./setupError");
const { systemErrorText } = require("./systemError");
const { waitForLock } = require("./lock");
const { tidyEnvironment } = require("./tidyEnvironment");

/**
 * The commands of `edge` with what each needs. They are found by their file, as `edge` itself is when it is started:
 * the set-up imports nothing of other rooms.
 * @type {{ commands: Parameters<typeof readCommand>[1] }}
 */
const { commands } = require(path.join(root, "cli", "commands.js"));

/**
 * Brings the project to where the command can run; answers the engine, or undefined where none is needed.
 * @param {import("./command").CommandLine} command
 * @param {import("./setupContext").SetupContext} context
 */
async function setUp(command, context) {
    const { progress, signal } = context;
    const releaseLock = await waitForLock(path.join(root, ".local", "setup.lock"), {
        signal,
        onWait: ({ pid }) =>
            progress.say(`Waiting for another set-up of this project to end (process ${pid}).`),
    });
    try {
        await installDependencies(context);
        if (command.needs) await compilePackages(context);
        return command.needs === "engine" ? await findEngine(context, command) : undefined;
    } finally {
        releaseLock();
    }
}

async function main() {
    const { env } = process;
    const interrupt = onInterrupt();
    const output = endWithOutput(process, interrupt.stop);
    tidyEnvironment(env);
    const command = readCommand(process.argv.slice(2), commands);
    if (command.help) return void process.stdout.write(command.help);
    if (command.mistake) {
        console.error(command.mistake);
        process.exitCode = 2;
        return;
    }
    const progress = createProgress(process[command.stream ?? "stdout"], env);
    try {
        const engine = await setUp(command, { root, env, progress, signal: interrupt.signal });
        interrupt.signal.throwIfAborted();
        interrupt.ignore();
        if (command.node) await runCommand({ root, env }, command.node, engine);
    } catch (error) {
        if (output.closed) process.exit();
        if (interrupt.signal.aborted) {
            console.error("Interrupted. Nothing is left half-done; the same command goes on from here.");
            return interrupt.exit();
        }
        console.error(systemErrorText(error) ?? (error instanceof SetupError ? error.message : error));
        process.exitCode = 1;
    }
}

void main();
