import { rmSync } from "node:fs";
import { basename } from "node:path";
import { PassingError, persistently } from "../base/persistently";
import { buildImage } from "../docker/buildImage";
import { keepBuiltImages } from "../docker/builtImages";
import { DockerError } from "../docker/dockerEngine";
import type { ImageBuilder } from "../docker/imageBuilder";
import { registryAuth } from "../docker/registryAuth";
import { imageDigest, pushImage } from "../planes/registry/client";
import { type ImageInputs, requireUnchanged, splitImageName } from "./imageInputs";
import { packImage } from "./imagePackage";

/** Builds an image with a Docker engine and pushes it from there; returns the digest that the registry answers. */
export async function buildAndPush(
    { engine, base }: ImageBuilder,
    { build: { args = {}, ...build }, imageName, registry }: ImageInputs,
    builtFile: string,
    say: (line: string) => void,
): Promise<string> {
    const { server, repository, tag } = splitImageName(imageName);
    const what = { ...build, name: imageName, args: { BASE: base.name, ...args } };
    const ids = await buildImage(engine, what, say);
    const own = ids.filter((id) => !base.id.includes(id.replace("sha256:", "")));
    await keepBuiltImages(builtFile, engine, [...own, imageName]);
    say(`Pushing ${imageName}`);
    const ask = { query: { tag }, headers: registryAuth(registry) };
    await persistently(() =>
        engine
            .follow("POST", `/images/${server}/${repository}/push`, ask, () => {})
            .catch((error: unknown) => {
                throw isPassing(error) ? new PassingError(error.message, { cause: error }) : error;
            }),
    );
    return imageDigest(registry, repository, tag);
}

/** Packs an image without a Docker engine and pushes it; returns the digest that the registry answers. */
export async function packAndPush(
    { build, imageName, registry }: ImageInputs,
    cache: string,
    say: (line: string) => void,
): Promise<string> {
    const { repository, tag } = splitImageName(imageName);
    const { context, dockerfile, args = {} } = build;
    say("Packing the service, its dependencies and the model");
    const image = await packImage({ context, dockerfile, args, cache });
    requireUnchanged(build);
    say(`Pushing ${imageName}`);
    const digest = await pushImage(registry, repository, tag, image);
    for (const { file } of image.layers) if (basename(file).startsWith("sha256-")) rmSync(file);
    return digest;
}

/** Whether a push may be repeated. The engine repeats a layer by itself, but no manifest; the words are the registry's. */
function isPassing(error: unknown): error is DockerError {
    // The registry has no words for a refused HEAD: "error parsing HTTP 429 response body".
    const passing =
        /too ?many ?requests|unavailable|\bEOF\b|reset by peer|broken pipe|HTTP (status: )?(429|5\d\d)/i;
    return error instanceof DockerError && passing.test(error.message);
}
