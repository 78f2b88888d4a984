import { answers, type DockerEngine } from "../../docker/dockerEngine";
import { baseLabel } from "../../docker/imageLabels";
import { ownArchitecture } from "../../docker/ownArchitecture";
import { pullImageConfig, type RegistryAccount } from "../../planes/registry/client";
import type { RuntimeSettings } from "../../runtimeSettings";
import type { DesiredModule, RegistryCredential } from "./desiredModule";
import { type ImageReference, parseImageReference } from "./imageReference";
import type { ModuleRecord } from "./moduleRecords";
import type { DeviceImage, ModuleRuntime } from "./moduleRuntime";

/** The runtimes of one device, and which of them a module gets. */
export interface ModuleRuntimes extends Pick<ModuleRuntime, "keepOnly" | "takeUp" | "erase"> {
    /** The runtime of a module that was made. */
    of(record: ModuleRecord): ModuleRuntime;
    /**
     * The image of a module that is to be made, pulled where it is not on the device, with the runtime that has it.
     * Throws a sentence when it may not be pulled, or when the stack's settings leave no runtime that can run it.
     */
    provide(
        module: DesiredModule,
        credentials: RegistryCredential[],
        signal: AbortSignal,
    ): Promise<{ runtime: ModuleRuntime; image: DeviceImage }>;
}

export interface ModuleRuntimesOptions {
    process: ModuleRuntime;
    container: ModuleRuntime;
    /** The Docker engine, if there is one now. */
    engine(): DockerEngine | undefined;
    settings(): RuntimeSettings;
    log(line: string): void;
}

/** The two runtimes as one: what concerns all modules is asked of both. */
export function moduleRuntimes(options: ModuleRuntimesOptions): ModuleRuntimes {
    const both = [options.process, options.container];
    return {
        of: ({ runtime }) => (runtime === "container" ? options.container : options.process),
        async provide(module, credentials, signal) {
            const reference = parseImageReference(module.image);
            const allowed = await allowedRuntimes(options);
            for (const runtime of allowed) {
                const image = await runtime.findImage(reference);
                if (image) return { runtime, image };
            }
            if (module.imagePullPolicy === "never") {
                throw new Error(
                    `The image ${module.image} of ${module.name} is not on the device, and imagePullPolicy is never.`,
                );
            }
            const credential = credentials.find(({ address }) => address === reference.server);
            const account = { server: reference.server, ...credential };
            options.log(`pulling ${module.image}`);
            const runtime = await chooseRuntime(allowed, reference, account, signal);
            return { runtime, image: await runtime.pull(reference, account, signal) };
        },
        async keepOnly(digests) {
            for (const runtime of both) await runtime.keepOnly(digests);
        },
        async takeUp(records) {
            const found = await Promise.all(both.map((runtime) => runtime.takeUp(records)));
            return new Map(found.flatMap((each) => [...each]));
        },
        async erase() {
            for (const runtime of both) await runtime.erase();
        },
    };
}

/** The runtimes that the settings allow now, in the order of preference. */
async function allowedRuntimes(options: ModuleRuntimesOptions): Promise<ModuleRuntime[]> {
    const { process, container } = options;
    const { runtime } = options.settings();
    if (runtime !== "auto") return [options[runtime]];
    const engine = options.engine();
    return engine && (await answers(engine)) ? [container, process] : [process];
}

/** The first of the allowed runtimes that can run an image which is yet to be pulled. */
async function chooseRuntime(
    allowed: ModuleRuntime[],
    { server, repository, reference }: ImageReference,
    account: RegistryAccount,
    signal: AbortSignal,
): Promise<ModuleRuntime> {
    let reason: string | undefined;
    for (const runtime of allowed) {
        if (runtime.kind === "process") return runtime;
        reason = misfit(await pullImageConfig(account, repository, reference, signal));
        if (reason === undefined) return runtime;
    }
    throw new Error(
        `The image ${server}/${repository} ${reason}, so it cannot run as a container. ` +
            "Build it with Docker, or run modules as processes: npm run edge -- local up --runtime process",
    );
}

/** Why an image cannot run in a container of this machine; undefined when it can. */
function misfit(image: Awaited<ReturnType<typeof pullImageConfig>>): string | undefined {
    if (image.config?.Labels?.[baseLabel] === "none") return "was packed without a base";
    if (image.os !== undefined && image.os !== "linux") return `is for ${image.os}`;
    if (image.architecture !== undefined && image.architecture !== ownArchitecture)
        return `is for ${image.architecture} and this machine is ${ownArchitecture}`;
    return undefined;
}
