import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { openPromise } from "yauzl";
import { MANIFEST_FILE } from "../classifier/src/model/exportFiles";
import { dataFilesOf } from "../classifier/src/model/externalData";
import { filesBelow } from "../classifier/src/model/filesBelow";
import { DESCRIPTION_FILES } from "../classifier/src/model/modelFolder";
import { isNoise } from "../classifier/src/model/noise";
import { readModelFile } from "../classifier/src/model/readModelFile";

/** The largest model, unpacked; a zip file can claim to hold anything. */
const MAX_BYTES = 1024 ** 3;

/** The files of a model to be imported, by their path with slashes. Contents are read only when asked for. */
export type SourceFiles = Map<string, () => Promise<Buffer>>;

/**
 * Finds the files of an export's zip, of its unpacked folder, or of one ONNX file and what lies beside it; in a zip or a
 * folder they may lie deeper, beside other things, as long as there is one model only.
 */
export async function modelSource(source: string): Promise<SourceFiles> {
    const found = await stat(source).catch((cause) => {
        if (cause.code !== "ENOENT") throw cause;
        throw new Error(`Expected a zip, a folder or an ONNX file at ${source}, found nothing there.`, {
            cause,
        });
    });
    if (found.isDirectory()) {
        const names = await filesBelow(source);
        return filesOfModel(
            new Map(names.map((name) => [name, () => readWanted(join(source, name))])),
            source,
        );
    }
    if (/\.zip$/i.test(source)) {
        return filesOfModel(await filesOfZip(source), source);
    }
    if (/\.onnx$/i.test(source)) {
        return filesBeside(source);
    }
    throw new Error(
        `Expected the zip of an ONNX export, its unpacked folder, or an ONNX file, found ${basename(source)}.`,
    );
}

/** The network under the name that the service looks for, and the other files of its folder, with weights from below it. */
async function filesBeside(network: string): Promise<SourceFiles> {
    const folder = dirname(network);
    const weights = dataFilesOf(await readWanted(network), network).filter((name) =>
        existsSync(join(folder, name)),
    );
    const others = (await readdir(folder)).filter((name) => !/\.onnx$/i.test(name) && !isNoise(name));
    return new Map([
        ["model.onnx", () => readWanted(network)],
        ...[...others, ...weights].map((name) => [name, () => readWanted(join(folder, name))] as const),
    ]);
}

async function readWanted(path: string): Promise<Buffer> {
    return readModelFile(path).catch((cause: NodeJS.ErrnoException) => {
        throw new Error(
            `Expected to read ${path}, found ${cause.code === "ENOENT" ? "a link that leads nowhere" : cause.message}. ` +
                "Copy the file itself there.",
            { cause },
        );
    });
}

async function filesOfZip(path: string): Promise<SourceFiles> {
    const contents = new Map<string, Buffer>();
    let bytes = 0;
    try {
        const zip = await openPromise(path);
        for await (const entry of zip.eachEntry()) {
            if (entry.fileName.endsWith("/") || isNoise(entry.fileName)) {
                continue;
            }
            bytes += entry.uncompressedSize;
            if (bytes > MAX_BYTES) {
                throw new Error(`it unpacks to more than ${MAX_BYTES} bytes`);
            }
            contents.set(entry.fileName, await buffer(await zip.openReadStreamPromise(entry)));
        }
    } catch (cause) {
        throw new Error(
            `Expected ${path} to be the zip of an ONNX export: ${(cause as Error).message}. Download it again.`,
            { cause },
        );
    }
    return new Map([...contents].map(([name, content]) => [name, async () => content]));
}

/** The files in the one folder that has a network, by their path from there; all of them if there is none. */
function filesOfModel(files: SourceFiles, source: string): SourceFiles {
    const names = [...files.keys()];
    const isRoot = (name: string) => /^[^/]+\.onnx$/i.test(name) || name.toLowerCase() === MANIFEST_FILE;
    if (names.some(isRoot)) {
        return files;
    }
    const networks = names.filter((name) => /\.onnx$/i.test(name));
    const folders = [...new Set(networks.map((name) => name.slice(0, name.lastIndexOf("/") + 1)))];
    const [folder, ...others] = folders;
    if (folder === undefined) {
        refuseZips(names, source);
        return files;
    }
    if (others.length > 0) {
        throw new Error(
            `Expected one model in ${source}, found several: ${folders.map((path) => path.slice(0, -1)).join(", ")}. ` +
                "Import one of these folders.",
        );
    }
    // Exports for Hugging Face have the network in a folder of its own, and what describes it beside that.
    const above = folder.replace(/(^|\/)onnx\/$/, "$1");
    const moved = names.flatMap((name) => {
        if (name.startsWith(folder)) {
            return [[name.slice(folder.length), files.get(name)] as const];
        }
        const beside = name.startsWith(above) ? name.slice(above.length) : "";
        return DESCRIPTION_FILES.includes(beside) ? [[beside, files.get(name)] as const] : [];
    });
    return new Map(moved.flatMap(([name, read]) => (read ? [[name, read] as const] : [])));
}

function refuseZips(names: readonly string[], source: string): void {
    const zips = names.filter((name) => /\.zip$/i.test(name));
    if (zips.length > 0) {
        throw new Error(
            `Expected a model in ${source}, found none but ${zips.join(", ")}. Unpack that, and import what is in it.`,
        );
    }
}
