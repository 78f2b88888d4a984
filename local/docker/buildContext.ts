import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import dockerignore from "@balena/dockerignore";

/** The files of a build context that its `.dockerignore` lets through, as sorted relative paths. */
export function contextFiles(context: string): string[] {
    const ignore = dockerignore();
    const ignoreFile = join(context, ".dockerignore");
    if (existsSync(ignoreFile)) ignore.add(readFileSync(ignoreFile, "utf8"));
    const filesBelow = (folder: string): string[] =>
        readdirSync(join(context, folder), { withFileTypes: true }).flatMap((entry) => {
            const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
            if (entry.name === "node_modules") return [];
            if (entry.isDirectory()) return filesBelow(path);
            return ignore.ignores(path) ? [] : [path];
        });
    return filesBelow("").sort();
}

/** Like the genuine provider's `contextDigest`, over the paths, modes and contents of what a build would be sent. */
export function contextDigest(context: string): string {
    const hash = createHash("sha256");
    for (const file of contextFiles(context)) {
        const path = join(context, file);
        const content = readFileSync(path);
        hash.update(`${file}\0${(statSync(path).mode & 0o777).toString(8)}\0${content.length}\0`).update(
            content,
        );
    }
    return hash.digest("hex");
}
