import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import type { PackedImage } from "../../../local/planes/registry/client";
import { sha256 } from "../planes/registry/testRegistry";

/** An entry of a layer: a file's content, or any header that tar knows. */
export type LayerEntry = string | { type: string; linkname?: string; content?: string; mode?: number };

/** A layer as a tar, with the entries in the order given. */
export async function tar(entries: Record<string, LayerEntry>): Promise<Buffer> {
    const archive = pack();
    for (const [name, entry] of Object.entries(entries)) {
        const { content, ...header } = typeof entry === "string" ? { type: "file", content: entry } : entry;
        // Without a time of its own an entry gets the present one, and the layer another digest each second.
        archive.entry({ name, mtime: new Date(0), ...(header as object) }, content ?? "");
    }
    archive.finalize();
    return buffer(archive as unknown as AsyncIterable<Buffer>);
}

/** Packs an image whose one layer holds `files`; its configuration runs `node /app/main.js` unless told otherwise. */
export async function packImage(
    folder: string,
    files: Record<string, string>,
    config: object = {},
): Promise<PackedImage> {
    const layer = await tar(files);
    const digest = sha256(layer);
    const file = join(folder, digest.replace(":", "-"));
    writeFileSync(file, layer);
    const settings = { WorkingDir: "/app", Cmd: ["node", "main.js"], ...config };
    return {
        config: Buffer.from(JSON.stringify({ os: "linux", config: settings })),
        layers: [{ file, digest, size: layer.length }],
    };
}

export function gzip(content: Buffer): Buffer {
    return gzipSync(content);
}

/**
 * A module: answers its environment and process id as JSON on HOST and PORT, ends with the code of `/exit/CODE`, and says
 * in its log when it is asked to stop. `greeting` makes one image differ from another.
 */
export function moduleScript(greeting: string): string {
    return `
        const server = require("node:http").createServer((request, response) => {
            const [, code] = /^\\/exit\\/(\\d+)/.exec(request.url) ?? [];
            if (code) process.exit(Number(code));
            const { pid, env } = process;
            response.end(JSON.stringify({ greeting: ${JSON.stringify(greeting)}, pid, env, cwd: process.cwd() }));
        });
        server.listen(Number(process.env.PORT), process.env.HOST, () => console.log("listening"));
        process.on("SIGTERM", () => { console.log("asked to stop"); process.exit(0); });`;
}
