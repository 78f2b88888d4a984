import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type CheckFailure, isObject, unknownValue } from "../../provider-protocol/provider";
import type { Properties } from "../arm/resourceType";
import { contextDigest } from "../docker/buildContext";
import { ownArchitecture } from "../docker/ownArchitecture";

/** The inputs of an image, once they are checked. */
export interface ImageInputs {
    build: {
        args?: Record<string, string>;
        context: string;
        contextDigest: string;
        dockerfile: string;
        platform: string;
    };
    imageName: string;
    registry: { server: string; username: string; password: string };
}

const knownInputs = ["build", "buildOnPreview", "imageName", "registry", "skipPush"];
const knownBuildInputs = ["args", "context", "contextDigest", "dockerfile", "platform"];

/** Puts in the defaults of the genuine provider, and says what is missing or not supported. */
export function checkImageInputs(news: Properties): { inputs: Properties; failures: CheckFailure[] } {
    const inputs: Properties = {
        ...news,
        buildOnPreview: news.buildOnPreview ?? false,
        skipPush: news.skipPush ?? false,
    };
    const named = Object.keys(news);
    const known = [...knownInputs];
    if (isObject(news.build)) {
        inputs.build = withDefaults(news.build);
        named.push(...Object.keys(news.build).map((name) => `build.${name}`));
        known.push(...knownBuildInputs.map((name) => `build.${name}`));
    }
    const failures = unknownInputs(named, known, "the local Azure's docker stand-in");
    return { inputs, failures: [...failures, ...unsupported(inputs)] };
}

/** Takes an image name apart. */
export function splitImageName(imageName: string): { server: string; repository: string; tag: string } {
    const parts = /^(?<server>[^/]+)\/(?<repository>[a-z0-9._/-]+):(?<tag>[\w.-]+)$/.exec(imageName)?.groups;
    if (imageName !== unknownValue && parts?.server && parts.repository && parts.tag) {
        return { server: parts.server, repository: parts.repository, tag: parts.tag };
    }
    throw new Error(`Expected an image name of the form SERVER/REPOSITORY:TAG, found "${imageName}".`);
}

/** Throws when the build context is no longer what it was when the inputs were checked. */
export function requireUnchanged({ context, contextDigest: expected }: ImageInputs["build"]): void {
    const found = contextDigest(context);
    if (found === expected) return;
    throw new Error(
        `Expected ${context}/ to stay as it was when this update began (${expected.slice(0, 12)}), found it changed ` +
            `(${found.slice(0, 12)}). Nothing was pushed; repeat the command.`,
    );
}

/** Refuses an image for another machine: its modules run on this one, in a container or as a process. */
export function requireOwnPlatform({ platform }: ImageInputs["build"]): void {
    const own = `linux/${ownArchitecture}`;
    if (platform === own) return;
    throw new Error(
        `Expected the platform ${own}, because the local device runs modules on this machine, found ${platform}. ` +
            `Set it with: pulumi config set platform ${own}`,
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
    const platform = build.platform ?? `linux/${ownArchitecture}`;
    return { ...build, context, dockerfile, platform, contextDigest: contextDigest(context) };
}

function unsupported({ registry, skipPush, build, imageName }: Properties): CheckFailure[] {
    const failures: CheckFailure[] = [];
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

/** Refuses every input but those that `knower` knows. */
function unknownInputs(names: string[], known: string[], knower: string): CheckFailure[] {
    return names
        .filter((name) => !known.includes(name))
        .map((property) => ({ property, reason: `${knower} knows no property '${property}'` }));
}
