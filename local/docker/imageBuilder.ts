import { readFileSync } from "node:fs";
import { DockerfileParser } from "dockerfile-ast";
import type { RuntimeSettings } from "../runtimeSettings";
import { answers, type DockerEngine, findDockerEngine, unlessRefused } from "./dockerEngine";

/** An engine that can build, and the base image that it has. */
export interface ImageBuilder {
    readonly engine: DockerEngine;
    readonly base: { readonly name: string; readonly id: string };
}

/**
 * The engine that builds a stack's image; undefined where the image is to be packed instead. With `auto` it builds when
 * it answers and has the base image already: nothing is fetched that nobody asked for. With `container` the base is
 * pulled, and what is missing is an error.
 */
export async function imageBuilder(
    settings: RuntimeSettings,
    dockerHost: string | undefined,
    dockerfile: string,
    say: (line: string) => void,
): Promise<ImageBuilder | undefined> {
    if (settings.runtime === "process") return undefined;
    const isAsked = settings.runtime === "container";
    const engine = findDockerEngine(settings.dockerHost ?? dockerHost);
    if (!engine || !(await answers(engine))) {
        if (!isAsked) return undefined;
        throw new Error(
            "Expected a Docker engine because the stack's runtime is container, found none that answers at " +
                `${settings.dockerHost ?? dockerHost ?? "/var/run/docker.sock"}. Start it, set DOCKER_HOST, ` +
                "or run modules as processes: npm run edge -- local up --runtime process",
        );
    }
    const name = settings.baseImage ?? baseOf(dockerfile);
    if (name === undefined) {
        if (!isAsked) return undefined;
        throw new Error(
            `Expected ${dockerfile} to name its base image as ARG BASE=IMAGE, so that another can take its place, found none.`,
        );
    }
    const known = await findImage(engine, name);
    if (known) return { engine, base: { name, id: known } };
    if (!isAsked) return undefined;
    say(`Pulling the base image ${name}`);
    try {
        await engine.follow("POST", "/images/create", { query: { fromImage: name } }, () => {});
    } catch (error) {
        throw new Error(
            `Expected the base image ${name}, found that it cannot be pulled: ${(error as Error).message}. ` +
                "Make one of this machine's Node with: npm run edge -- local base-image",
            { cause: error },
        );
    }
    const id = await findImage(engine, name);
    if (id) return { engine, base: { name, id } };
    throw new Error(`The engine pulled the base image ${name} and does not have it.`);
}

/** The base image that the Dockerfile names as the default of its `ARG BASE`. */
function baseOf(dockerfile: string): string | undefined {
    return DockerfileParser.parse(readFileSync(dockerfile, "utf8"))
        .getInstructions()
        .filter((one) => one.getKeyword() === "ARG")
        .map((one) => /^BASE=(.+)$/.exec(one.getRawArgumentsContent() ?? "")?.[1])
        .find((base) => base !== undefined);
}

async function findImage(engine: DockerEngine, name: string): Promise<string | undefined> {
    return (await unlessRefused([404], engine.call<{ Id: string }>("GET", `/images/${name}/json`)))?.Id;
}
