import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { CreateOptions } from "../createOptions";
import type { DesiredModule } from "../desiredModule";
import { edgeEnvironment, type ModuleReach, variables } from "../edgeEnvironment";
import { checkPort, hostPort } from "../hostPorts";
import type { ModuleIdentity } from "../moduleRuntime";
import { refusalOf } from "../refusalOf";
import type { LocalImage } from "./images";
import type { ProcessSpec } from "./moduleProcess";

/** The variables of this program's own environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The only variables of this program's own environment that a module sees. */
const passedOn = ["PATH", "LANG", "TZ"];
/** Variables that an image sets for the inside of a container, where this machine's paths mean nothing. */
const notFromImage = ["PATH", "HOME"];

/**
 * How a module is run as a process: its image's command in its image's folder, with the environment that it would have in
 * a container and, as there is no port mapping, HOST and PORT for where to listen: the first port binding's on loopback.
 * Throws for options that this device refuses and for a port that is taken.
 */
export async function processSpec(
    module: Pick<DesiredModule, "env">,
    options: CreateOptions,
    image: LocalImage,
    identity: ModuleIdentity,
    surroundings: { home: string; logFile: string; environment: Environment; reach: ModuleReach },
): Promise<ProcessSpec> {
    const refusal = refusalOf(options);
    if (refusal) throw new Error(`${refusal}.`);
    const port = hostPort(options);
    if (port !== undefined) await checkPort(port, identity.moduleId);
    mkdirSync(surroundings.home, { recursive: true, mode: 0o700 });
    const [command, ...args] = commandOf(options, image).map((word) => inImage(word, image.rootfs));
    if (command === undefined)
        throw new Error("The image names no command: it has neither Entrypoint nor Cmd.");
    return {
        command: command === "node" ? process.execPath : command,
        args,
        cwd: join(image.rootfs, options.WorkingDir || image.config.WorkingDir || "/"),
        env: {
            ...pick(passedOn, surroundings.environment),
            ...without(notFromImage, variables(image.config.Env)),
            ...variables(options.Env),
            ...module.env,
            HOME: surroundings.home,
            ...edgeEnvironment(identity, surroundings.reach),
            HOST: "127.0.0.1",
            // Without a binding nobody reaches the module, and it must not take a port of the machine: any free one.
            PORT: String(port ?? 0),
        },
        logFile: surroundings.logFile,
    };
}

/** The image's command with what the options change of it; as in Docker, an entry point drops the image's Cmd. */
function commandOf(options: CreateOptions, { config }: LocalImage): string[] {
    if (options.Entrypoint?.length) return [...options.Entrypoint, ...(options.Cmd ?? [])];
    return [...(config.Entrypoint ?? []), ...(options.Cmd ?? config.Cmd ?? [])];
}

/** An absolute path that the image has means the image's file; any other word stays. */
function inImage(word: string, rootfs: string): string {
    const place = join(rootfs, word);
    return word.startsWith("/") && existsSync(place) ? place : word;
}

function pick(names: string[], environment: Environment): Record<string, string> {
    return Object.fromEntries(
        names.flatMap((name) => {
            const value = environment[name];
            return value === undefined ? [] : [[name, value]];
        }),
    );
}

function without(names: string[], values: Record<string, string>): Record<string, string> {
    return Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)));
}
