import { existsSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import type { Properties } from "../arm/resourceType";
import { PassingError, persistently } from "../base/persistently";
import { contextDigest } from "../docker/buildContext";
import { buildImage } from "../docker/buildImage";
import { keepBuiltImages, removeBuiltImages } from "../docker/builtImages";
import { DockerError, findDockerEngine } from "../docker/dockerEngine";
import { type ImageBuilder, imageBuilder } from "../docker/imageBuilder";
import { registryAuth } from "../docker/registryAuth";
import { imageDigest, pushImage } from "../planes/registry/client";
import { readRuntimeSettings } from "../runtimeSettings";
import { packImage } from "./imagePackage";
import { propertyDiff } from "./propertyDiff";
import { isObject, type Log, type Provider, type ResourceName, secret, unknownValue } from "./provider";

/** The genuine provider keeps the inputs, secret, beside the outputs, and compares with those. */
const storedInputs = "__inputs";
/** Whether a Docker engine built the image, or it was packed without; only this stand-in has the choice. */
const builtBy = "__builtBy";
const knownInputs = ["build", "buildOnPreview", "imageName", "registry", "skipPush"];
const knownBuildInputs = ["args", "context", "contextDigest", "dockerfile", "platform"];

interface Build {
    args?: Record<string, string>;
    context: string;
    contextDigest: string;
    dockerfile: string;
    platform: string;
}

interface ImageInputs {
    build: Build;
    imageName: string;
    registry: { server: string; username: string; password: string };
}

/**
 * Stands in for `docker:index/image:Image` 5.2.0: builds by the Dockerfile where a Docker engine and a base image are at
 * hand, otherwise packs the built service into an image without a base; pushes it. Check, Diff and what lies in the state
 * are the genuine provider's. `dockerHost` is DOCKER_HOST.
 */
export function docker(localFolder: string, log: Log, dockerHost?: string): Provider {
    const builtFile = join(localFolder, "build", "built-images.json");

    /** Builds with the engine and pushes from there; returns the digest that the registry answers. */
    async function buildByDocker(
        resource: ResourceName,
        { engine, base }: ImageBuilder,
        { build: { args = {}, ...rest }, imageName, registry }: ImageInputs,
    ): Promise<string> {
        const { server, repository, tag } = splitImageName(imageName);
        const say = (line: string) => log(resource, line);
        const ids = await buildImage(
            engine,
            { ...rest, name: imageName, args: { BASE: base.name, ...args } },
            say,
        );
        const own = ids.filter((id) => !base.id.includes(id.replace("sha256:", "")));
        await keepBuiltImages(builtFile, engine, [...own, imageName]);
        say(`Pushing ${imageName}`);
        const query = { tag };
        const headers = registryAuth(registry);
        await persistently(() =>
            engine
                .follow("POST", `/images/${server}/${repository}/push`, { query, headers }, () => {})
                .catch((error: unknown) => {
                    throw isPassing(error) ? new PassingError(error.message, { cause: error }) : error;
                }),
        );
        return imageDigest(registry, repository, tag);
    }

    async function packAndPush(
        resource: ResourceName,
        { build: { args = {}, ...build }, imageName, registry }: ImageInputs,
    ): Promise<string> {
        const { context, contextDigest: expected, dockerfile, platform } = build;
        const { repository, tag } = splitImageName(imageName);
        requireOwnPlatform(platform);
        log(resource, "Packing the service, its dependencies and the model");
        const image = await packImage({ context, dockerfile, args, cache: join(localFolder, "build") });
        requireUnchanged(context, expected);
        log(resource, `Pushing ${imageName}`);
        const digest = await pushImage(registry, repository, tag, image);
        for (const { file } of image.layers) if (basename(file).startsWith("sha256-")) rmSync(file);
        return digest;
    }

    async function build(resource: ResourceName, inputs: Properties): Promise<Properties> {
        const image = inputs as unknown as ImageInputs;
        const { imageName } = image;
        const { context, contextDigest: expected, dockerfile, platform } = image.build;
        const { repository, server } = splitImageName(imageName);
        requireUnchanged(context, expected);
        const builder = await imageBuilder(readRuntimeSettings(localFolder), dockerHost, dockerfile, (line) =>
            log(resource, line),
        );
        const digest = builder
            ? await buildByDocker(resource, builder, image)
            : await packAndPush(resource, image);
        return {
            [builtBy]: builder ? "docker" : "packing",
            baseImageName: imageName,
            context,
            dockerfile,
            imageName,
            platform,
            registryServer: server,
            repoDigest: `${server}/${repository}@${digest}`,
        };
    }

    return {
        async check(resource, _olds, news) {
            requireImage(resource);
            const inputs: Properties = {
                ...news,
                buildOnPreview: news.buildOnPreview ?? false,
                skipPush: news.skipPush ?? false,
            };
            if (isObject(inputs.build)) inputs.build = withDefaults(inputs.build);
            return { inputs, failures: [...unknownInputs(news), ...unsupported(inputs)] };
        },

        async diff(_resource, oldInputs, news, state) {
            const olds = isObject(state[storedInputs]) ? state[storedInputs] : oldInputs;
            const changes = propertyDiff(olds, news);
            // Credentials change often, and are no reason to build again.
            changes.delete("registry.username");
            changes.delete("registry.password");
            const { runtime } = readRuntimeSettings(localFolder);
            const wanted = { container: "docker", process: "packing", auto: state[builtBy] }[runtime];
            // Who asks for another runtime needs another image for it.
            if (state[builtBy] !== undefined && state[builtBy] !== wanted) changes.set("build", "update");
            return { changes, replaces: [], deleteBeforeReplace: false };
        },

        async create(resource, inputs, preview) {
            if (preview) return { id: "", properties: inputs };
            const outputs = await build(resource, inputs);
            return {
                id: String(outputs.repoDigest),
                properties: { ...outputs, [storedInputs]: secret(inputs) },
            };
        },

        async read(_resource, _id, inputs, state) {
            return { inputs, properties: state };
        },

        async update(resource, _id, news, _state, preview) {
            if (preview) return news;
            return { ...(await build(resource, news)), [storedInputs]: secret(news) };
        },

        // Tags stay in the registry, as with the genuine provider; the engine is rid of what was built.
        async delete() {
            const settings = readRuntimeSettings(localFolder);
            await removeBuiltImages(builtFile, findDockerEngine(settings.dockerHost ?? dockerHost));
        },

        async invoke(token) {
            throw new Error(`Expected no function of the docker provider, found ${token}.`);
        },
    };
}

/** The engine repeats a layer by itself and a manifest not; it hands on the registry's words, or the network's. */
function isPassing(error: unknown): error is DockerError {
    // A refused HEAD has no words of the registry's: "error parsing HTTP 429 response body".
    const passing =
        /too ?many ?requests|unavailable|\bEOF\b|reset by peer|broken pipe|HTTP (status: )?(429|5\d\d)/i;
    return error instanceof DockerError && passing.test(error.message);
}

function requireImage(resource: ResourceName): void {
    if (resource.type === "docker:index/image:Image") return;
    throw new Error(
        `Expected docker:index/image:Image, the only docker type that the local Azure knows, found ${resource.type}.`,
    );
}

function withDefaults(build: Properties): Properties {
    const context = String(build.context ?? ".");
    const dockerfile = String(build.dockerfile ?? join(context, "Dockerfile"));
    if (!existsSync(dockerfile)) {
        throw new Error(
            `Expected a Dockerfile at ${dockerfile}, relative to the project's folder, found none.`,
        );
    }
    readFileSync(dockerfile);
    const platform = build.platform ?? `linux/${process.arch === "x64" ? "amd64" : process.arch}`;
    return { ...build, context, dockerfile, platform, contextDigest: contextDigest(context) };
}

function unknownInputs(news: Properties) {
    const build = isObject(news.build) ? Object.keys(news.build) : [];
    return [
        ...Object.keys(news).filter((key) => !knownInputs.includes(key)),
        ...build.filter((key) => !knownBuildInputs.includes(key)).map((key) => `build.${key}`),
    ].map((property) => ({
        property,
        reason: `the local Azure's docker stand-in knows no property '${property}'`,
    }));
}

function unsupported({ registry, skipPush, build, imageName }: Properties) {
    const failures: { property: string; reason: string }[] = [];
    const add = (property: string, reason: string) => failures.push({ property, reason });
    if (imageName === undefined) add("imageName", "missing required property 'imageName'");
    if (!isObject(build))
        add("build", "expected a build context, since there is no Docker with local images");
    if (skipPush === true)
        add("skipPush", "expected false: without Docker an image exists only in a registry");
    if (
        !isObject(registry) ||
        ["server", "username", "password"].some((key) => registry[key] === undefined)
    ) {
        add("registry", "expected server, username and password of the registry to push to");
    }
    return failures;
}

function splitImageName(imageName: string): { server: string; repository: string; tag: string } {
    const parts = /^(?<server>[^/]+)\/(?<repository>[a-z0-9._/-]+):(?<tag>[\w.-]+)$/.exec(imageName)?.groups;
    if (imageName !== unknownValue && parts?.server && parts.repository && parts.tag) {
        return { server: parts.server, repository: parts.repository, tag: parts.tag };
    }
    throw new Error(`Expected an image name of the form SERVER/REPOSITORY:TAG, found "${imageName}".`);
}

/** The local device runs the image as a process of this machine. */
function requireOwnPlatform(platform: string): void {
    const own = `linux/${process.arch === "x64" ? "amd64" : process.arch}`;
    if (platform === own) return;
    throw new Error(
        `Expected the platform ${own}, because the local device runs modules as processes of this machine, found ${platform}. ` +
            `Set it with: pulumi config set platform ${own}`,
    );
}

function requireUnchanged(context: string, expected: string): void {
    const found = contextDigest(context);
    if (found === expected) return;
    throw new Error(
        `Expected ${context}/ to stay as it was when this update began (${expected.slice(0, 12)}), found it changed ` +
            `(${found.slice(0, 12)}). Nothing was pushed; repeat the command.`,
    );
}
