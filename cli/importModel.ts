import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { stringify } from "yaml";
import {
    type ExportManifest,
    MANIFEST_FILE,
    PROPERTIES_FILE,
    parseManifest,
    parseProperties,
    refuseForeignExport,
} from "../classifier/src/model/exportFiles";
import { dataFilesOf } from "../classifier/src/model/externalData";
import { openCatalog } from "../classifier/src/model/modelCatalog";
import { DESCRIPTION_FILES } from "../classifier/src/model/modelFolder";
import { decodeText } from "../classifier/src/readText";
import { modelSource, type SourceFiles } from "./modelSource";

/** What was imported, for people. */
export interface ImportedModel {
    name: string;
    version?: string;
    labels: readonly string[];
    /** The files that now make up the model. */
    files: string[];
    /** What the probe says about how pixels are prepared. */
    probe: string;
}

/**
 * Copies a model into the folder that the classifier's image is built from: an export's zip, its unpacked folder, or
 * an ONNX file with labels beside it. Takes the network, its labels, descriptions and samples, never code. The model
 * is opened and probed first, and then takes the place of the old one as a whole; on any error nothing has changed.
 */
export async function importModel(source: string, target: string): Promise<ImportedModel> {
    const files = await modelSource(resolve(source));
    const manifest = await readJson(files, MANIFEST_FILE, source, parseManifest);
    const properties = await readJson(
        files,
        manifest?.MetadataPropsFileName || PROPERTIES_FILE,
        source,
        parseProperties,
    );
    refuseForeignExport(source, [...files.keys()], manifest, properties);

    await mkdir(dirname(target), { recursive: true });
    const staging = await mkdtemp(join(dirname(target), ".model-"));
    try {
        const names = await copyModel(files, manifest, source, staging);
        const imported = await describe(staging, source);
        await replaceFolder(target, staging);
        // A model whose description has no name goes by that of its folder.
        const name = imported.name === basename(staging) ? basename(target) : imported.name;
        return { ...imported, name, files: names };
    } finally {
        await rm(staging, { recursive: true, force: true });
    }
}

async function readJson<T>(
    files: SourceFiles,
    name: string,
    source: string,
    parse: (text: string, path: string) => T,
): Promise<T | undefined> {
    const content = await files.get(name)?.();
    const place = `${name} of ${source}`;
    return content && parse(decodeText(content, place), place);
}

async function copyModel(
    files: SourceFiles,
    manifest: ExportManifest | undefined,
    source: string,
    staging: string,
): Promise<string[]> {
    const described = [
        ...DESCRIPTION_FILES,
        manifest?.LabelFileName,
        manifest?.MetadataPropsFileName,
        manifest?.ModelFileName,
    ];
    const descriptions = described.map((name) => name?.toLowerCase());
    const networks = [...files].filter(([name]) => /^[^/]+\.onnx$/i.test(name));
    const weights = await Promise.all(
        networks.map(async ([name, read]) => dataFilesOf(await read(), `${name} of ${source}`)),
    );
    const wanted = [...files].filter(
        ([name]) =>
            descriptions.includes(name.toLowerCase()) ||
            /^[^/]+\.onnx$/i.test(name) ||
            weights.flat().includes(name) ||
            /^samples\/.+\.(jpe?g|png|gif|bmp|webp|tiff?)$/i.test(name),
    );
    for (const [name, read] of wanted) {
        const content = await read();
        checkHash(name, content, manifest, source);
        await mkdir(dirname(join(staging, name)), { recursive: true });
        await writeFile(join(staging, name), content);
    }
    const names = wanted.map(([name]) => name);
    if (names.some((name) => name.toLowerCase() === "model.yaml")) {
        return names.sort();
    }
    await writeFile(join(staging, "model.yaml"), stringify(descriptionOf(source, manifest)));
    return [...names, "model.yaml"].sort();
}

/** The manifest has the hash of the network, so that a damaged download is not taken for a model. */
function checkHash(
    name: string,
    content: Buffer,
    manifest: ExportManifest | undefined,
    source: string,
): void {
    if (name !== manifest?.ModelFileName || !manifest.ModelFileSHA1) {
        return;
    }
    const found = createHash("sha1").update(content).digest("hex");
    if (found !== manifest.ModelFileSHA1.toLowerCase()) {
        throw new Error(
            `Expected ${name} of ${source} to have the SHA-1 ${manifest.ModelFileSHA1} that its manifest says, found ` +
                `${found}. Download the export again.`,
        );
    }
}

/** A `model.yaml` for a model that has none; its name and version become the image's. */
function descriptionOf(source: string, manifest: ExportManifest = {}): Record<string, string> {
    const { ExportedDate, IterationId } = manifest;
    return {
        name: basename(resolve(source)).replace(/\.(zip|onnx)$/i, ""),
        ...(ExportedDate && { version: ExportedDate.slice(0, 10) }),
        ...(IterationId && { description: `Custom Vision export of iteration ${IterationId}` }),
    };
}

async function describe(staging: string, source: string): Promise<Omit<ImportedModel, "files">> {
    try {
        const { model, probe } = (await openCatalog(staging, "stop")).find([]);
        const { name, version, labels } = model;
        return { name, version, labels, probe: probe?.message ?? "" };
    } catch (cause) {
        // The folder that the message names is about to go; the user knows the model by where it came from.
        throw new Error((cause as Error).message.replaceAll(staging, source), { cause });
    }
}

async function replaceFolder(target: string, staging: string): Promise<void> {
    const old = `${staging}.old`;
    const hadModel = await rename(target, old).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
            if (error.code === "ENOENT") {
                return false;
            }
            throw error;
        },
    );
    try {
        await rename(staging, target);
    } catch (error) {
        if (hadModel) {
            await rename(old, target);
        }
        throw error;
    }
    await rm(old, { recursive: true, force: true });
}
