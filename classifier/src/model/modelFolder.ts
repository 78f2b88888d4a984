import { basename, join } from "node:path";
import { readText } from "../readText";
import {
    type ExportProperties,
    MANIFEST_FILE,
    PROPERTIES_FILE,
    parseManifest,
    parseProperties,
    refuseForeignExport,
} from "./exportFiles";
import { filesBelow } from "./filesBelow";
import { parseConfigLabels, parseLabelLines, parseLabelsJson, type SourcedLabels } from "./labelFiles";
import { type ModelYaml, type PreprocessingYaml, parseModelYaml } from "./modelYaml";
import { parsePreprocessorConfig } from "./preprocessorConfig";
import { readModelFile } from "./readModelFile";
import type { FileEvidence } from "./tensorFormat";

/** The files of a model, read but not yet understood. */
export interface ModelFiles {
    /** The path of the network's file. */
    path: string;
    network: Uint8Array;
    /** Those of `labels.txt`. */
    labels?: string[];
    /** Those that other files have, which count after `model.yaml`. */
    otherLabels: readonly SourcedLabels[];
    properties?: ExportProperties;
    /** What files beside the network say of the channel order and the range; it counts before what the network says. */
    evidence: FileEvidence;
    /** `model.yaml`, with the rest of what other files say about preprocessing. */
    yaml: ModelYaml & { name: string };
}

const PREPROCESSOR_FILE = "preprocessor_config.json";

/** Names of the files that describe a network, beside those that an export's manifest names. */
export const DESCRIPTION_FILES = [
    "model.yaml",
    "labels.txt",
    "labels.json",
    "config.json",
    PREPROCESSOR_FILE,
    MANIFEST_FILE,
    PROPERTIES_FILE,
];

/**
 * Reads a model from a folder: a Custom Vision ONNX export as it was unpacked, or any ONNX file with a `labels.txt` or
 * another file that names its labels, and in both cases a `model.yaml` where present. Throws a sentence for what is missing
 * or of another kind.
 */
export async function readModelFolder(folder: string): Promise<ModelFiles> {
    const names = await filesIn(folder);
    const read = <T>(wanted: string, parse: (text: string, path: string) => T): T | undefined => {
        const name = nameLike(names, wanted);
        return name === undefined ? undefined : parse(readText(join(folder, name)), join(folder, name));
    };
    const manifest = read(MANIFEST_FILE, parseManifest);
    const properties = read(manifest?.MetadataPropsFileName || PROPERTIES_FILE, parseProperties);
    refuseForeignExport(folder, names, manifest, properties);
    const path = join(folder, networkFile(folder, names, manifest?.ModelFileName));
    const yaml: ModelYaml & { name: string } = {
        name: basename(folder),
        ...read("model.yaml", parseModelYaml),
    };
    const config = read(PREPROCESSOR_FILE, (text, place) =>
        parsePreprocessorConfig(text, place, yaml.preprocessing),
    );
    return {
        path,
        network: await readModelFile(path),
        labels: read(manifest?.LabelFileName || "labels.txt", parseLabelLines),
        otherLabels: [
            { source: "labels.json", labels: read("labels.json", parseLabelsJson) },
            { source: "config.json", labels: read("config.json", parseConfigLabels) },
        ].filter((source): source is SourcedLabels => source.labels !== undefined),
        properties,
        ...describedBy(config, yaml),
    };
}

function describedBy(config: PreprocessingYaml | undefined, yaml: ModelFiles["yaml"]) {
    const { range, channelOrder, ...rest } = config ?? {};
    const source = PREPROCESSOR_FILE;
    return {
        evidence: {
            ...(range && { range: { value: range, source } }),
            ...(channelOrder && { channelOrder: { value: channelOrder, source } }),
        },
        yaml: config ? { ...yaml, preprocessing: { ...rest, ...yaml.preprocessing } } : yaml,
    };
}

/** The name as it is written in the folder: some systems do not tell large letters from small ones. */
function nameLike(names: readonly string[], wanted: string): string | undefined {
    return names.includes(wanted)
        ? wanted
        : names.find((name) => name.toLowerCase() === wanted.toLowerCase());
}

async function filesIn(folder: string): Promise<string[]> {
    try {
        return await filesBelow(folder);
    } catch (cause) {
        const { code } = cause as NodeJS.ErrnoException;
        const found = code === "EACCES" ? "one that this user may not open" : "none";
        throw new Error(
            `Expected a folder with a model at ${folder}, found ${found}. Put model.onnx and labels.txt of an ONNX export ` +
                "there, or name another folder with MODEL_DIR.",
            { cause },
        );
    }
}

function networkFile(folder: string, names: readonly string[], manifestName?: string | null): string {
    const candidates = names.filter((name) => /^[^/]+\.onnx$/i.test(name));
    const file = [manifestName, "model.onnx", candidates.length === 1 ? candidates[0] : undefined]
        .map((name) => name && nameLike(names, name))
        .find(Boolean);
    if (!file) {
        const below = names.filter((name) => /\.onnx$/i.test(name));
        const found =
            candidates.length > 1
                ? `several ONNX files (${candidates.join(", ")})`
                : below.length > 0
                  ? `no such file there but ${below.join(", ")}`
                  : "no such file";
        throw new Error(
            `Expected model.onnx in ${folder}, found ${found}. Put model.onnx and labels.txt of an ONNX export there, ` +
                "or name another folder with MODEL_DIR.",
        );
    }
    return file;
}
