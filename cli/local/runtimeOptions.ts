import { type Command, InvalidArgumentError, Option } from "commander";
import { createStackFolder, type StackFolder } from "../../local/engine/stackFolder";
import { faultsForm, parseFaults } from "../../local/faults/faultSettings";
import { changeRuntimeSettings, type RuntimeSettings, runtimes } from "../../local/runtimeSettings";
import type { CommonOptions } from "../context";

/** Options that say which calls of the local Azure fail. */
export interface FaultsOptions extends CommonOptions {
    readonly faults?: string;
}

/** Options that say how modules run. */
export interface RuntimeOptions extends FaultsOptions {
    readonly runtime?: RuntimeSettings["runtime"];
    readonly baseImage?: string;
}

/** Adds `--runtime`, `--base-image` and `--faults` to a command. */
export function withRuntimeOptions(command: Command): Command {
    return withFaultsOption(command)
        .addOption(
            new Option(
                "--runtime <how>",
                "how modules run, kept for the stack; auto takes containers where Docker and a base image are at hand",
            ).choices(runtimes),
        )
        .option("--base-image <name>", "image in place of the Dockerfile's base, kept for the stack");
}

/** Adds `--faults` to a command. */
export function withFaultsOption(command: Command): Command {
    return command.option(
        "--faults <plan>",
        `which calls of the local Azure fail, kept for the stack: ${faultsForm}`,
        checkedFaults,
    );
}

/** Keeps what was said of the runtime, and which engine DOCKER_HOST names, in the stack's folder. */
export function keepRuntimeSettings(stack: StackFolder, options: RuntimeOptions, dockerHost?: string): void {
    createStackFolder(stack);
    const { runtime, baseImage } = options;
    changeRuntimeSettings(stack.azure, { runtime, baseImage, dockerHost: dockerHost || undefined });
    keepFaults(stack, options);
}

/** Keeps the plan of faults, with the time, so that a plan that is given again begins anew. */
export function keepFaults(stack: StackFolder, { faults: plan }: FaultsOptions): void {
    if (plan === undefined) return;
    createStackFolder(stack);
    changeRuntimeSettings(stack.azure, { faults: { plan, given: new Date().toISOString() } });
}

/** Answers the text itself, which the local Azure reads again. */
function checkedFaults(plan: string): string {
    try {
        parseFaults(plan);
        return plan;
    } catch (error) {
        throw new InvalidArgumentError((error as Error).message);
    }
}
