import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type ModelYaml, parseModelYaml } from "./modelYaml";

/** The files of a model, read but not yet understood. */
export interface ModelFiles {
    path: string;
    network: Uint8Array;
    labels?: string[];
    yaml: ModelYaml;
}

/** Reads `model.onnx`, `labels.txt` and, where present, `model.yaml` from a folder. */
export async function readModelFolder(folder: string): Promise<ModelFiles> {
    const path = join(folder, "model.onnx");
    const network = await readIfPresent(path);
    if (!network) {
        throw new Error(
            `Expected a model in ${path}, found no such file. Put model.onnx and labels.txt of an ONNX export there, ` +
                "or name another folder with MODEL_DIR.",
        );
    }
    const labels = await readIfPresent(join(folder, "labels.txt"));
    const yamlPath = join(folder, "model.yaml");
    const yaml = await readIfPresent(yamlPath);
    return {
        path,
        network,
        labels: labels && parseLabels(labels.toString("utf8")),
        yaml: { name: basename(folder), ...(yaml && parseModelYaml(yaml.toString("utf8"), yamlPath)) },
    };
}

/** One label per line, stripped as the exported container does; lines at the end may be missing or empty. */
function parseLabels(text: string): string[] {
    return text
        .replace(/^\uFEFF/, "")
        .trimEnd()
        .split(/\r?\n/)
        .map((line) => line.trim());
}

async function readIfPresent(path: string): Promise<Buffer | undefined> {
    try {
        return await readFile(path);
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") {
            return undefined;
        }
        throw error;
    }
}
