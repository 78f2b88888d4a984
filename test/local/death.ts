import { spawn } from "node:child_process";
import { readlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { open } from "lmdb";
import type { Finished, ProjectCopy } from "../support/projectCopy";

/** What dies in the middle of an update: the command, the engine below it, the local Azure, or the module. */
export const victims = ["command", "engine", "local Azure", "module"] as const;
export type Victim = (typeof victims)[number];

/** Kills a victim, if it runs; `command` is the process that was started. */
export async function kill(project: ProjectCopy, victim: Victim, command?: number): Promise<void> {
    for (const pid of await pidsOf(project, victim, command)) {
        try {
            process.kill(pid, "SIGKILL");
        } catch (error) {
            // It may have ended by itself in this moment.
            if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
        }
    }
}

async function pidsOf(project: ProjectCopy, victim: Victim, command?: number): Promise<number[]> {
    if (victim === "command")
        return command === undefined ? processes(project, /cli\/edge\.ts local (up|destroy)/) : [command];
    if (victim === "engine") return await processes(project, /bin\/pulumi (up|refresh|destroy|cancel)/);
    if (victim === "local Azure") return await processes(project, /local\/main\.ts/);
    return await processes(project, /dist\/main\.js/);
}

/** The processes that work in the project's folder or name it, whose command line is like that. */
export async function processes({ folder }: ProjectCopy, like: RegExp): Promise<number[]> {
    const lines = await new Promise<string>((resolve, reject) => {
        const ps = spawn("ps", ["-axww", "-o", "pid=,args="], { stdio: ["ignore", "pipe", "inherit"] });
        let text = "";
        ps.stdout.on("data", (chunk) => {
            text += chunk;
        });
        ps.once("error", reject);
        ps.once("close", () => resolve(text));
    });
    return lines
        .split("\n")
        .map((line) => /^\s*(\d+) (.*)$/.exec(line))
        .filter((match): match is RegExpExecArray => match !== null && like.test(match[2] ?? ""))
        .map(([, pid]) => Number(pid))
        .filter((pid) => belongsTo(pid, folder));
}

function belongsTo(pid: number, folder: string): boolean {
    try {
        return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
    } catch {
        // Ended meanwhile, or a process of another user, which is none of ours.
        return false;
    }
}

/** Repeats a command as its user would: again when it fails, after the one that still runs has ended. */
export async function repeated(run: () => Promise<Finished>): Promise<Finished> {
    let last = "";
    for (let tries = 0; tries < 20; tries++) {
        const finished = await run();
        if (finished.exitCode === 0) return finished;
        last = finished.stderr;
        // A killed command leaves its engine at work for a moment; any other failure may be repeated once.
        if (!/found one in process/.test(last) && tries > 0) break;
        await sleep(1000);
    }
    throw new Error(`Expected the repeated command to succeed, found:\n${last}`);
}

/** The ids of all resources that the local Azure has, in lower case. */
export async function existing({ folder }: ProjectCopy): Promise<string[]> {
    const store = open({
        path: join(folder, ".local/stacks/local/azure/store"),
        encoding: "json",
        readOnly: true,
    });
    const keys = [...store.getKeys()] as [string, string][];
    await store.close();
    return keys.filter(([collection]) => collection === "arm-resources").map(([, id]) => id);
}
