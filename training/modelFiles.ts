import { copyFile, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { Document, isScalar, visit } from "yaml";

/** A trained model, as it is written to a folder. */
export interface ModelFiles {
    network: Uint8Array;
    labels: string[];
    /** The content of `model.yaml`. */
    description: Record<string, unknown>;
}

/**
 * Writes `model.onnx`, `labels.txt` and `model.yaml`. They are complete before the first of them takes its place, so
 * that an interruption leaves the old model and not a part of the new one. Where one cannot take its place, the others
 * are what they were before.
 */
export async function writeModelFiles(
    folder: string,
    { network, labels, description }: ModelFiles,
): Promise<void> {
    const contents = {
        "model.onnx": network,
        "labels.txt": labels.map((label) => `${label}\n`).join(""),
        "model.yaml": toYaml(description),
    };
    const target = resolve(folder);
    await mkdir(target, { recursive: true });
    const temporary = await mkdtemp(join(dirname(target), `.${basename(target)}-`));
    try {
        for (const [name, content] of Object.entries(contents))
            await writeFile(join(temporary, name), content);
        await putInPlace(Object.keys(contents), temporary, target);
    } finally {
        await rm(temporary, { recursive: true, force: true });
    }
}

async function putInPlace(names: string[], from: string, to: string): Promise<void> {
    const undo: (() => Promise<void>)[] = [];
    try {
        for (const name of names) {
            const place = join(to, name);
            const old = join(from, `${name}.old`);
            const isReplaced = await copyFile(place, old).then(
                () => true,
                (error: NodeJS.ErrnoException) => {
                    if (error.code !== "ENOENT") throw error;
                    return false;
                },
            );
            await rename(join(from, name), place);
            undo.push(() => (isReplaced ? rename(old, place) : rm(place)));
        }
    } catch (error) {
        for (const restore of undo) await restore();
        throw error;
    }
}

/** Short lists on one line, as people write them. */
function toYaml(content: Record<string, unknown>): string {
    const document = new Document(content);
    visit(document, {
        Seq(_, list) {
            list.flow = list.items.every(isScalar);
        },
    });
    return document.toString({ lineWidth: 110, flowCollectionPadding: false });
}
