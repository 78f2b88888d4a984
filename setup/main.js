#!/usr/bin/env node
// What `npm run local`, `npm run edge` and `npm test` do first: set up what is missing, then run the command.
// Plain JavaScript without dependencies, as there is no node_modules yet.
const path = require("node:path");
const { unsupportedPlatform } = require("./platform");

const refusal = unsupportedPlatform(process);
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
const { runCommand } = require("./runCommand");
const { SetupError } = require("./setupError");
const { waitForLock } = require("./lock");

const root = path.resolve(__dirname, "..");

/** Brings the project to where the command can run; answers the engine, or undefined where none is needed. */
async function setUp(command, progress, signal) {
    const context = { root, env: process.env, progress, signal };
    const releaseLock = await waitForLock(path.join(root, ".local", "setup.lock"), {
        signal,
        onWait: ({ pid }) =>
            progress.say(`Waiting for another set-up of this project to end (process ${pid}).`),
    });
    try {
        await installDependencies(context);
        if (command.needsCompiled !== false) await compilePackages(context);
        return command.needsEngine ? await findEngine(context, command) : undefined;
    } finally {
        releaseLock();
    }
}

async function main() {
    const command = readCommand(process.argv.slice(2));
    if (command.help) return process.stdout.write(command.help);
    if (command.mistake) {
        console.error(command.mistake);
        process.exitCode = 2;
        return;
    }
    const progress = createProgress(process[command.stream], process.env);
    const interrupt = onInterrupt();
    try {
        const engine = await setUp(command, progress, interrupt.signal);
        interrupt.signal.throwIfAborted();
        interrupt.ignore();
        if (command.node) await runCommand(root, command.node, engine);
    } catch (error) {
        if (interrupt.signal.aborted) {
            console.error("Interrupted. Nothing is left half-done; the same command goes on from here.");
            return interrupt.exit();
        }
        console.error(error instanceof SetupError ? error.message : error);
        process.exitCode = 1;
    }
}

void main();
