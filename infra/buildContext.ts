import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
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
            // Never part of the image, and far too many to ask about one by one.
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
