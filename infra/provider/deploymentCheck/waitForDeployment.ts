import type { DeploymentFailure } from "./deploymentFailure";
import { type ModuleState, type Stage, stages } from "./moduleState";
import { withoutSecrets } from "./withoutSecrets";

/** How a deployment is waited for. Times are in seconds. */
export interface Waiting {
    readonly timeoutSeconds: number;
    /** Whether a device that has never connected is a failure or a warning. */
    readonly whenOffline: "fail" | "accept";
    /** Looks once. */
    look(): Promise<ModuleState>;
    /** Tells the people who wait. */
    say(line: string): void;
    /** Seconds from any beginning. */
    now(): number;
    sleep(seconds: number): Promise<unknown>;
}

/** Twin reads are metered as messages, so the pauses grow. */
const firstPause = 0.2;
const longestPause = 5;
/** How often a line tells that it still waits. */
const reminderSeconds = 20;
/** How long one run of a module lasts before it counts, where nothing but the device's report tells. */
const steadySeconds = 5;
/** A device that is set up at this moment would have been seen by then, unless less time is given. */
const graceSeconds = 10;

/**
 * Looks until the deployment is done, shows each stage with the time it has taken and usually takes, and ends early with
 * the cause for what does not mend itself. Answers `unverified` for a device that has never connected and may be so.
 */
export async function waitForDeployment(waiting: Waiting): Promise<"running" | "unverified"> {
    const { timeoutSeconds, whenOffline, look, now, sleep } = waiting;
    const begun = now();
    const elapsed = () => now() - begun;
    const tell = teller(waiting, elapsed);
    let run: { name: string; since: number } | undefined;
    let failingSince = begun;
    let lastCause: string | undefined;
    for (let pause = firstPause; ; pause = Math.min(pause * 1.3, longestPause)) {
        const state = await look();
        if (state.run === undefined) run = undefined;
        else if (state.run !== run?.name) run = { name: state.run, since: now() };
        if (state.awaits === undefined && (!run || now() - run.since >= steadySeconds)) return "running";
        tell(state);
        if (state.failure?.cause !== lastCause) failingSince = now();
        lastCause = state.failure?.cause;
        const grace = Math.min(graceSeconds, timeoutSeconds);
        if (whenOffline === "accept" && state.neverConnected && elapsed() >= grace) return "unverified";
        if (state.failure && now() - failingSince >= state.failure.patienceSeconds) {
            throw new Error(`The deployment failed. ${sentences(state.failure)}`);
        }
        if (elapsed() > timeoutSeconds) throw new Error(timedOut(state, timeoutSeconds));
        await sleep(pause);
    }
}

function teller({ say }: Waiting, elapsed: () => number) {
    let said = "";
    let saidAt = 0;
    return (state: ModuleState) => {
        const { description } = state;
        const awaits = awaited(state);
        const isNew = `${awaits}${description}` !== said;
        if (!isNew && elapsed() - saidAt < reminderSeconds) return;
        said = `${awaits}${description}`;
        saidAt = elapsed();
        const names = Object.keys(stages);
        const place = `${names.indexOf(awaits) + 1}/${names.length}`;
        const time = `${Math.round(elapsed())} s, usually up to ${stages[awaits]} s`;
        say(`  ${place} waiting for: ${awaits} (${time}): ${withoutSecrets(description)}`);
    };
}

function timedOut(state: ModuleState, timeoutSeconds: number): string {
    const waited = `Waited ${timeoutSeconds} s for: ${awaited(state)}.`;
    if (state.failure) return `${waited} ${sentences(state.failure)}`;
    return (
        `${waited} Last seen: ${withoutSecrets(state.description)}. ` +
        "If it only takes longer, set checkTimeoutSeconds higher and repeat the command; " +
        "otherwise look at iotedge logs edgeAgent on the device."
    );
}

/** A module that runs is waited for until it goes on running. */
function awaited({ awaits }: ModuleState): Stage {
    return awaits ?? "module running";
}

function sentences({ cause, fix }: DeploymentFailure): string {
    return `${withoutSecrets(cause)}. ${fix}.`;
}
