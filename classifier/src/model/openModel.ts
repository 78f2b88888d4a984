import type { Size } from "../image/pixels";
import { decodeModel, encodeModel, type GraphProto, type ModelProto } from "../onnx";
import type { Activation } from "../predictions";
import { openSession, type Session } from "../session";
import { type LendTensor, lendTensors, type TensorFormat } from "../tensor";
import { castToFloat } from "./castToFloat";
import { imageInput } from "./imageInput";
import { type ModelFiles, readModelFolder } from "./modelFolder";
import { type NetworkValue, networkInputs } from "./networkValues";
import { upgradeOldOpset } from "./oldOpsets";
import { activationOf, scoresOutput } from "./scoresOutput";
import { type FileEvidence, fileEvidence, tensorFormat } from "./tensorFormat";
import { cutZipMap } from "./zipMap";

/** A model that is ready to classify images, and what is known about it. */
export interface Model {
    kind: "image";
    name: string;
    version?: string;
    description?: string;
    labels: readonly string[];
    size: Size;
    format: TensorFormat;
    /** Lends images in that format. */
    lendTensor: LendTensor;
    /** Where the channel order and the range come from. */
    sources: { channelOrder: string; range: string };
    evidence: FileEvidence;
    activation: Activation;
    mode?: "exact" | "fast";
    session: Session;
}

/** Opens the image classifier in a folder; its file is changed in memory at most. Errors say what is wrong with it. */
export async function openModel(folder: string): Promise<Model> {
    const files = await readModelFolder(folder);
    return openImageModel(files, decodeModel(files.network, files.path));
}

/** Opens an image classifier whose file was read already; `model` is changed. */
export async function openImageModel(
    files: ModelFiles,
    model: ModelProto & { graph: GraphProto },
): Promise<Model> {
    const { path, yaml, properties } = files;
    const { graph } = model;

    const input = imageInput(networkInputs(graph), path, yaml.preprocessing);
    const evidence = fileEvidence(model, input.value);
    const { format, sources } = tensorFormat(yaml.preprocessing, evidence, input.value, input.layout);

    const upgraded = upgradeOldOpset(model);
    const ownLabels = cutZipMap(graph);
    const output = scoresOutput(graph, path, yaml.output?.name);
    const activation = yaml.output?.activation ?? activationOf(graph, output.name, properties);
    const cast = castToFloat(graph, input.value, output);
    const labels = labelsFor(files, ownLabels, output);

    const network = upgraded || ownLabels || cast ? encodeModel(model) : files.network;
    return {
        kind: "image",
        name: yaml.name,
        version: yaml.version,
        description: yaml.description,
        labels,
        size: input.size,
        format,
        lendTensor: lendTensors(format),
        sources,
        evidence,
        activation,
        mode: yaml.preprocessing?.mode,
        session: await openSession(network, input.value.name, output.name).catch((cause) => {
            throw unopenable(path, cause);
        }),
    };
}

/** `labels.txt`, as the exported container does, before `model.yaml` before what the network carries itself. */
function labelsFor(
    { path, labels, yaml }: ModelFiles,
    own: string[] | undefined,
    output: NetworkValue,
): string[] {
    const chosen = labels ?? yaml.labels ?? own;
    const scores = output.dims[1];
    if (!chosen) {
        throw new Error(
            `Expected a labels.txt beside ${path}, which has no labels of its own, found none. Put the labels there, ` +
                "one per line in the order of the network's scores; an export's zip has it.",
        );
    }
    if (scores !== undefined && scores !== chosen.length) {
        throw new Error(
            `Expected ${scores} labels for the ${scores} scores of ${path}, found ${chosen.length} ` +
                `(${chosen.join(", ")}). Put the labels.txt of the same export beside it.`,
        );
    }
    if (own && chosen.join() !== own.join() && [...chosen].sort().join() === [...own].sort().join()) {
        throw new Error(
            `Expected the labels in the order of ${path} itself (${own.join(", ")}), found another order ` +
                `(${chosen.join(", ")}). Put the labels.txt of the same export beside it, or none.`,
        );
    }
    return chosen;
}

/** The error for a network that onnxruntime does not take. */
export function unopenable(path: string, cause: unknown): Error {
    return new Error(
        `Expected onnxruntime to open ${path}, got: ${(cause as Error).message}. ` +
            "Export the model again, as ONNX 1.2 or newer.",
        { cause },
    );
}
