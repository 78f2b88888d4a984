import type { Size } from "../image/pixels";
import { encodeModel, type GraphProto, type ModelProto } from "../onnx";
import { type Geometry, placementFor } from "../placement";
import type { Activation } from "../predictions";
import { imageSession, openArraySession, type Session } from "../session";
import { type LendTensor, lendTensors, type TensorFormat } from "../tensor";
import { castToFloat } from "./castToFloat";
import { decodeWithData } from "./externalData";
import { type ImageReading, imageInput } from "./imageInput";
import { labelSources, labelsFor } from "./labels";
import { type ModelFiles, readModelFolder } from "./modelFolder";
import { networkInputs } from "./networkValues";
import { upgradeOldOpset } from "./oldOpsets";
import { withScorePerLabel } from "./oneScore";
import { activationOf, scoresOutput } from "./scoresOutput";
import { type FileEvidence, fileEvidence, tensorFormat } from "./tensorFormat";
import { checkAnswer, tryReadings, withoutSecondSoftmax } from "./trial";
import { withUltralyticsMetadata } from "./ultralyticsMetadata";
import { unopenable } from "./unopenable";
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
    const { files, model } = await decodeWithData(await readModelFolder(folder));
    return openImageModel(files, model);
}

/** Opens an image classifier whose file was read already, and has it answer a picture; `model` is changed. */
export async function openImageModel(
    given: ModelFiles,
    model: ModelProto & { graph: GraphProto },
): Promise<Model> {
    const files = withUltralyticsMetadata(given, model);
    const { path, yaml, properties } = files;
    const { graph } = model;

    const inputs = networkInputs(graph);
    const evidence = { ...(inputs[0] && fileEvidence(model, inputs[0])), ...files.evidence };
    const upgraded = upgradeOldOpset(model);
    const { value: input, readings } = imageInput(graph, inputs, path, yaml.preprocessing);
    const { elemType } = input;

    const ownLabels = cutZipMap(graph);
    const output = scoresOutput(graph, path, yaml.output?.name, labelSources(files, ownLabels)[0]?.labels);
    const cast = castToFloat(graph, input, output);

    const network = upgraded || ownLabels || cast ? encodeModel(model) : files.network;
    const opened = await openArraySession(network, input.name, output.name).catch((cause) => {
        throw unopenable(path, cause);
    });
    const formatFor = (reading: ImageReading) =>
        tensorFormat(yaml.preprocessing, evidence, { elemType }, reading, path);
    const { scores, size, format, sources } = await tryReadings(opened, readings, formatFor, path);

    // One score may be that of the second of two labels.
    const labels = labelsFor(files, ownLabels, { ...output, dims: scores === 1 ? [] : [1, scores] });
    const whole = imageSession(opened, output.name);
    const activation =
        yaml.output?.activation ??
        (await withoutSecondSoftmax(
            whole,
            activationOf(graph, output.name, scores, properties),
            size,
            format,
        ));
    const { resize, resample, mode } = yaml.preprocessing ?? {};
    const geometry = { resize, resample };
    // Throws if it does not go with the size.
    placementFor(size, geometry);

    const session = withScorePerLabel(whole, scores, labels, activation, path);
    await checkAnswer({ session, labels, activation }, size, format, path);
    return {
        kind: "image",
        name: yaml.name,
        version: yaml.version,
        description: yaml.description,
        labels,
        size,
        format,
        geometry,
        lendTensor: lendTensors(format),
        sources,
        evidence,
        activation,
        mode,
        session,
    };
}
