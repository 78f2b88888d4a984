import { readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { pack } from "tar-stream";
import { contextFiles } from "./buildContext";
import { type DockerEngine, DockerError } from "./dockerEngine";

/** An image that is to be built. */
export interface ImageBuild {
    /** `server/repository:tag`. */
    readonly name: string;
    readonly context: string;
    readonly dockerfile: string;
    readonly args: Record<string, string>;
    readonly platform: string;
}

/**
 * Builds an image with the engine, by the Dockerfile; `say` gets each of its steps. Returns the ids of the image and of
 * what the engine made on the way, which it keeps as its cache. Throws what the failed step printed last.
 */
export async function buildImage(
    engine: DockerEngine,
    build: ImageBuild,
    say: (line: string) => void,
): Promise<string[]> {
    const ids = new Set<string>();
    const printed: string[] = [];
    const query = {
        t: build.name,
        dockerfile: relative(build.context, build.dockerfile),
        buildargs: JSON.stringify(build.args),
        platform: build.platform,
        // Otherwise a failed step leaves its container behind.
        forcerm: "1",
    };
    const headers = { "Content-Type": "application/x-tar" };
    try {
        const ask = { query, headers, stream: contextArchive(build.context) };
        await engine.follow("POST", "/build", ask, ({ stream = "", aux }) => {
            const line = stream.trimEnd();
            if (/^Step \d+\/\d+ :/.test(line)) say(line);
            else if (line.trim() !== "") printed.push(line);
            const [, id = aux?.ID] = /^ ---> ([0-9a-f]{12})$/.exec(line) ?? [];
            if (id !== undefined) ids.add(id);
        });
    } catch (error) {
        if (!(error instanceof DockerError)) throw error;
        const last = printed.slice(-20).join("\n");
        throw new Error(`The build of ${build.name} failed: ${error.message}\n${last}`, { cause: error });
    }
    return [...ids];
}

/** Everything that `.dockerignore` lets through; equal content makes an equal archive. */
function contextArchive(context: string) {
    const archive = pack();
    for (const name of contextFiles(context)) {
        const file = join(context, name);
        const mode = statSync(file).mode & 0o111 ? 0o755 : 0o644;
        archive.entry({ name, mode, mtime: new Date(0) }, readFileSync(file));
    }
    archive.finalize();
    return archive;
}
