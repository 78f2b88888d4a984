import { existsSync, readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import {
    ConcurrentUpdateError,
    type EngineEvent,
    LocalWorkspace,
    type OpMap,
    PulumiCommand,
    type Stack,
} from "@pulumi/pulumi/automation";
import { childEnvironment, type Environment } from "./environment";
import type { StackFolder } from "./stackFolder";

/** The genuine engine on the plain project folder, for one local stack. */
export interface Engine {
    up(show: ShowEvent): Promise<Changes>;
    destroy(show: ShowEvent): Promise<Changes>;
    /** The outputs of the last update; secrets are left out. */
    outputs(): Promise<Record<string, unknown>>;
}

/** How many resources an update created, updated, left the same and so on. */
export type Changes = Readonly<Record<string, number>>;

/** Called for each event of the engine as it comes. */
export type ShowEvent = (event: EngineEvent) => void;

/**
 * Opens the stack, creating it where it is missing. `engineFolder` holds `bin/pulumi`. A lock that an interrupted
 * command left behind is taken away; one of a living process is an error.
 */
export async function openEngine(
    stack: StackFolder,
    engineFolder: string,
    environment: Environment,
): Promise<Engine> {
    const pulumiCommand = await PulumiCommand.get({ root: engineFolder, skipVersionCheck: true });
    // The Automation API takes variables to set and cannot unset any, so those that lead elsewhere go from this process.
    for (const name of environment.unset) delete process.env[name];
    const opened = await LocalWorkspace.createOrSelectStack(
        { stackName: stack.stack, workDir: stack.project },
        {
            pulumiCommand,
            pulumiHome: stack.pulumiHome,
            envVars: childEnvironment(environment, {}) as Record<string, string>,
        },
    );
    return {
        up: (show) =>
            unlocked(stack, opened, async () => (await opened.up({ onEvent: show })).summary.resourceChanges),
        destroy: (show) =>
            unlocked(
                stack,
                opened,
                async () => (await opened.destroy({ onEvent: show })).summary.resourceChanges,
            ),
        outputs: async () => {
            const outputs = await opened.outputs();
            return Object.fromEntries(
                Object.entries(outputs)
                    .filter(([, { secret }]) => !secret)
                    .map(([name, { value }]) => [name, value]),
            );
        },
    };
}

async function unlocked(
    stack: StackFolder,
    opened: Stack,
    work: () => Promise<OpMap | undefined>,
): Promise<Changes> {
    try {
        return (await work()) ?? {};
    } catch (error) {
        if (!(error instanceof ConcurrentUpdateError)) throw error;
        const holder = lockHolder(stack);
        if (holder !== undefined && isAlive(holder)) {
            throw new Error(
                `Expected no other update of the stack "${stack.stack}", found one in process ${holder}. ` +
                    "Wait for it to end and repeat the command.",
                { cause: error },
            );
        }
        await opened.cancel();
        return (await work()) ?? {};
    }
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

function isAlive(pid: number): boolean {
    try {
        process.kill(pid, 0);
        return true;
    } catch (error) {
        return (error as NodeJS.ErrnoException).code === "EPERM";
    }
}
