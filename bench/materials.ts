import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../setup/engineCache";
import { classLabels } from "./networks/layers";
import { mobileNetV2 } from "./networks/mobileNetV2";
import { squeezeNet } from "./networks/squeezeNet";
import { drawPhotograph, PHOTOGRAPHS, type Photograph } from "./photographs";

export interface ImageFile {
    name: Photograph["name"];
    file: string;
}

/** What is measured with: the same seeded network and images on every machine. */
export interface Materials {
    /** Folder of the model, MobileNetV2 in shape, and of one in the shape of SqueezeNet. */
    model: string;
    squeezeNet: string;
    images: [ImageFile, ImageFile, ImageFile];
    /** The Python of the environment that the peers are installed in. */
    python: string;
    /** The environment that servers and limits are started in. */
    env: NodeJS.ProcessEnv;
}

/** The model that the project comes with. */
export const DEFAULT_MODEL = join(__dirname, "..", "classifier", "model");

/** Writes the network and the images to the cache folder, unless they are there. */
export async function prepareMaterials(env: NodeJS.ProcessEnv): Promise<Omit<Materials, "python">> {
    const cache = join(cacheFolder(env), "bench");
    const model = writeModel(join(cache, "model"), mobileNetV2());
    const drawnBy = createHash("sha256")
        .update(readFileSync(join(__dirname, "photographs.ts")))
        .digest("hex");
    const images = await Promise.all(
        PHOTOGRAPHS.map(async (photograph) => {
            const file = join(cache, `${photograph.width}-${drawnBy.slice(0, 8)}.jpg`);
            if (!existsSync(file)) {
                writeFileSync(file, await drawPhotograph(photograph));
            }
            return { name: photograph.name, file };
        }),
    );
    return {
        model,
        squeezeNet: writeModel(join(cache, "squeezenet"), squeezeNet()),
        images: images as Materials["images"],
        env,
    };
}

function writeModel(folder: string, network: Uint8Array): string {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "model.onnx"), network);
    writeFileSync(join(folder, "labels.txt"), classLabels());
    writeFileSync(join(folder, "model.yaml"), "preprocessing:\n  channelOrder: bgr\n  range: [0, 255]\n");
    return folder;
}

/**
 * Installs the peers from PyPI into an environment in the cache folder, unless they are there, and those that
 * `requirements-NAME.txt` files name into one each within it. Returns the Python of the first.
 */
export function installPeers(env: NodeJS.ProcessEnv): string {
    const peers = join(__dirname, "peers");
    const files = readdirSync(peers)
        .filter((name) => /^requirements.*\.txt$/.test(name))
        .sort();
    const hash = createHash("sha256");
    for (const name of files) {
        hash.update(readFileSync(join(peers, name)));
    }
    const folder = join(join(cacheFolder(env), "bench"), `peers-${hash.digest("hex").slice(0, 8)}`);
    const python = pythonIn(folder);
    const done = join(folder, "installed");
    if (!existsSync(done)) {
        process.stderr.write("service: installing the peers (about two minutes)\n");
        for (const file of files) {
            const [, own = ""] = /^requirements-(.*)\.txt$/.exec(file) ?? [];
            install(join(folder, own), join(peers, file));
        }
        writeFileSync(done, "");
    }
    return python;
}

/** The Python of a peer that cannot share an environment with the others, which run on `python`. */
export function ownPython(python: string, name: string): string {
    return pythonIn(join(python, "..", "..", name));
}

function pythonIn(environment: string): string {
    return join(environment, "bin", "python");
}

function install(environment: string, requirements: string): void {
    execFileSync("python3", ["-m", "venv", environment], { stdio: "inherit" });
    const pip = ["-m", "pip", "install", "--quiet", "--requirement", requirements];
    execFileSync(pythonIn(environment), pip, { stdio: "inherit" });
}
