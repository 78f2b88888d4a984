import { dataType, type GraphProto, type ModelProto } from "../onnx";
import { type ArraySession, type NetworkArray, openArraySession } from "../session";
import { firstLayer } from "./firstConvolution";
import { labelSources } from "./labels";
import type { ModelFiles } from "./modelFolder";
import { describeValue, type NetworkValue, networkInputs, networkOutputs } from "./networkValues";
import { tryRows } from "./trialRow";
import { unopenable } from "./unopenable";
import { cutZipMap } from "./zipMap";

/**
 * A model that takes rows of numbers or strings and no images, such as one that scikit-learn trained on a table. It
 * answers at `/score` only.
 */
export interface ArrayModel {
    kind: "array";
    name: string;
    version?: string;
    description?: string;
    /** Empty where nothing names the classes: then the network's own answer says all there is. */
    labels: readonly string[];
    input: ArrayInput;
    session: ArraySession;
}

/** The array that a network takes: the type of its values, and its shape with the batch first; undefined means any. */
export interface ArrayInput {
    type: NetworkArray["type"];
    dims: readonly (number | undefined)[];
}

const INPUT_TYPES: Record<number, ArrayInput["type"]> = {
    [dataType.float]: "float32",
    [dataType.double]: "float64",
    [dataType.int32]: "int32",
    [dataType.int64]: "int64",
    [dataType.uint8]: "uint8",
    [dataType.string]: "string",
};
const LABEL_TYPES: number[] = [dataType.int32, dataType.int64, dataType.string];

/**
 * Opens a model whose file was read already and that takes no images, and has it answer a row where it can be made up;
 * `model` may be changed.
 */
export async function openArrayModel(
    files: ModelFiles,
    model: ModelProto & { graph: GraphProto },
): Promise<ArrayModel> {
    const { path, network, yaml } = files;
    const input = arrayInput(model.graph, path);
    const output = answerOutput(model.graph, path, yaml.output?.name);
    const session = await openArraySession(network, input.name, output.name).catch((cause) => {
        throw unopenable(path, cause);
    });
    await tryRows(session, input, path);
    return {
        kind: "array",
        name: yaml.name,
        version: yaml.version,
        description: yaml.description,
        labels: labelSources(files, labelsInside(model.graph))[0]?.labels ?? [],
        input,
        session,
    };
}

function arrayInput(graph: GraphProto, path: string): ArrayInput & { name: string } {
    const inputs = networkInputs(graph);
    const [value] = inputs;
    const type = value && INPUT_TYPES[value.elemType];
    const refuse = (reason = "") => {
        throw new Error(
            `Expected ${path} to take one RGB image, or one array of numbers or strings with a row per sample; ` +
                `it takes ${inputs.map(describeValue).join(" and ") || "nothing"}${reason}.`,
        );
    };
    if (!value || !type || inputs.length !== 1 || value.dims.length === 0) {
        return refuse();
    }
    if (value.dims.length > 4) {
        return refuse(", as for films or volumes, which are not served");
    }
    if (isImageWithoutBatch(graph, value)) {
        return refuse(
            ", an image of three dimensions. Export it again with four, the batch or the channels among them",
        );
    }
    return { name: value.name, type, dims: value.dims };
}

/** Three dimensions that go into a convolution over height and width: an image, of which no row can be made. */
function isImageWithoutBatch(graph: GraphProto, { name, dims }: NetworkValue): boolean {
    const layer = dims.length === 3 ? firstLayer(graph, name, 3) : undefined;
    return Boolean(layer?.convolves && layer.channels && [1, 3].includes(layer.channels));
}

/** The output that answers: the one that `model.yaml` names, else the labels, else the only one. */
function answerOutput(graph: GraphProto, path: string, wanted?: string): NetworkValue {
    const outputs = networkOutputs(graph);
    const labels = outputs.filter(({ elemType }) => LABEL_TYPES.includes(elemType));
    const named = outputs.filter(({ name }) => name === wanted);
    const [output, ...others] = wanted !== undefined ? named : labels.length > 0 ? labels : outputs;
    if (!output || others.length > 0) {
        throw new Error(
            `Expected ${path} to have one output${wanted ? ` ${wanted}` : " with labels, or one output in all"}; it ` +
                `has ${outputs.map(describeValue).join(" and ") || "none that is a tensor"}. ` +
                "Where there are several, name the right one in model.yaml, as output.name.",
        );
    }
    return output;
}

/** scikit-learn's converter keeps the labels in a ZipMap too. The copy is cut, so that the graph stays as it is. */
function labelsInside(graph: GraphProto): string[] | undefined {
    return cutZipMap({ ...graph });
}
