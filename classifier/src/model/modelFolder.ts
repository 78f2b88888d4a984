import { readdir, readFile } from "node:fs/promises";
import { basename, join, sep } from "node:path";
import {
    type ExportProperties,
    MANIFEST_FILE,
    PROPERTIES_FILE,
    parseManifest,
    parseProperties,
    refuseForeignExport,
} from "./exportFiles";
import { type ModelYaml, parseModelYaml } from "./modelYaml";
import { readModelFile } from "./readModelFile";

/** The files of a model, read but not yet understood. */
export interface ModelFiles {
    /** The path of the network's file. */
    path: string;
    network: Uint8Array;
    labels?: string[];
    properties?: ExportProperties;
    yaml: ModelYaml & { name: string };
}

/**
 * Reads a model from a folder: a Custom Vision ONNX export as it was unpacked, or any ONNX file with a `labels.txt`,
 * and in both cases a `model.yaml` where present. Throws a sentence for what is missing or of another kind.
 */
export async function readModelFolder(folder: string): Promise<ModelFiles> {
    const names = await filesIn(folder);
    const read = async <T>(
        name: string,
        parse: (text: string, path: string) => T,
    ): Promise<T | undefined> => {
        const path = join(folder, name);
        return names.includes(name) ? parse(await readFile(path, "utf8"), path) : undefined;
    };
    const manifest = await read(MANIFEST_FILE, parseManifest);
    const properties = await read(manifest?.MetadataPropsFileName || PROPERTIES_FILE, parseProperties);
    refuseForeignExport(folder, names, manifest, properties);
    const path = join(folder, networkFile(folder, names, manifest?.ModelFileName));
    const yaml = await read("model.yaml", parseModelYaml);
    return {
        path,
        network: await readModelFile(path),
        labels: await read(manifest?.LabelFileName || "labels.txt", parseLabels),
        properties,
        yaml: { name: basename(folder), ...yaml },
    };
}

async function filesIn(folder: string): Promise<string[]> {
    try {
        const names = await readdir(folder, { recursive: true });
        return names.map((name) => name.split(sep).join("/"));
    } catch (cause) {
        throw new Error(
            `Expected a folder with a model at ${folder}, found none. Put model.onnx and labels.txt of an ONNX export ` +
                "there, or name another folder with MODEL_DIR.",
            { cause },
        );
    }
}

function networkFile(folder: string, names: readonly string[], manifestName?: string | null): string {
    const candidates = names.filter((name) => /^[^/]+\.onnx$/i.test(name));
    const file = [manifestName, "model.onnx", candidates.length === 1 ? candidates[0] : undefined].find(
        (name) => name && names.includes(name),
    );
    if (!file) {
        const found =
            candidates.length > 1 ? `several ONNX files (${candidates.join(", ")})` : "no such file";
        throw new Error(
            `Expected model.onnx in ${folder}, found ${found}. Put model.onnx and labels.txt of an ONNX export there, ` +
                "or name another folder with MODEL_DIR.",
        );
    }
    return file;
}

/** One label per line, stripped, as the exported container reads them; HTML escapes in them stay as they are. */
function parseLabels(text: string): string[] {
    return text
        .replace(/^\uFEFF/, "")
        .trimEnd()
        .split("\n")
        .map((line) => line.trim());
}
