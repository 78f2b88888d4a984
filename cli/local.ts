import { createReadStream, existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type Command, InvalidArgumentError, Option } from "commander";
import { logFile, runningLocalAzure, stopLocalAzure } from "../local/background";
import { makeBaseImage } from "../local/docker/baseImage";
import { findDockerEngine } from "../local/docker/dockerEngine";
import { openEngine } from "../local/engine/engine";
import { shellLines } from "../local/engine/environment";
import { createStackFolder, type StackFolder, stackFolder } from "../local/engine/stackFolder";
import { faultsForm, parseFaults } from "../local/faults/faultSettings";
import { openLocalStack, resetLocalStack } from "../local/localStack";
import {
    changeRuntimeSettings,
    type RuntimeSettings,
    readRuntimeSettings,
    runtimes,
} from "../local/runtimeSettings";
import { localStatus } from "../local/status";
import { cacheFolder } from "../setup/engineCache";
import { type CommonOptions, commandContext, engineFolder, namedStack, withCommonOptions } from "./context";
import { CommandError, exitCodes } from "./exitCodes";
import { localDestroy, localUp } from "./localUp";
import { writeStatus } from "./writeStatus";

/** Adds `edge local …`: the same program on the local Azure. */
export function addLocalCommands(program: Command): void {
    const local = program
        .command("local")
        .description("the stack on the local Azure: no account, the same program");
    const add = (
        name: string,
        description: string,
        example: string,
        act: (options: CommonOptions) => Promise<void>,
    ) =>
        withCommonOptions(local.command(name))
            .description(description)
            .addHelpText("after", `\nExample: ${example}`)
            .action(act);

    withRuntimeOptions(
        add("up", "create or update everything, and verify it", "npm run edge -- local up", up),
    );
    add(
        "base-image",
        "make a base image for Docker builds from this machine's Node, where none can be pulled",
        "npm run edge -- local base-image",
        baseImage,
    );
    add(
        "preview",
        "show what an update would change; nothing is changed",
        "npm run -s edge -- local preview --json",
        preview,
    );
    withFaultsOption(
        add("destroy", "take everything in the stack away", "npm run edge -- local destroy", destroy),
    );
    withRuntimeOptions(
        add(
            "start",
            "start the local Azure, and the modules that ran on its device",
            "npm run edge -- local start",
            start,
        ),
    );
    add(
        "stop",
        "stop the local Azure and its modules; what it knows stays",
        "npm run edge -- local stop",
        stop,
    );
    add(
        "status",
        "show hub, registry, devices, modules and processes",
        "npm run -s edge -- local status --json",
        status,
    );
    add(
        "env",
        "print the environment in which plain pulumi works on the stack",
        'eval "$(npm run -s edge -- local env)"',
        env,
    );
    add("logs", "print the log of the local Azure and of every module", "npm run edge -- local logs", logs);
    add(
        "reset",
        "stop the stack and forget everything it has",
        "npm run edge -- local reset --all",
        reset,
    ).addOption(
        new Option("--all", "every local stack, and what the set-up keeps outside the project folder"),
    );
}

type FaultsOption = CommonOptions & { faults?: string };
type RuntimeOptions = FaultsOption & { runtime?: RuntimeSettings["runtime"]; baseImage?: string };

function withRuntimeOptions(command: Command): Command {
    return withFaultsOption(command)
        .addOption(
            new Option(
                "--runtime <how>",
                "how modules run, kept for the stack; auto takes containers where Docker and a base image are at hand",
            ).choices(runtimes),
        )
        .option("--base-image <name>", "image in place of the Dockerfile's base, kept for the stack");
}

function withFaultsOption(command: Command): Command {
    return command.option(
        "--faults <plan>",
        `which calls of the local Azure fail, kept for the stack: ${faultsForm}`,
        checkedFaults,
    );
}

/** The text itself, which the local Azure reads again. */
function checkedFaults(plan: string): string {
    try {
        parseFaults(plan);
        return plan;
    } catch (error) {
        throw new InvalidArgumentError((error as Error).message);
    }
}

/** Keeps what was said of the runtime, and which engine DOCKER_HOST names, in the stack's folder. */
function keepRuntimeSettings(stack: StackFolder, options: RuntimeOptions, dockerHost?: string): void {
    createStackFolder(stack);
    const { runtime, baseImage } = options;
    changeRuntimeSettings(stack.azure, { runtime, baseImage, dockerHost: dockerHost || undefined });
    keepFaults(stack, options);
}

/** Keeps the plan of faults, with the time, so that a plan that is given again begins anew. */
function keepFaults(stack: StackFolder, { faults: plan }: FaultsOption): void {
    if (plan === undefined) return;
    createStackFolder(stack);
    changeRuntimeSettings(stack.azure, { faults: { plan, given: new Date().toISOString() } });
}

async function baseImage(options: CommonOptions): Promise<void> {
    const context = commandContext(options, process);
    const stack = namedStack(context, options);
    keepRuntimeSettings(stack, options, context.env.DOCKER_HOST);
    const engine = findDockerEngine(readRuntimeSettings(stack.azure).dockerHost);
    if (!engine)
        throw new CommandError(
            exitCodes.notFound,
            "Expected a Docker engine at DOCKER_HOST or /var/run/docker.sock, found none. Start it and repeat the command.",
        );
    const step = context.progress.begin("Base image");
    step.doing("Node, npm, a shell and their libraries from this machine", "about 5 s");
    try {
        const name = await makeBaseImage(engine, { execPath: process.execPath, env: context.env });
        keepRuntimeSettings(stack, { ...options, baseImage: name });
        step.done(name);
        if (context.json) context.writeJson({ stack: stack.stack, baseImage: name });
    } catch (error) {
        step.fail();
        throw error;
    }
}

async function up(options: RuntimeOptions): Promise<void> {
    const context = commandContext(options, process);
    const stack = namedStack(context, options);
    keepRuntimeSettings(stack, options, context.env.DOCKER_HOST);
    const { changes, outputs } = await localUp(context, stack);
    if (context.json) context.writeJson({ stack: stack.stack, changes, outputs });
    else
        for (const [name, value] of Object.entries(outputs))
            context.writeLine(`  ${name.padEnd(20)} ${value}`);
}

async function destroy(options: FaultsOption): Promise<void> {
    const context = commandContext(options, process);
    const stack = namedStack(context, options);
    keepFaults(stack, options);
    const { changes } = await localDestroy(context, stack);
    if (context.json) context.writeJson({ stack: stack.stack, changes });
}

/** Pulumi's own display, or its own preview document. */
async function preview(options: CommonOptions): Promise<void> {
    const context = commandContext(options, process);
    const stack = namedStack(context, options);
    const engines = engineFolder(context);
    const { environment } = await openLocalStack(stack, engines, context.env);
    const engine = await openEngine(stack, engines, environment, context.env);
    const exitCode = await engine.run(["preview", context.json ? "--json" : "--diff"]);
    if (exitCode !== 0)
        throw new CommandError(exitCodes.failed, "The preview failed; the reason stands above.");
}

async function start(options: RuntimeOptions): Promise<void> {
    const context = commandContext(options, process);
    const stack = namedStack(context, options);
    keepRuntimeSettings(stack, options, context.env.DOCKER_HOST);
    const { endpoints } = await openLocalStack(stack, engineFolder(context), context.env);
    if (context.json) context.writeJson({ stack: stack.stack, pid: endpoints.pid });
    else context.writeLine(`The local Azure of stack ${stack.stack} runs as process ${endpoints.pid}.`);
}

async function stop(options: CommonOptions): Promise<void> {
    const context = commandContext(options, process);
    const stack = namedStack(context, options);
    const stopped = await stopLocalAzure(stack);
    if (context.json) context.writeJson({ stack: stack.stack, stopped });
    else
        context.writeLine(
            stopped ? "Stopped the local Azure and its modules." : "The local Azure was not running.",
        );
}

async function status(options: CommonOptions): Promise<void> {
    const context = commandContext(options, process);
    const stack = namedStack(context, options);
    if (!runningLocalAzure(stack)) {
        throw new CommandError(
            exitCodes.notFound,
            `Expected the local Azure of stack ${stack.stack} to be running, found it stopped. Start it with: npm run edge -- local start`,
        );
    }
    const found = await localStatus(stack.azure);
    if (context.json) context.writeJson(found);
    else writeStatus(found, context.writeLine);
}

async function env(options: CommonOptions): Promise<void> {
    const context = commandContext(options, process);
    const { environment } = await openLocalStack(
        namedStack(context, options),
        engineFolder(context),
        context.env,
    );
    if (context.json) context.writeJson(environment);
    else context.writeLine(shellLines(environment));
}

async function logs(options: CommonOptions): Promise<void> {
    const context = commandContext(options, process);
    const stack = namedStack(context, options);
    const files = [logFile(stack.azure), ...moduleLogs(stack.azure)].filter(existsSync);
    if (files.length === 0)
        throw new CommandError(exitCodes.notFound, `Expected logs of stack ${stack.stack}, found none.`);
    if (context.json) return context.writeJson({ files });
    for (const file of files) {
        context.writeLine(`==> ${file}`);
        await pipeline(createReadStream(file), process.stdout, { end: false });
    }
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

/** Every module's output lies in `…/devices/HUB/DEVICE/logs`. */
function moduleLogs(azureFolder: string): string[] {
    const devices = join(azureFolder, "devices");
    if (!existsSync(devices)) return [];
    return readdirSync(devices, { recursive: true, encoding: "utf8" })
        .filter((path) => /(^|\/)logs\/[^/]+\.log$/.test(path))
        .map((path) => join(devices, path));
}
