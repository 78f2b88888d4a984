import { createHash } from "node:crypto";
import {
    createReadStream,
    createWriteStream,
    existsSync,
    mkdirSync,
    readdirSync,
    readFileSync,
    renameSync,
    rmSync,
    statSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { pack } from "tar-stream";
import { sourcesHash } from "../../setup/sourcesHash";
import { addFile } from "../docker/archive";
import { contextFiles } from "../docker/buildContext";
import { baseLabel } from "../docker/imageLabels";
import { ownArchitecture } from "../docker/ownArchitecture";
import { dockerfileConfig } from "./dockerfileConfig";

/** A layer as a tar file on disk. */
export interface Layer {
    readonly file: string;
    readonly digest: string;
    readonly size: number;
}

/** An image that needs no base: everything a process with the host's own Node needs, the model last. */
export interface ImagePackage {
    /** The OCI image configuration. */
    readonly config: Buffer;
    readonly layers: readonly Layer[];
}

/** What an image is packed from. */
export interface ImageSource {
    readonly context: string;
    readonly dockerfile: string;
    readonly args: Record<string, string>;
    /** Keeps what was packed before, so that unchanged layers are not packed again. */
    readonly cache: string;
}

const PRUNE = "prune.js";

interface Entry {
    readonly path: string;
    readonly source: string;
}

/**
 * Packs the service as its Dockerfile would: production dependencies without the binaries of other platforms, the
 * compiled service, the model. Equal content gives equal layers: names sorted, no times, no owners.
 */
export async function packImage(source: ImageSource): Promise<ImagePackage> {
    const { context, cache } = source;
    mkdirSync(cache, { recursive: true });
    const settings = dockerfileConfig(readFileSync(source.dockerfile, "utf8"), source.args);
    const root = settings.WorkingDir.replace(/^\//, "");
    const layers = [
        await packDependencies(context, cache, root),
        await packLayer(cache, serviceFiles(context, root)),
        await packLayer(cache, modelFiles(context, root)),
    ];
    const config = {
        architecture: ownArchitecture,
        os: process.platform,
        config: { ...settings, Labels: { ...settings.Labels, [baseLabel]: "none" } },
        rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => digest) },
    };
    return { config: Buffer.from(JSON.stringify(config)), layers };
}

/** Packing some 70 MB takes a second, so the layer is kept under a name that changes with what goes into it. */
async function packDependencies(context: string, cache: string, root: string): Promise<Layer> {
    const installed = readFileSync(join(context, "node_modules/.package-lock.json"));
    const key = createHash("sha256")
        .update(readFileSync(join(context, "package-lock.json")))
        .update(installed)
        .update(existsSync(join(context, PRUNE)) ? readFileSync(join(context, PRUNE)) : "")
        .update(`${root}\0${process.platform}\0${process.arch}`)
        .digest("hex");
    const kept = join(cache, `dependencies-${key.slice(0, 16)}.tar`);
    if (existsSync(kept)) return describe(kept);
    const { file } = await packLayer(cache, dependencyFiles(context, root));
    renameSync(file, kept);
    return describe(kept);
}

function dependencyFiles(context: string, root: string): Entry[] {
    const lock = JSON.parse(readFileSync(join(context, "package-lock.json"), "utf8")) as {
        packages: Record<string, { dev?: boolean; devOptional?: boolean }>;
    };
    const production = Object.entries(lock.packages)
        .filter(([path, { dev, devOptional }]) => path !== "" && !dev && !devOptional)
        .map(([path]) => path)
        // Optional packages of other platforms are in the lock file and not on the disk.
        .filter((path) => existsSync(join(context, path)));
    return production
        .flatMap((path) => filesBelow(context, path))
        .filter(runsHere(context))
        .map((path) => ({ path: `${root}/${path}`, source: join(context, path) }));
}

/** Tells which files of its packages a context keeps: its own script decides that, here as in the Dockerfile. */
function runsHere(context: string): (path: string) => boolean {
    const script = resolve(context, PRUNE);
    if (!existsSync(script)) return () => true;
    const { isRun } = require(script) as {
        isRun(path: string, machine: { platform: string; arch: string }): boolean;
    };
    return (path) => isRun(path, process);
}

function serviceFiles(context: string, root: string): Entry[] {
    const compiled = join(context, "dist");
    const stamp = join(compiled, ".sources");
    const sources = sourcesHash(context, ["src", "tsconfig.json", "package-lock.json"]);
    if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== sources) {
        throw new Error(
            `Expected ${context}/dist to be compiled from the present sources, found it missing or older. ` +
                "Compile it with: npm run setup",
        );
    }
    const asTheyAre = contextFiles(context).filter(
        (path) => path === "package.json" || path.startsWith("ui/"),
    );
    return [...asTheyAre, ...filesBelow(context, "dist")].map((path) => ({
        path: `${root}/${path}`,
        source: join(context, path),
    }));
}

function modelFiles(context: string, root: string): Entry[] {
    return contextFiles(context)
        .filter((path) => path.startsWith("model/"))
        .map((path) => ({ path: `${root}/${path}`, source: join(context, path) }));
}

function filesBelow(context: string, folder: string): string[] {
    return readdirSync(join(context, folder), { withFileTypes: true }).flatMap((entry) => {
        const path = `${folder}/${entry.name}`;
        // A nested node_modules is a package of its own in the lock file.
        if (entry.isDirectory()) return entry.name === "node_modules" ? [] : filesBelow(context, path);
        return entry.isFile() ? [path] : [];
    });
}

async function packLayer(cache: string, entries: Entry[]): Promise<Layer> {
    const archive = pack();
    const partial = join(cache, `packing-${process.pid}.tar`);
    async function fill(): Promise<void> {
        for (const { path, source } of entries.toSorted((a, b) => (a.path < b.path ? -1 : 1)))
            await addFile(archive, source, path);
        archive.finalize();
    }
    await Promise.all([pipeline(archive, createWriteStream(partial)), fill()]);
    const layer = await describe(partial);
    const file = join(cache, `${layer.digest.replace(":", "-")}.tar`);
    rmSync(file, { force: true });
    renameSync(partial, file);
    return { ...layer, file };
}

async function describe(file: string): Promise<Layer> {
    const hash = createHash("sha256");
    await pipeline(createReadStream(file), hash);
    return { file, digest: `sha256:${hash.digest("hex")}`, size: statSync(file).size };
}
