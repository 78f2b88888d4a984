import { join } from "node:path";
import { propertyDiff } from "../../provider-protocol/propertyDiff";
import {
    isObject,
    type Log,
    type Provider,
    type ResourceName,
    secret,
} from "../../provider-protocol/provider";
import type { Properties } from "../arm/resourceType";
import { builtImagesFile } from "../docker/builtImages";
import { imageBuilder } from "../docker/imageBuilder";
import { readRuntimeSettings } from "../runtimeSettings";
import {
    checkImageInputs,
    type ImageInputs,
    requireOwnPlatform,
    requireUnchanged,
    splitImageName,
} from "./imageInputs";
import { buildAndPush, packAndPush } from "./publishImage";

/** The genuine provider keeps the inputs, secret, beside the outputs, and compares with those. */
const storedInputs = "__inputs";
/** Says whether a Docker engine built the image, or it was packed without; only this stand-in has the choice. */
const builtBy = "__builtBy";

/**
 * Stands in for `docker:index/image:Image` 5.2.0: builds by the Dockerfile where a Docker engine and a base image are at
 * hand, otherwise packs the built service into an image without a base; pushes it. Check, Diff and what lies in the state
 * are the genuine provider's. `dockerHost` is DOCKER_HOST.
 */
export function docker(localFolder: string, log: Log, dockerHost?: string): Provider {
    const cache = join(localFolder, "build");
    const builtFile = builtImagesFile(localFolder);

    async function publish(resource: ResourceName, inputs: Properties): Promise<Properties> {
        const image = inputs as unknown as ImageInputs;
        const { imageName } = image;
        const { context, dockerfile, platform } = image.build;
        const { repository, server } = splitImageName(imageName);
        const say = (line: string) => log(resource, line);
        requireOwnPlatform(image.build);
        requireUnchanged(image.build);
        const builder = await imageBuilder(readRuntimeSettings(localFolder), dockerHost, dockerfile, say);
        const digest = builder
            ? await buildAndPush(builder, image, builtFile, say)
            : await packAndPush(image, cache, say);
        return {
            [builtBy]: builder ? "docker" : "packing",
            baseImageName: imageName,
            context,
            dockerfile,
            imageName,
            platform,
            registryServer: server,
            repoDigest: `${server}/${repository}@${digest}`,
            [storedInputs]: secret(inputs),
        };
    }

    return {
        async check(resource, _olds, news) {
            requireType(resource, "docker:index/image:Image");
            return checkImageInputs(news);
        },

        async diff(_resource, oldInputs, news, state) {
            const olds = isObject(state[storedInputs]) ? state[storedInputs] : oldInputs;
            const changes = propertyDiff(olds, news);
            // Credentials change often, and are no reason to build again.
            changes.delete("registry.username");
            changes.delete("registry.password");
            const { runtime } = readRuntimeSettings(localFolder);
            const wanted = { container: "docker", process: "packing", auto: state[builtBy] }[runtime];
            // Another runtime needs another image.
            if (state[builtBy] !== undefined && state[builtBy] !== wanted) changes.set("build", "update");
            return { changes, replaces: [], deleteBeforeReplace: false };
        },

        async create(resource, inputs, preview) {
            if (preview) return { id: "", properties: inputs };
            const properties = await publish(resource, inputs);
            return { id: String(properties.repoDigest), properties };
        },

        async read(_resource, _id, inputs, state) {
            return { inputs, properties: state };
        },

        async update(resource, _id, news, _state, preview) {
            return preview ? news : publish(resource, news);
        },

        // As with the genuine provider, which leaves tag and image: `local destroy` takes what was built in an engine.
        async delete() {},
    };
}

/** Refuses every type but the one that this stand-in has. */
function requireType({ type }: ResourceName, known: string): void {
    if (type === known) return;
    const [provider] = known.split(":");
    throw new Error(
        `Expected ${known}, the only ${provider} type that the local Azure knows, found ${type}.`,
    );
}
