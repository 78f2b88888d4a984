import { open, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isLfsPointer } from "../foreignFile";
import {
    decodeModel,
    EXTERNAL,
    encodeModel,
    type GraphProto,
    type ModelProto,
    type NodeProto,
    type TensorProto,
} from "../onnx";
import type { ModelFiles } from "./modelFolder";

/** What one message of protobuf can hold, and with it a network with its weights. */
const MAX_BYTES = 2 ** 31 - 1;

type Network = ModelProto & { graph: GraphProto };

/**
 * Decodes a model's network together with the weights that it keeps in other files, as exporters do with large ones: they
 * are taken into memory, so that nothing that opens or changes the network needs to know of them.
 */
export async function decodeWithData(files: ModelFiles): Promise<{ files: ModelFiles; model: Network }> {
    const model = decodeModel(files.network, files.path);
    const tensors = externalTensors(model);
    if (tensors.length === 0) {
        return { files, model };
    }
    const sizes = new Map<string, number>();
    for (const name of dataFiles(model, files.path)) {
        sizes.set(name, await sizeOf(join(dirname(files.path), name), name, files.path));
    }
    const parts = tensors.map((tensor) => ({ tensor, ...placeOf(tensor, sizes, files.path) }));
    const bytes = parts.reduce((sum, { length }) => sum + length, files.network.length);
    if (bytes > MAX_BYTES) {
        throw new Error(
            `Expected ${files.path} and its weights to have less than 2 GB, found ${(bytes / 1e9).toFixed(1)} GB. ` +
                "Export it in half precision (float16), or quantized.",
        );
    }
    for (const { tensor, name, offset, length } of parts) {
        tensor.rawData = await readPart(join(dirname(files.path), name), offset, length);
        tensor.dataLocation = 0;
        tensor.externalData = [];
    }
    return { files: { ...files, network: encodeModel(model) }, model };
}

/**
 * The names of the files beside a network in which it keeps weights, relative to its folder. Throws for a name that leads
 * out of the folder: a model may not ask for any file of the machine.
 */
export function dataFiles(model: Network, path: string): string[] {
    const names = new Set(externalTensors(model).map((tensor) => entryOf(tensor, "location") ?? ""));
    for (const name of names) {
        if (!name || /^[/\\]|^[A-Za-z]:|\\|\0|(^|\/)\.\.(\/|$)|^\*/.test(name)) {
            throw new Error(
                `Expected the weights of ${path} in a file beside it, found ${JSON.stringify(name)}. Save it again with ` +
                    "onnx.save(model, 'model.onnx', save_as_external_data=True, location='model.onnx.data').",
            );
        }
    }
    return [...names].map((name) => name.replace(/^(\.\/)+/, ""));
}

/** The names of those files for a network that is only to be copied; none where it is no network. */
export function dataFilesOf(network: Uint8Array, path: string): string[] {
    let model: Network;
    try {
        model = decodeModel(network);
    } catch {
        // Whoever opens it says what it is instead.
        return [];
    }
    return dataFiles(model, path);
}

function externalTensors(model: Network): TensorProto[] {
    const ofNodes = (nodes: readonly NodeProto[]): TensorProto[] =>
        nodes.flatMap(({ attribute }) =>
            attribute.flatMap(({ t, g, tensors, graphs }) => [
                ...(t ? [t] : []),
                ...tensors,
                ...[...(g ? [g] : []), ...graphs].flatMap(ofGraph),
            ]),
        );
    const ofGraph = ({ initializer, node }: GraphProto): TensorProto[] => [...initializer, ...ofNodes(node)];
    return [...ofGraph(model.graph), ...model.functions.flatMap(({ node }) => ofNodes(node))].filter(
        ({ dataLocation }) => dataLocation === EXTERNAL,
    );
}

function entryOf({ externalData }: TensorProto, wanted: string): string | undefined {
    return externalData.find(({ key }) => key === wanted)?.value;
}

async function sizeOf(path: string, name: string, network: string): Promise<number> {
    const found = await stat(path).catch((cause) => {
        if (cause.code !== "ENOENT" && cause.code !== "ENOTDIR") {
            throw cause;
        }
        throw new Error(
            `Expected the file ${name} beside ${network}, which keeps its weights in it, found none. Copy both from ` +
                "where the model comes from, or save it as one file: onnx.save(onnx.load('model.onnx'), 'one.onnx').",
            { cause },
        );
    });
    if (!found.isFile()) {
        throw new Error(
            `Expected ${path} to be the file of ${network}'s weights, found no file of that name.`,
        );
    }
    if (found.size < 1024 && isLfsPointer(await readPart(path, 0, found.size))) {
        throw new Error(
            `Expected the weights of ${network} in ${name}, found a pointer of Git LFS. Run git lfs pull where it ` +
                "comes from, or download the file itself.",
        );
    }
    return found.size;
}

function placeOf(tensor: TensorProto, sizes: ReadonlyMap<string, number>, path: string) {
    const name = (entryOf(tensor, "location") ?? "").replace(/^(\.\/)+/, "");
    const size = sizes.get(name) ?? 0;
    const offset = Number(entryOf(tensor, "offset") ?? 0);
    const length = Number(entryOf(tensor, "length") ?? size - offset);
    if (!(offset >= 0 && length >= 0 && offset + length <= size)) {
        throw new Error(
            `Expected ${offset + length} bytes or more in ${name}, where ${path} keeps its weights, found ${size}. ` +
                "Copy both files of the same export again.",
        );
    }
    return { name, offset, length };
}

async function readPart(path: string, offset: number, length: number): Promise<Buffer> {
    const file = await open(path);
    try {
        const part = Buffer.alloc(length);
        let at = 0;
        while (at < length) {
            const { bytesRead } = await file.read(part, at, length - at, offset + at);
            if (bytesRead === 0) {
                throw new Error(
                    `Expected ${offset + length} bytes in ${path}, found it cut short. Copy it again.`,
                );
            }
            at += bytesRead;
        }
        return part;
    } finally {
        await file.close();
    }
}
