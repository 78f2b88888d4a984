import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import { constants } from "node:os";
import { identify, isRunning, type ProcessIdentity } from "../../../../setup/processIdentity";
import { type Clock, elapse } from "../../clock";

/** What to run: a command with its arguments, folder, whole environment, and the file that its output goes to. */
export interface ProcessSpec {
    command: string;
    args: string[];
    cwd: string;
    env: Record<string, string>;
    logFile: string;
}

/** A module that runs as a process. */
export interface ModuleProcess {
    identity: ProcessIdentity;
    /** Its exit code as a shell counts: 128 and the signal's number for a process that a signal ended. */
    exited: Promise<number>;
    /** Asks every process of the module to end, insists after ten seconds, and resolves when it has ended. */
    stop(clock: Clock): Promise<void>;
}

/** How long a module may take to end, in milliseconds; `docker stop` waits as long. */
const patience = 10_000;

/**
 * Starts a module as the leader of a process group of its own. A shell stands at the gate: it becomes the module once
 * `record` has put the process on record, and ends when this process dies before that. So no module runs unrecorded.
 */
export async function startProcess(
    spec: ProcessSpec,
    record: (identity: ProcessIdentity) => void,
): Promise<ModuleProcess> {
    if (!existsSync(spec.cwd)) throw new Error(`The image has no folder ${spec.cwd} to start in.`);
    const log = openSync(spec.logFile, "a", 0o600);
    const gate = 'read -r go && exec "$@" </dev/null';
    const child = spawn("/bin/sh", ["-c", gate, "sh", spec.command, ...spec.args], {
        cwd: spec.cwd,
        env: spec.env,
        stdio: ["pipe", log, log],
        detached: true,
    });
    closeSync(log);
    await once(child, "spawn");
    const exited = once(child, "exit").then((how) => {
        const [code, signal] = how as [number | null, NodeJS.Signals | null];
        // The processes that the module started end with it, as in a container.
        if (child.pid !== undefined) signalGroup(child.pid, "SIGKILL");
        return code ?? 128 + (signal ? constants.signals[signal] : 0);
    });
    const identity = child.pid === undefined ? undefined : identify(child.pid);
    if (!identity) throw new Error(`The process of ${spec.command} ended before it began.`);
    try {
        record(identity);
    } catch (error) {
        signalGroup(identity.pid, "SIGKILL");
        throw error;
    }
    // Writing fails when the gate was killed from outside; `exited` tells of that.
    child.stdin?.on("error", () => {});
    child.stdin?.end("go\n");
    return {
        identity,
        exited,
        stop: (clock) => endGroup(identity.pid, exited, clock),
    };
}

/** Ends a process that an earlier run of this program started and recorded; another one with its number is left alone. */
export async function stopOrphan(identity: ProcessIdentity, clock: Clock): Promise<void> {
    if (!isRunning(identity)) return;
    await endGroup(identity.pid, whenGone(identity, clock), clock);
}

async function endGroup(pid: number, ended: Promise<unknown>, clock: Clock): Promise<void> {
    signalGroup(pid, "SIGTERM");
    const insist = clock.at(clock.now() + patience, () => signalGroup(pid, "SIGKILL"));
    await ended;
    insist();
}

async function whenGone(identity: ProcessIdentity, clock: Clock): Promise<void> {
    while (isRunning(identity)) await elapse(clock, 50);
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
    try {
        process.kill(-pid, signal);
    } catch (error) {
        // ESRCH: nobody is left in the group. macOS says EPERM while the last one there is a zombie.
        const { code } = error as NodeJS.ErrnoException;
        if (code !== "ESRCH" && code !== "EPERM") throw error;
    }
}
