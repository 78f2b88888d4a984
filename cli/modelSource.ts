import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import { buffer } from "node:stream/consumers";
import { openPromise } from "yauzl";
import { dataFilesOf } from "../classifier/src/model/externalData";
import { readModelFile } from "../classifier/src/model/readModelFile";

/** The largest model, unpacked; a zip file can claim to hold anything. */
const MAX_BYTES = 1024 ** 3;

/** The files of a model to be imported, by their path with slashes. Contents are read only when asked for. */
export type SourceFiles = Map<string, () => Promise<Buffer>>;

/** Finds the files of an export's zip, of its unpacked folder, or of one ONNX file and what lies beside it. */
export async function modelSource(source: string): Promise<SourceFiles> {
    const found = await stat(source).catch((cause) => {
        throw new Error(`Expected a zip, a folder or an ONNX file at ${source}, found nothing there.`, {
            cause,
        });
    });
    if (found.isDirectory()) {
        return filesOfFolder(source);
    }
    if (/\.zip$/i.test(source)) {
        return filesOfZip(source);
    }
    if (/\.onnx$/i.test(source)) {
        return filesBeside(source);
    }
    throw new Error(
        `Expected the zip of an ONNX export, its unpacked folder, or an ONNX file, found ${basename(source)}.`,
    );
}

async function filesOfFolder(folder: string): Promise<SourceFiles> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name));
    return new Map(
        files.map((file) => [
            file
                .slice(folder.length + 1)
                .split(sep)
                .join("/"),
            () => readModelFile(file),
        ]),
    );
}

/** The network under the name that the service looks for; the other files of its folder that describe it. */
async function filesBeside(network: string): Promise<SourceFiles> {
    const folder = dirname(network);
    const weights = dataFilesOf(await readModelFile(network), network);
    const names = ["labels.txt", "model.yaml", ...weights].filter((name) => existsSync(join(folder, name)));
    return new Map([
        ["model.onnx", () => readModelFile(network)],
        ...names.map((name) => [name, () => readModelFile(join(folder, name))] as const),
    ]);
}

async function filesOfZip(path: string): Promise<SourceFiles> {
    const contents = new Map<string, Buffer>();
    let bytes = 0;
    try {
        const zip = await openPromise(path);
        for await (const entry of zip.eachEntry()) {
            bytes += entry.uncompressedSize;
            if (bytes > MAX_BYTES) {
                throw new Error(`it unpacks to more than ${MAX_BYTES} bytes`);
            }
            if (!entry.fileName.endsWith("/")) {
                contents.set(entry.fileName, await buffer(await zip.openReadStreamPromise(entry)));
            }
        }
    } catch (cause) {
        throw new Error(
            `Expected ${path} to be the zip of an ONNX export: ${(cause as Error).message}. Download it again.`,
            { cause },
        );
    }
    const prefix = commonFolder([...contents.keys()]);
    return new Map([...contents].map(([name, content]) => [name.slice(prefix.length), async () => content]));
}

/** Some programs put all files of a zip into one folder. */
function commonFolder(names: readonly string[]): string {
    const first = `${names[0]?.split("/")[0]}/`;
    return names.every((name) => name.startsWith(first)) ? first : "";
}
