import { link, lstat, mkdir, open, readdir, realpath, rm, symlink } from "node:fs/promises";
import { isAbsolute, join, resolve, sep } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract, type Header } from "tar-stream";

const whiteout = ".wh.";
const opaqueWhiteout = ".wh..wh..opq";

/**
 * Unpacks one layer of an image over what lies in `rootfs`, a real path: files, folders and links, with whiteouts
 * removing what lower layers brought (OCI image specification, "Image Layer Filesystem Changeset"). An entry or a link
 * that leads out of `rootfs` is an error; owners and times are left out.
 */
export async function extractLayer(layer: Readable, mediaType: string, rootfs: string): Promise<void> {
    const archive = extract();
    const isZipped = /[+.]gzip$/.test(mediaType);
    if (!isZipped && !mediaType.endsWith("tar")) {
        layer.destroy();
        throw new Error(`A layer has the media type ${mediaType}; this device unpacks tar and gzip.`);
    }
    const fed = isZipped ? pipeline(layer, createGunzip(), archive) : pipeline(layer, archive);
    const [feeding, unpacking] = await Promise.allSettled([fed, unpack(archive, rootfs)]);
    const feedingError =
        feeding.status === "rejected" ? (feeding.reason as NodeJS.ErrnoException) : undefined;
    // A failure of the unpacking closes the stream, so that this code says nothing about the layer itself.
    if (feedingError && feedingError.code !== "ERR_STREAM_PREMATURE_CLOSE") throw feedingError;
    if (unpacking.status === "rejected") throw unpacking.reason;
    if (feedingError) throw feedingError;
}

async function unpack(archive: ReturnType<typeof extract>, rootfs: string): Promise<void> {
    /** The paths of this layer's own entries, which its whiteouts must not remove. */
    const own = new Set<string>();
    for await (const entry of archive) {
        const path = segments(entry.header.name);
        if (path.length > 0) {
            await placeEntry(entry.header, entry as unknown as AsyncIterable<Buffer>, path, rootfs, own);
        }
        entry.resume();
    }
}

async function placeEntry(
    header: Header,
    content: AsyncIterable<Buffer>,
    path: string[],
    rootfs: string,
    own: Set<string>,
): Promise<void> {
    const name = path.at(-1) ?? "";
    const folder = await realFolder(path.slice(0, -1), rootfs, own);
    if (name.startsWith(whiteout)) return removeLower(folder, name, own);
    const target = join(folder, name);
    own.add(target);
    if (header.type === "directory") return void (await realFolder(path, rootfs, own));
    await rm(target, { recursive: true, force: true });
    switch (header.type) {
        case "file":
        case "contiguous-file":
            return writeContent(content, target, header.mode & 0o777);
        case "symlink":
            if (isAbsolute(header.linkname)) throw leadsOut(header.name);
            refuseOutside(resolve(folder, header.linkname), rootfs, header.name);
            return symlink(header.linkname, target);
        case "link": {
            const source = await realpath(join(rootfs, ...segments(header.linkname)));
            refuseOutside(source, rootfs, header.name);
            return link(source, target);
        }
        default:
            throw new Error(
                `The layer's entry ${header.name} is a ${header.type}, which this device does not unpack.`,
            );
    }
}

async function removeLower(folder: string, name: string, own: Set<string>): Promise<void> {
    const names = name === opaqueWhiteout ? await readdir(folder) : [name.slice(whiteout.length)];
    for (const place of names.map((each) => join(folder, each))) {
        if (!own.has(place)) await rm(place, { recursive: true, force: true });
    }
}

/** Writes a file chunk by chunk: a pipeline would wait for ever when the archive broke before this entry was read. */
async function writeContent(content: AsyncIterable<Buffer>, target: string, mode: number): Promise<void> {
    const file = await open(target, "wx", mode);
    try {
        for await (const chunk of content) await file.writeFile(chunk);
    } finally {
        await file.close();
    }
}

/** The parts of an entry's name, which may begin with `/` or `./`. */
function segments(name: string): string[] {
    const parts = name.split("/").filter((part) => part !== "" && part !== ".");
    if (parts.includes("..")) throw leadsOut(name);
    return parts;
}

/** Makes a folder step by step and returns its real place: a link on the way may lead elsewhere, but never out. */
async function realFolder(path: string[], rootfs: string, own: Set<string>): Promise<string> {
    let folder = rootfs;
    for (const part of path) {
        const next = join(folder, part);
        const found = await lstat(next).catch(() => undefined);
        if (found?.isSymbolicLink()) {
            folder = await realpath(next);
            refuseOutside(folder, rootfs, path.join("/"));
            continue;
        }
        if (!found?.isDirectory()) {
            if (found) await rm(next);
            await mkdir(next);
            own.add(next);
        }
        folder = next;
    }
    return folder;
}

function refuseOutside(place: string, rootfs: string, name: string): void {
    if (place !== rootfs && !place.startsWith(rootfs + sep)) throw leadsOut(name);
}

function leadsOut(name: string): Error {
    return new Error(`The layer's entry ${name} leads out of the image.`);
}
