import type { Size } from "../image/pixels";
import { encodeModel, type GraphProto, type ModelProto } from "../onnx";
import type { Activation } from "../predictions";
import { imageSession, openArraySession, type Session } from "../session";
import { type LendTensor, lendTensors, type TensorFormat } from "../tensor";
import { castToFloat } from "./castToFloat";
import { decodeWithData } from "./externalData";
import { type ImageReading, imageInput } from "./imageInput";
import { type ModelFiles, readModelFolder } from "./modelFolder";
import { type NetworkValue, networkInputs } from "./networkValues";
import { upgradeOldOpset } from "./oldOpsets";
import { withScorePerLabel } from "./oneScore";
import { activationOf, scoresOutput } from "./scoresOutput";
import { type FileEvidence, fileEvidence, tensorFormat } from "./tensorFormat";
import { checkAnswer, tryReadings, withoutSecondSoftmax } from "./trial";
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
    files: ModelFiles,
    model: ModelProto & { graph: GraphProto },
): Promise<Model> {
    const { path, yaml, properties } = files;
    const { graph } = model;

    const inputs = networkInputs(graph);
    const evidence = inputs[0] ? fileEvidence(model, inputs[0]) : {};
    const upgraded = upgradeOldOpset(model);
    const { value: input, readings } = imageInput(graph, inputs, path, yaml.preprocessing);
    const { elemType } = input;

    const ownLabels = cutZipMap(graph);
    const output = scoresOutput(graph, path, yaml.output?.name, files.labels ?? yaml.labels ?? ownLabels);
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
    const given = imageSession(opened, output.name);
    const activation =
        yaml.output?.activation ??
        (await withoutSecondSoftmax(
            given,
            activationOf(graph, output.name, scores, properties),
            size,
            format,
        ));
    const session = withScorePerLabel(given, scores, labels, activation, path);
    await checkAnswer({ session, labels, activation }, size, format, path);
    return {
        kind: "image",
        name: yaml.name,
        version: yaml.version,
        description: yaml.description,
        labels,
        size,
        format,
        lendTensor: lendTensors(format),
        sources,
        evidence,
        activation,
        mode: yaml.preprocessing?.mode,
        session,
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
