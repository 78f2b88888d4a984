import type { Command } from "commander";
import { makeBaseImage } from "../../local/docker/baseImage";
import { findDockerEngine } from "../../local/docker/dockerEngine";
import { readRuntimeSettings } from "../../local/runtimeSettings";
import { type CommonOptions, commandContext, namedStack, withCommonOptions } from "../context";
import { CommandError, exitCodes } from "../exitCodes";
import { keepRuntimeSettings } from "./runtimeOptions";

/** Adds `edge local base-image`. */
export function addBaseImage(local: Command): void {
    withCommonOptions(local.command("base-image"))
        .addHelpText("after", "\nExample: npm run edge -- local base-image")
        .action(baseImage);
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
