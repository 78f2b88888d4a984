import { lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Pack } from "tar-stream";

/** The time of every entry, so that equal content makes an equal archive. */
export const epoch = new Date(0);

/** Adds a folder of this machine with everything in it. */
export async function addFolder(archive: Pack, source: string, name: string): Promise<void> {
    for (const entry of readdirSync(source).sort()) {
        const path = join(source, entry);
        const found = lstatSync(path);
        if (found.isDirectory()) await addFolder(archive, path, `${name}/${entry}`);
        else if (found.isSymbolicLink()) addLink(archive, `${name}/${entry}`, readlinkSync(path));
        else await addFile(archive, path, `${name}/${entry}`);
    }
}

/** Adds a symbolic link. */
export function addLink(archive: Pack, name: string, linkname: string): void {
    archive.entry({ name, type: "symlink", linkname, mtime: epoch });
}

/** Adds a file of this machine, executable when it is that here. */
export function addFile(archive: Pack, source: string, name: string): Promise<void> {
    const mode = statSync(source).mode & 0o111 ? 0o755 : 0o644;
    return add(archive, name, mode, readFileSync(source));
}

export function addText(archive: Pack, name: string, content: string): Promise<void> {
    return add(archive, name, 0o644, Buffer.from(content));
}

/** Resolves once the reader of the archive has taken the entry, so that no more than one file is in memory. */
function add(archive: Pack, name: string, mode: number, content: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
        archive.entry({ name, mode, mtime: epoch }, content, (error) => (error ? reject(error) : resolve()));
    });
}
