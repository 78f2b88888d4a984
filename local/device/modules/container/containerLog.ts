import { appendFileSync, existsSync, statSync } from "node:fs";
import type { DockerEngine } from "../../../docker/dockerEngine";

/**
 * Appends what a container writes to `file`, which gets everything since it was written last, until the container
 * ends. Resolves when there is nothing more.
 */
export async function followLog(engine: DockerEngine, id: string, file: string): Promise<void> {
    const since = existsSync(file) ? String(statSync(file).mtimeMs / 1000) : undefined;
    const inspected = await engine.call<{ Config: { Tty: boolean } }>("GET", `/containers/${id}/json`);
    const log = await engine.open("GET", `/containers/${id}/logs`, {
        query: { follow: "1", stdout: "1", stderr: "1", since },
    });
    let rest: Buffer = Buffer.alloc(0);
    for await (const chunk of log as AsyncIterable<Buffer>) {
        if (inspected.Config.Tty) {
            appendFileSync(file, chunk, { mode: 0o600 });
            continue;
        }
        rest = Buffer.concat([rest, chunk]);
        const { content, left } = unframe(rest);
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
