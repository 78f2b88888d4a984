import type { GraphProto, ModelProto } from "../onnx";
import { dataType } from "../onnx";
import type { TensorFormat } from "../tensor";
import { formatFromMean } from "./graphMean";
import type { ImageReading } from "./imageInput";
import type { PreprocessingYaml } from "./modelYaml";
import type { NetworkValue } from "./networkValues";

/** A setting, and where it comes from: for people who wonder why. */
export interface Sourced<T> {
    value: T;
    source: string;
}

/** What a network's own file says about the pixels it wants. */
export interface FileEvidence {
    channelOrder?: Sourced<TensorFormat["channelOrder"]>;
    range?: Sourced<TensorFormat["range"]>;
}

const RANGES: Record<string, TensorFormat["range"]> = {
    NominalRange_0_255: [0, 255],
    Normalized_0_1: [0, 1],
    Normalized_1_1: [-1, 1],
    NominalRange_16_235: [16, 235],
};
const ORDERS: Record<string, TensorFormat["channelOrder"]> = { Bgr8: "bgr", Rgb8: "rgb" };

/**
 * Collects, strongest first: the file's metadata, its documentation of the input, the mean that the graph subtracts, the
 * family that the name of the output tells. The `metadata_properties.json` of an export is not asked: it says
 * Rgb8 and Normalized_0_1 in every export, and that is not what the networks want.
 */
export function fileEvidence(model: ModelProto & { graph: GraphProto }, input: NetworkValue): FileEvidence {
    const metadata = Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value]));
    const mean = formatFromMean(model.graph, input.name);
    const documented = /\b(bgr|rgb)\b/i.exec(input.docString)?.[1]?.toLowerCase() as
        | "bgr"
        | "rgb"
        | undefined;
    const family = familyOf(model.graph);
    return {
        channelOrder: firstOf([
            [ORDERS[metadata["Image.BitmapPixelFormat"] ?? ""], "metadata of the ONNX file"],
            [documented, "description of the input in the ONNX file"],
            [mean?.channelOrder, "mean that the network subtracts"],
            [family?.channelOrder, "family of the export"],
        ]),
        range: firstOf([
            [RANGES[metadata["Image.NominalPixelRange"] ?? ""], "metadata of the ONNX file"],
            [mean?.range, "mean that the network subtracts"],
            [family?.range, "family of the export"],
        ]),
    };
}

/** How pixels are laid out, and who says so. */
export interface SourcedFormat {
    format: TensorFormat;
    sources: { channelOrder: string; range: string };
}

/** Decides how pixels are laid out: `model.yaml` before the file's evidence before what most networks want. */
export function tensorFormat(
    yaml: PreprocessingYaml = {},
    evidence: FileEvidence,
    { elemType }: Pick<NetworkValue, "elemType">,
    { layout, channels }: Pick<ImageReading, "layout" | "channels">,
    path: string,
): SourcedFormat {
    const given = <T>(value: T | undefined) => value && { value, source: "model.yaml" };
    const byDefault = <T>(value: T) => ({ value, source: "default" });
    const takesBytes = elemType === dataType.uint8;
    refuseContradiction(yaml, takesBytes, channels, path);
    const channelOrder: Sourced<TensorFormat["channelOrder"]> =
        channels === 1
            ? { value: "grey", source: "one channel of the network" }
            : (given(yaml.channelOrder) ?? evidence.channelOrder ?? byDefault("rgb"));
    // Bytes can be nothing but bytes, whatever the file says.
    const range =
        given(yaml.range) ??
        (takesBytes ? undefined : evidence.range) ??
        byDefault<TensorFormat["range"]>([0, 255]);
    return {
        format: {
            layout,
            channelOrder: channelOrder.value,
            range: range.value,
            mean: yaml.mean,
            std: yaml.std,
            type: takesBytes ? "uint8" : "float32",
        },
        sources: { channelOrder: channelOrder.source, range: range.source },
    };
}

/** Throws the sentence for a description that asks for what the network cannot take. */
function refuseContradiction(
    { range, mean, std, channelOrder }: PreprocessingYaml,
    takesBytes: boolean,
    channels: 1 | 3,
    path: string,
): void {
    const scales = mean || std || (range && range.join() !== "0,255");
    if (takesBytes && scales) {
        throw new Error(
            `Expected no preprocessing.range, mean or std in model.yaml, as ${path} takes bytes (uint8) from 0 to 255, ` +
                "found some. Leave them out.",
        );
    }
    const differ = [mean, std].some((values) => values && new Set(values).size > 1);
    if (channels === 1 && (differ || channelOrder)) {
        throw new Error(
            `Expected preprocessing in model.yaml to fit the one channel of ${path}, found ` +
                `${channelOrder ? `channelOrder ${channelOrder}. Leave it out` : "a mean or std that differs by colour. Give one number in a list"}.`,
        );
    }
}

/** General (compact) names its outputs `loss` and `classLabel`, General (compact) [S1] `model_output`. */
function familyOf({ output }: GraphProto): Pick<TensorFormat, "channelOrder" | "range"> | undefined {
    const names = output.map(({ name }) => name);
    if (names.includes("model_output")) {
        return { channelOrder: "rgb", range: [0, 255] };
    }
    return names.includes("loss") || names.includes("classLabel")
        ? { channelOrder: "bgr", range: [0, 255] }
        : undefined;
}

function firstOf<T>(candidates: [value: T | undefined, source: string][]): Sourced<T> | undefined {
    const [value, source] = candidates.find(([candidate]) => candidate !== undefined) ?? [];
    return value === undefined || source === undefined ? undefined : { value, source };
}
