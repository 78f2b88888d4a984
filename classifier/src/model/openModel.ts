import type { Size } from "../image/pixels";
import { decodeModel, encodeModel, type GraphProto, type ModelProto } from "../onnx";
import { type Geometry, placementFor } from "../placement";
import type { Activation } from "../predictions";
import { openSession, type Session } from "../session";
import { type LendTensor, lendTensors, type TensorFormat } from "../tensor";
import { castToFloat } from "./castToFloat";
import { imageInput } from "./imageInput";
import { labelsFor } from "./labels";
import { type ModelFiles, readModelFolder } from "./modelFolder";
import { networkInputs } from "./networkValues";
import { upgradeOldOpset } from "./oldOpsets";
import { activationOf, scoresOutput } from "./scoresOutput";
import { type FileEvidence, fileEvidence, tensorFormat } from "./tensorFormat";
import { withUltralyticsMetadata } from "./ultralyticsMetadata";
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
    /** How images are brought to that size. */
    geometry: Geometry;
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
    given: ModelFiles,
    model: ModelProto & { graph: GraphProto },
): Promise<Model> {
    const files = withUltralyticsMetadata(given, model);
    const { path, yaml, properties } = files;
    const { graph } = model;

    const input = imageInput(networkInputs(graph), path, yaml.preprocessing);
    const evidence = { ...fileEvidence(model, input.value), ...files.evidence };
    const { format, sources } = tensorFormat(yaml.preprocessing, evidence, input.value, input.layout);

    const { resize, resample, mode } = yaml.preprocessing ?? {};
    const geometry = { resize, resample };
    // Throws if it does not go with the size.
    placementFor(input.size, geometry);

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
        geometry,
        lendTensor: lendTensors(format),
        sources,
        evidence,
        activation,
        mode,
        session: await openSession(network, input.value.name, output.name).catch((cause) => {
            throw unopenable(path, cause);
        }),
    };
}

/** The error for a network that onnxruntime does not take. */
export function unopenable(path: string, cause: unknown): Error {
    return new Error(
        `Expected onnxruntime to open ${path}, got: ${(cause as Error).message}. ` +
            "Export the model again, as ONNX 1.2 or newer.",
        { cause },
    );
}
