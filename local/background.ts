import { spawn } from "node:child_process";
import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { lockHolder } from "../setup/lock";
import { isRunning } from "../setup/processIdentity";
import { type Endpoints, readEndpoints } from "./endpoints";
import type { StackFolder } from "./engine/stackFolder";
import { firstError } from "./firstError";

/** The lock that the background process holds while it lives. */
export function lockFile(azureFolder: string): string {
    return join(azureFolder, "lock");
}

/** Where the background process writes what it does. */
export function logFile(azureFolder: string): string {
    return join(azureFolder, "log");
}

/** The background process of a stack, when it runs and listens. */
export function runningLocalAzure(stack: StackFolder): Endpoints | undefined {
    const holder = lockHolder(lockFile(stack.azure));
    if (!holder) return undefined;
    try {
        const endpoints = readEndpoints(stack.azure);
        return endpoints.pid === holder.pid ? endpoints : undefined;
    } catch {
        // It holds the lock and does not listen yet.
        return undefined;
    }
}

/** Starts the local Azure of a stack in the background, unless it runs, and waits until it listens. */
export async function startLocalAzure(stack: StackFolder): Promise<Endpoints> {
    const running = runningLocalAzure(stack);
    if (running) return running;
    const log = openSync(logFile(stack.azure), "a", 0o600);
    const { size: before } = fstatSync(log);
    const child = spawn(
        process.execPath,
        ["--require", "tsx/cjs", join(__dirname, "main.ts"), stack.azure, stack.ports, stack.folder],
        { cwd: stack.project, detached: true, stdio: ["ignore", log, log] },
    );
    closeSync(log);
    let exit: string | undefined;
    child.once("exit", (code, signal) => {
        exit = signal ? `it ended by ${signal}` : `it ended with exit code ${code}`;
    });
    child.unref();
    for (let waited = 0; waited < 30_000; waited += 50) {
        const endpoints = runningLocalAzure(stack);
        if (endpoints) return endpoints;
        // Another start may have been first: then ours ends, and its endpoints appear.
        if (exit !== undefined && !lockHolder(lockFile(stack.azure))) break;
        await sleep(50);
    }
    const file = logFile(stack.azure);
    const said = firstError(readFileSync(file).subarray(before).toString("utf8"));
    throw new Error(
        `Expected the local Azure to start, found that ${exit ?? "it did not answer within 30 s"}: ` +
            `${said ?? "it wrote nothing"}\nAll that it wrote is in ${file}`,
    );
}

/** Stops the background process and all modules with it; says whether there was one. */
export async function stopLocalAzure(stack: StackFolder): Promise<boolean> {
    const holder = lockHolder(lockFile(stack.azure));
    if (!holder) return false;
    process.kill(holder.pid, "SIGTERM");
    for (let waited = 0; waited < 20_000; waited += 50) {
        if (!isRunning(holder)) return true;
        await sleep(50);
    }
    throw new Error(
        `Expected the local Azure (process ${holder.pid}) to end within 20 s of being asked, found it running. ` +
            `Look at ${logFile(stack.azure)}, end it with: kill -9 ${holder.pid}`,
    );
}
