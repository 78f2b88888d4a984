import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { freePort } from "../support/freePort";
import type { ProjectCopy } from "../support/projectCopy";

/** A file of the project and what is wrong with it; `undefined` is a file that is missing. */
export type Mistake = [file: string, change: (text: string) => string | undefined];

/** How a command ended that was to be refused, and all that it said. */
export interface Refusal {
    readonly exitCode: number;
    readonly text: string;
}

export async function refusal(project: ProjectCopy, ...command: string[]): Promise<Refusal> {
    const { exitCode, stdout, stderr } = await project.edge(...command);
    return { exitCode, text: `${stdout}\n${stderr}` };
}

/** What `edge local up` says while a file has that mistake; the file is put back. */
export async function refusedUp(project: ProjectCopy, [path, change]: Mistake): Promise<Refusal> {
    const file = join(project.folder, path);
    const before = readFileSync(file);
    const changed = change(before.toString("latin1"));
    if (changed === undefined) rmSync(file);
    else writeFileSync(file, changed, "latin1");
    try {
        return await refusal(project, "local", "up");
    } finally {
        writeFileSync(file, before);
    }
}

/** Takes a port, and has the stack's module use it, which is waited for no longer than three seconds. */
export async function takePort(project: ProjectCopy): Promise<{ port: number; free(): Promise<void> }> {
    const port = await freePort();
    const taken = createServer().listen(port, "127.0.0.1");
    await once(taken, "listening");
    const config = join(project.folder, "Pulumi.local.yaml");
    const settings = readFileSync(config, "utf8")
        .replace(/hostPort: "\d+"/, `hostPort: "${port}"`)
        .replace(/checkTimeoutSeconds: "\d+"/, 'checkTimeoutSeconds: "3"');
    writeFileSync(config, settings);
    return {
        port,
        free: async () => {
            await new Promise((resolve) => taken.close(resolve));
            writeFileSync(config, settings.replace('checkTimeoutSeconds: "3"', 'checkTimeoutSeconds: "60"'));
        },
    };
}
