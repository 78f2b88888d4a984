import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { identify } from "../../setup/processIdentity";
import { childEnvironment, type Environment } from "./environment";
import { settlingOptions } from "./interruptedCreates";
import type { StackFolder } from "./stackFolder";

/** The genuine engine's command line on the plain project folder, for one local stack. */
export interface Engine {
    /** Runs `pulumi up` or `pulumi destroy`; throws an {@link EngineError} when it fails. */
    update(operation: "up" | "destroy", show: (event: EngineEvent) => void): Promise<EngineResult>;
    /** Runs any `pulumi` command with this process's own output; answers its exit code. */
    run(args: string[]): Promise<number>;
}

/** The result of an update. */
export interface EngineResult {
    /** How many resources were created, updated, left the same and so on. */
    readonly changes: Readonly<Record<string, number>>;
    /** The stack's outputs; secret ones are left out. */
    readonly outputs: Readonly<Record<string, unknown>>;
}

/** A failed update. Its message is what the engine wrote beside its events, which carry the reasons. */
export class EngineError extends Error {}

/** Opens the stack with the engine in `engineFolder` (which holds `bin/pulumi`), creating it where it is missing. */
export async function openEngine(
    stack: StackFolder,
    engineFolder: string,
    environment: Environment,
    current: NodeJS.ProcessEnv,
): Promise<Engine> {
    const pulumi = join(engineFolder, "bin/pulumi");
    const options = { cwd: stack.project, env: childEnvironment(environment, current) };
    const ofStack = ["--stack", stack.stack, "--non-interactive"];

    async function call(args: string[], onLine: (line: string) => void): Promise<void> {
        const child = spawn(pulumi, args, {
            ...options,
            // With this, --json writes one event a line as soon as it comes.
            env: { ...options.env, PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true" },
            stdio: ["ignore", "pipe", "pipe"],
        });
        createInterface({ input: child.stdout }).on("line", onLine);
        const said: string[] = [];
        createInterface({ input: child.stderr }).on("line", (line) => said.push(line));
        const [exitCode] = await once(child, "close");
        if (exitCode !== 0)
            throw new EngineError(said.join("\n") || `pulumi ${args[0]} ended with exit code ${exitCode}`);
    }

    async function update(
        operation: "up" | "destroy",
        show: (event: EngineEvent) => void,
    ): Promise<EngineResult> {
        // What another update is creating is not cut off.
        refuseBesideAnother(stack);
        const settling = await settlingOptions(stack, stateFile(stack));
        if (settling) await call(["refresh", ...ofStack, "--yes", "--skip-preview", ...settling], () => {});
        let result: EngineResult = { changes: {}, outputs: {} };
        await call([operation, ...ofStack, "--yes", "--skip-preview", "--json"], (line) => {
            const event = JSON.parse(line) as EngineEvent;
            result = { ...result, ...resultOf(event) };
            show(event);
        });
        return result;
    }

    if (!existsSync(stateFile(stack))) await call(["stack", "init", ...ofStack], () => {});
    return {
        update: (operation, show) =>
            unlocked(
                stack,
                () => update(operation, show),
                () => call(["cancel", ...ofStack, "--yes"], () => {}),
            ),
        async run(args) {
            const stdio = ["ignore" as const, "inherit" as const, "inherit" as const];
            const [exitCode] = await once(
                spawn(pulumi, [...args, ...ofStack], { ...options, stdio }),
                "close",
            );
            return exitCode ?? 1;
        },
    };
}

/** Where the file backend keeps the stack. */
function stateFile(stack: StackFolder): string {
    return join(stack.state, `.pulumi/stacks/edge-classifier/${stack.stack}.json`);
}

function resultOf({ resOutputsEvent, summaryEvent }: EngineEvent): Partial<EngineResult> {
    if (summaryEvent) return { changes: summaryEvent.resourceChanges ?? {} };
    if (resOutputsEvent?.metadata.type !== "pulumi:pulumi:Stack") return {};
    const outputs = Object.entries(resOutputsEvent.metadata.new?.outputs ?? {});
    return { outputs: Object.fromEntries(outputs.filter(([, value]) => typeof value !== "object")) };
}

/** Takes away a lock that an interrupted command left behind; one of a living process is an error. */
async function unlocked<T>(
    stack: StackFolder,
    work: () => Promise<T>,
    cancel: () => Promise<void>,
): Promise<T> {
    try {
        return await work();
    } catch (error) {
        if (!(error instanceof EngineError) || !error.message.includes("the stack is currently locked"))
            throw error;
        refuseBesideAnother(stack, error);
        await cancel();
        return work();
    }
}

/** Throws while another process is at work on the stack. */
function refuseBesideAnother(stack: StackFolder, cause?: unknown): void {
    const holder = lockHolder(stack);
    if (holder === undefined || !identify(holder)) return;
    throw new Error(
        `Expected no other update of the stack "${stack.stack}", found one in process ${holder}. ` +
            "Wait for it to end and repeat the command.",
        { cause },
    );
}

/** The process that holds the file backend's lock, when it is one of this machine. */
function lockHolder(stack: StackFolder): number | undefined {
    const folder = join(stack.state, ".pulumi/locks/organization/edge-classifier", stack.stack);
    if (!existsSync(folder)) return undefined;
    for (const name of readdirSync(folder)) {
        const lock = JSON.parse(readFileSync(join(folder, name), "utf8")) as {
            pid?: number;
            hostname?: string;
        };
        if (lock.hostname === hostname()) return lock.pid;
    }
    return undefined;
}
