import { createHash } from "node:crypto";
import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import dockerignore from "@balena/dockerignore";

/**
 * The files that Docker would send of a build context: everything below `folder` that its `.dockerignore` lets
 * through, as sorted relative paths with forward slashes.
 */
export function buildContextFiles(folder: string): string[] {
    const ignore = dockerignore();
    const ignoreFile = join(folder, ".dockerignore");
    if (existsSync(ignoreFile)) ignore.add(readFileSync(ignoreFile, "utf8"));
    const files: string[] = [];
    const walk = (relative: string) => {
        for (const entry of readdirSync(join(folder, relative), { withFileTypes: true })) {
            const path = relative === "" ? entry.name : `${relative}/${entry.name}`;
            // These files are never part of the image, and far too many to match one by one against the ignore file.
            if (entry.name === "node_modules") continue;
            if (entry.isDirectory()) walk(path);
            else if (!ignore.ignores(path)) files.push(path);
        }
    };
    walk("");
    return files.sort();
}

/**
 * Names the content of a build context: the first 16 hexadecimal digits of a SHA-256 over paths and contents. Times,
 * modes and the folder's own place do not enter, so it is the same in every clone of one commit.
 */
export function contentHash(folder: string): string {
    const hash = createHash("sha256");
    for (const file of buildContextFiles(folder)) {
        const content = readFileSync(join(folder, file));
        hash.update(`${file}\0${content.length}\0`).update(content);
    }
    return hash.digest("hex").slice(0, 16);
}

/**
 * Gives every file and folder of a build context the mode that git knows of it: 644, or 755 where its owner may execute
 * it. Docker's layers and the provider's own hash hold the modes, and those of a checkout are made by each user's umask:
 * without this a reviewer's preview would show another image than the author's.
 */
export function normalizeModes(folder: string): void {
    const files = buildContextFiles(folder);
    const folders = new Set(files.flatMap((file) => foldersAbove(file)));
    for (const path of [...folders, ...files].map((relative) => join(folder, relative))) {
        const { mode } = statSync(path);
        const wanted = mode & 0o100 ? 0o755 : 0o644;
        if ((mode & 0o777) !== wanted) chmodSync(path, wanted);
    }
}

function foldersAbove(file: string): string[] {
    const folder = dirname(file);
    return folder === "." ? ["."] : [folder, ...foldersAbove(folder)];
}
