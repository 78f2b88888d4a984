import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { isNoise } from "./noise";

/**
 * The files below a folder by their sorted paths with slashes, without noise. Links are followed, as caches and mounted
 * volumes consist of them; one that leads nowhere counts as a file, so that whoever reads it says so.
 */
export async function filesBelow(folder: string): Promise<string[]> {
    const files: string[] = [];
    const walk = async (relative: string, above: readonly string[]): Promise<void> => {
        const place = join(folder, relative);
        const real = await realpath(place);
        // A link to a folder above would lead round in a circle.
        if (above.includes(real)) {
            return;
        }
        for (const name of await readdir(place)) {
            const path = relative === "" ? name : `${relative}/${name}`;
            if (isNoise(name)) {
                continue;
            }
            const found = await stat(join(folder, path)).catch(() => undefined);
            if (found?.isDirectory()) {
                await walk(path, [...above, real]);
            } else if (!found || found.isFile()) {
                files.push(path);
            }
        }
    };
    await walk("", []);
    return files.sort();
}
