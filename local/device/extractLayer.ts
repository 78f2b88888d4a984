import { createWriteStream } from "node:fs";
import { link, lstat, mkdir, readdir, realpath, rm, symlink } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract, type Header } from "tar-stream";

const whiteout = ".wh.";
const opaqueWhiteout = ".wh..wh..opq";

/**
 * Unpacks one layer of an image over what lies in `rootfs`, an absolute path: files, folders and links, with whiteouts
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
    const results = await Promise.allSettled([fed, unpack(archive, rootfs)]);
    const errors = results.flatMap((result) =>
        result.status === "rejected" ? [result.reason as Error] : [],
    );
    // When one end fails, the other one only finds its stream closed.
    const cause = errors.find(({ message }) => !/premature close/i.test(message)) ?? errors[0];
    if (cause) throw cause;
}

async function unpack(archive: ReturnType<typeof extract>, rootfs: string): Promise<void> {
    const own = new Set<string>();
    for await (const entry of archive) {
        const target = inside(rootfs, entry.header.name);
        if (target !== rootfs)
            await placeEntry(entry.header, entry as unknown as AsyncIterable<Buffer>, target, rootfs, own);
        entry.resume();
    }
}

async function placeEntry(
    header: Header,
    content: AsyncIterable<Buffer>,
    target: string,
    rootfs: string,
    own: Set<string>,
): Promise<void> {
    const folder = dirname(target);
    await mkdir(folder, { recursive: true });
    await refuseDetour(folder, rootfs, header.name);
    const name = basename(target);
    if (name === opaqueWhiteout) {
        for (const below of await readdir(folder)) {
            if (!own.has(join(folder, below)))
                await rm(join(folder, below), { recursive: true, force: true });
        }
        return;
    }
    if (name.startsWith(whiteout)) {
        await rm(join(folder, name.slice(whiteout.length)), { recursive: true, force: true });
        return;
    }
    for (let path = target; path !== rootfs; path = dirname(path)) own.add(path);
    const mode = header.mode & 0o777;
    if (header.type === "directory") {
        const found = await lstat(target).catch(() => undefined);
        if (found && !found.isDirectory()) await rm(target);
        await mkdir(target, { recursive: true });
        return;
    }
    await rm(target, { recursive: true, force: true });
    switch (header.type) {
        case "file":
        case "contiguous-file":
            await pipeline(content, createWriteStream(target, { flags: "wx", mode }));
            return;
        case "symlink":
            refuseEscape(rootfs, resolve(await realpath(folder), header.linkname), header);
            if (isAbsolute(header.linkname)) throw leadsOut(header);
            await symlink(header.linkname, target);
            return;
        case "link": {
            const source = inside(rootfs, header.linkname);
            await refuseDetour(source, rootfs, header.name);
            await link(source, target);
            return;
        }
        default:
            throw new Error(
                `The layer's entry ${header.name} is a ${header.type}, which this device does not unpack.`,
            );
    }
}

/** The place of an entry; its name may begin with `/` or `./`. */
function inside(rootfs: string, name: string): string {
    if (name.split("/").includes("..")) throw new Error(`The layer's entry ${name} leads out of the image.`);
    return join(rootfs, name).replace(/(?<=.)\/$/, "");
}

/** A link that an earlier entry brought may have turned `path` elsewhere. */
async function refuseDetour(path: string, rootfs: string, name: string): Promise<void> {
    const real = await realpath(path);
    const way = relative(await realpath(rootfs), real);
    if (way === ".." || way.startsWith(`..${sep}`))
        throw new Error(`The layer's entry ${name} leads out of the image.`);
}

function refuseEscape(rootfs: string, target: string, header: Header): void {
    const way = relative(rootfs, target);
    if (way === ".." || way.startsWith(`..${sep}`)) throw leadsOut(header);
}

function leadsOut(header: Header): Error {
    return new Error(`The layer's link ${header.name} to ${header.linkname} leads out of the image.`);
}
