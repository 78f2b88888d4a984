import { basename, join } from "node:path";
import { MANIFEST_FILE } from "./exportFiles";
import { decodeWithData } from "./externalData";
import { filesBelow } from "./filesBelow";
import { takesImages } from "./imageInput";
import { readModelFolder } from "./modelFolder";
import { networkInputs } from "./networkValues";
import { type ArrayModel, openArrayModel } from "./openArrayModel";
import { type Model, openImageModel } from "./openModel";
import { type ProbeVerdict, probe } from "./probe";
import { readSamples } from "./samples";

/** A model as it is served: under the name of its folder, and with what the probe said at start. */
export interface ServedModel {
    key: string;
    model: Model | ArrayModel;
    probe?: ProbeVerdict;
}

export interface ModelCatalog {
    models: readonly ServedModel[];
    /** The model of the first of these names, that of its folder or its own, that there is one for; else the default. */
    find(names: readonly (string | undefined)[]): ServedModel;
}

/** What to do about a model that the probe finds fault with. */
export type ProbePolicy = "stop" | "warn" | "off";

/**
 * Opens the model in a folder, or each of the models in its subfolders; the default is the one called `default`, or
 * else the first by name. Throws for a model that does not answer a picture, or gives what is no number, always; and if the
 * probe finds its pixels wrongly prepared, unless told only to warn.
 */
export async function openCatalog(folder: string, policy: ProbePolicy): Promise<ModelCatalog> {
    const models: ServedModel[] = [];
    for (const path of await modelFolders(folder)) {
        models.push(await openServed(path, policy));
    }
    const byDefault = models.find(({ key }) => key === "default") ?? models[0];
    if (!byDefault) {
        throw new Error(`Expected at least one model in ${folder}, found none.`);
    }
    return {
        models,
        find: (names) =>
            names
                .filter((name) => name !== undefined)
                .map((name) => models.find(({ key, model }) => key === name || model.name === name))
                .find(Boolean) ?? byDefault,
    };
}

async function openAnyModel(folder: string): Promise<Model | ArrayModel> {
    const { files, model } = await decodeWithData(await readModelFolder(folder));
    const open = takesImages(model.graph, networkInputs(model.graph)) ? openImageModel : openArrayModel;
    return open(files, model);
}

async function openServed(path: string, policy: ProbePolicy): Promise<ServedModel> {
    const model = await openAnyModel(path);
    const served = { key: basename(path), model };
    if (policy === "off" || model.kind === "array") {
        return served;
    }
    const samples = await readSamples(path, model.size, model.geometry);
    const verdict = await probe(model, samples).catch((cause: Error) => {
        throw new Error(
            `Expected the model in ${path} to answer the pictures of the probe. ${cause.message}`,
            {
                cause,
            },
        );
    });
    const wrong = verdict.verdict === "collapsed" || verdict.verdict === "swapped";
    if (wrong && policy === "stop") {
        throw new Error(`${verdict.message} To start all the same, set PROBE=warn.`);
    }
    return { ...served, probe: verdict };
}

/**
 * The folder itself if it has a network or an export's manifest, else those of its subfolders that have an ONNX file: a
 * README, a licence or noise beside these does not matter.
 */
async function modelFolders(folder: string): Promise<string[]> {
    // A folder that is not there is for the reader of the model to complain about.
    const names = await filesBelow(folder).catch(() => []);
    if (names.some((name) => /^[^/]+\.onnx$/i.test(name) || name.toLowerCase() === MANIFEST_FILE)) {
        return [folder];
    }
    const folders = names.flatMap((name) => /^([^/]+)\/[^/]+\.onnx$/i.exec(name)?.[1] ?? []);
    return folders.length > 0 ? [...new Set(folders)].sort().map((name) => join(folder, name)) : [folder];
}
