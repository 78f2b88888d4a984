import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import exif from "exif-reader";
import { formatOf } from "../classifier/src/image/formatOf";
import type { Pixels } from "../classifier/src/image/pixels";
import { preprocess } from "../classifier/src/preprocess";
import { BadInput } from "./badInput";
import { numberBursts } from "./bursts";
import { sharp } from "./sharp";

/** A labelled photograph. Its metadata stays behind: of EXIF only the time is read, and only to find its burst. */
export interface Photograph {
    file: string;
    label: string;
    burst: number;
    /** What a network with a side of `side` pixels sees of it. */
    pixels: Pixels;
}

/**
 * Reads a folder with one folder of images per label, all of it, in sorted order. Throws `BadInput` for what cannot be
 * trained on.
 */
export async function readPhotographs(folder: string, side: number): Promise<Photograph[]> {
    const labels = await labelsIn(folder);
    const files = (await Promise.all(labels.map((label) => imagesIn(folder, label)))).flat();
    const photographs: (Omit<Photograph, "burst"> & { takenAt?: number })[] = [];
    for (const { file, label } of files) {
        const bytes = await readFile(file);
        const pixels = await pixelsOf(file, bytes, side);
        photographs.push({ file, label, pixels, takenAt: await timeTaken(bytes) });
    }
    const bursts = numberBursts(photographs);
    return photographs.map(({ takenAt: _, ...photograph }, index) => ({
        ...photograph,
        burst: bursts[index] as number,
    }));
}

async function labelsIn(folder: string): Promise<string[]> {
    const wanted = "one folder of images per label in";
    const entries = await readdir(folder, { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
        const found = cause.code === "ENOENT" ? "there is no such folder" : `found: ${cause.message}`;
        throw new BadInput(`Expected ${wanted} ${folder}, ${found}. Give the folder that holds the labels.`, {
            cause,
        });
    });
    const labels = entries
        .filter((entry) => entry.isDirectory() && !isHidden(entry.name))
        .map(({ name }) => name);
    if (labels.length < 2) {
        throw new BadInput(
            `Expected ${wanted} ${folder}, two labels at least, found ${labels.join(", ") || "none"}. ` +
                "Sort the images into one folder per label.",
        );
    }
    return labels.sort();
}

async function imagesIn(folder: string, label: string): Promise<{ file: string; label: string }[]> {
    const path = join(folder, label);
    const entries = (await readdir(path, { withFileTypes: true })).filter(({ name }) => !isHidden(name));
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    if (entries.length === 0 || folders.length > 0) {
        const found = folders.length > 0 ? `the folder ${folders[0]}` : "none";
        throw new BadInput(`Expected images of "${label}" in ${path}, found ${found}. Put images there.`);
    }
    const names = entries.map(({ name }) => name).sort();
    return names.map((name) => ({ file: join(path, name), label }));
}

async function pixelsOf(file: string, bytes: Buffer, side: number): Promise<Pixels> {
    try {
        return await preprocess(bytes, { width: side, height: side });
    } catch (cause) {
        throw new BadInput(`${file}: ${(cause as Error).message} Repair or remove ${basename(file)}.`, {
            cause,
        });
    }
}

/** When the camera says that it took the photograph, in milliseconds; undefined where it does not say. */
async function timeTaken(bytes: Buffer): Promise<number | undefined> {
    // sharp reads none.
    if (formatOf(bytes) === "BMP") return undefined;
    const { exif: block } = await sharp(bytes).metadata();
    const photo = block && readExif(block)?.Photo;
    const fraction = Number(`0.${photo?.SubSecTimeOriginal ?? 0}`) || 0;
    return photo?.DateTimeOriginal && photo.DateTimeOriginal.getTime() + fraction * 1000;
}

function readExif(block: Buffer) {
    try {
        return exif(block);
    } catch {
        return undefined; // a damaged EXIF block is as good as none
    }
}

/** Files that operating systems leave in folders, such as .DS_Store. */
function isHidden(name: string): boolean {
    return name.startsWith(".");
}
