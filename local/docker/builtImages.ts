import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type DockerEngine, DockerError } from "./dockerEngine";

/** What a stack's builds left in the engine, where it is their cache; a file keeps it until the next build or the end. */
export interface BuiltImages {
    /** The names of the images, and the ids of all that the engine made on the way to them. */
    readonly images: readonly string[];
}

/** The file that keeps what the builds of the local Azure in a folder made. */
export function builtImagesFile(localFolder: string): string {
    return join(localFolder, "build/built-images.json");
}

/** Notes what the latest build made, and removes from the engine what only earlier ones needed. */
export async function keepBuiltImages(file: string, engine: DockerEngine, images: string[]): Promise<void> {
    const earlier = readBuilt(file).images;
    mkdirSync(dirname(file), { recursive: true });
    // Both are on record until the earlier ones are gone, so that an interruption leaves nothing unknown.
    writeFileSync(file, JSON.stringify({ images: [...earlier, ...images] }));
    const superseded = earlier.filter((image) => !images.includes(image));
    // An image that a container still runs on is tried again with the next build, or at the end.
    const inUse = await removeImages(engine, superseded);
    writeFileSync(file, JSON.stringify({ images: [...inUse, ...images] }));
}

/**
 * Removes everything that the stack's builds left in the engine. Returns what is still in use after a while, which stays on
 * record.
 */
export async function removeBuiltImages(file: string, engine: DockerEngine): Promise<string[]> {
    let images = [...readBuilt(file).images];
    // A device that was told to remove the module needs a moment, and until then the image is in use.
    for (let tries = 0; tries < 20; tries++) {
        images = await removeImages(engine, images);
        if (images.length === 0) break;
        await sleep(250);
    }
    if (images.length > 0) writeFileSync(file, JSON.stringify({ images }));
    else rmSync(file, { force: true });
    return images;
}

/** Removes the newest first, since an image cannot go before those that were made from it. Returns what is in use. */
async function removeImages(engine: DockerEngine, images: readonly string[]): Promise<string[]> {
    const inUse: string[] = [];
    for (const image of images.toReversed()) {
        try {
            await engine.call("DELETE", `/images/${image}`);
        } catch (error) {
            if (!(error instanceof DockerError) || ![404, 409].includes(error.status)) throw error;
            // 404 means that it went together with another one.
            if (error.status === 409) inUse.unshift(image);
        }
    }
    return inUse;
}

/** What the builds left, as far as it is on record. */
export function readBuilt(file: string): BuiltImages {
    return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { images: [] };
}
