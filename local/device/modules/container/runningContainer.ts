import { appendFileSync, existsSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type DockerEngine, DockerError, unlessRefused } from "../../../docker/dockerEngine";
import type { RunningModule } from "../moduleRuntime";

/** A module whose container runs: appends what it writes to `logFile`, and waits for its end. */
export function runningContainer(
    engine: DockerEngine,
    id: string,
    logFile: string,
    onLogError: (error: Error) => void,
): RunningModule {
    followLog(engine, id, logFile).catch(onLogError);
    return {
        title: `container ${id.slice(0, 12)}`,
        exited: whenExited(engine, id),
        async stop() {
            // Docker waits as long as StopTimeout of the module's options says, otherwise ten seconds.
            await unlessRefused([404], engine.call("POST", `/containers/${id}/stop`));
        },
    };
}

/** Waits for the end of a container, also across a restart of the engine. One that is gone was killed. */
async function whenExited(engine: DockerEngine, id: string): Promise<number> {
    for (;;) {
        try {
            return (await engine.call<{ StatusCode: number }>("POST", `/containers/${id}/wait`)).StatusCode;
        } catch (error) {
            if (error instanceof DockerError && error.status === 404) return 137;
            await sleep(500);
        }
    }
}

/** Appends what the container wrote since the file was last written, and goes on until it ends. */
async function followLog(engine: DockerEngine, id: string, file: string): Promise<void> {
    const since = existsSync(file) ? String(statSync(file).mtimeMs / 1000) : undefined;
    const { Config } = await engine.call<{ Config: { Tty: boolean } }>("GET", `/containers/${id}/json`);
    const log = await engine.open("GET", `/containers/${id}/logs`, {
        query: { follow: "1", stdout: "1", stderr: "1", since },
    });
    let rest: Buffer = Buffer.alloc(0);
    for await (const chunk of log as AsyncIterable<Buffer>) {
        if (Config.Tty) {
            appendFileSync(file, chunk, { mode: 0o600 });
            continue;
        }
        const { content, left } = unframe(Buffer.concat([rest, chunk]));
        rest = left;
        if (content.length > 0) appendFileSync(file, content, { mode: 0o600 });
    }
}

/** Without a terminal, output and errors come in frames: a byte for the stream, three of nothing, four of length. */
function unframe(bytes: Buffer): { content: Buffer; left: Buffer } {
    const parts: Buffer[] = [];
    let start = 0;
    while (start + 8 <= bytes.length) {
        const end = start + 8 + bytes.readUInt32BE(start + 4);
        if (end > bytes.length) break;
        parts.push(bytes.subarray(start + 8, end));
        start = end;
    }
    return { content: Buffer.concat(parts), left: bytes.subarray(start) };
}
