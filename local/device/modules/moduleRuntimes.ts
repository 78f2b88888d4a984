import { arch } from "node:process";
import { answers, type DockerEngine } from "../../docker/dockerEngine";
import { baseLabel } from "../../docker/imageLabels";
import { pullImageConfig, type RegistryAccount } from "../../planes/registry/client";
import type { RuntimeSettings } from "../../runtimeSettings";
import type { ImageReference } from "./imageReference";
import type { ModuleRecord } from "./moduleRecord";
import type { DeviceImage, LeftModule, ModuleRuntime } from "./moduleRuntime";

/** The runtimes of one device, and which of them a module gets. */
export interface ModuleRuntimes {
    /** The runtime of a module that was made. */
    of(record: ModuleRecord): ModuleRuntime;
    /** An image that is on the device already, with the runtime that has it. */
    find(reference: ImageReference): Promise<{ runtime: ModuleRuntime; image: DeviceImage } | undefined>;
    /** The runtime for an image that is yet to be pulled; throws when the stack's settings leave none that can run it. */
    choose(reference: ImageReference, account: RegistryAccount, signal: AbortSignal): Promise<ModuleRuntime>;
    keepOnly(digests: ReadonlySet<string>): Promise<void>;
    takeUp(records: readonly ModuleRecord[]): Promise<Map<string, LeftModule>>;
    erase(): Promise<void>;
}

export interface ModuleRuntimesOptions {
    process: ModuleRuntime;
    container: ModuleRuntime;
    /** The engine as it is found now. */
    engine(): DockerEngine | undefined;
    settings(): RuntimeSettings;
}

export function moduleRuntimes(options: ModuleRuntimesOptions): ModuleRuntimes {
    const { process, container } = options;
    const both = [process, container];

    /** The runtimes that the settings allow now, in the order of preference. */
    async function allowed(): Promise<ModuleRuntime[]> {
        const { runtime } = options.settings();
        if (runtime === "process") return [process];
        if (runtime === "container") return [container];
        const engine = options.engine();
        return engine && (await answers(engine)) ? [container, process] : [process];
    }

    return {
        of: (record) => (record.runtime === "container" ? container : process),

        async find(reference) {
            for (const runtime of await allowed()) {
                const image = await runtime.findImage(reference);
                if (image) return { runtime, image };
            }
            return undefined;
        },

        async choose(reference, account, signal) {
            const candidates = await allowed();
            if (!candidates.includes(container)) return process;
            const config = await pullImageConfig(account, reference.repository, reference.reference, signal);
            const reason = misfit(config);
            if (reason === undefined) return container;
            if (candidates.includes(process)) return process;
            throw new Error(
                `The image ${reference.server}/${reference.repository} ${reason}, so it cannot run as a container. ` +
                    "Build it with Docker, or run modules as processes: npm run edge -- local up --runtime process",
            );
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

/** Why an image cannot run in a container of this machine; undefined when it can. */
function misfit(image: Awaited<ReturnType<typeof pullImageConfig>>): string | undefined {
    if (image.config?.Labels?.[baseLabel] === "none") return "was packed without a base";
    const own = arch === "x64" ? "amd64" : arch;
    if (image.os !== undefined && image.os !== "linux") return `is for ${image.os}`;
    if (image.architecture !== undefined && image.architecture !== own) {
        return `is for ${image.architecture} and this machine is ${own}`;
    }
    return undefined;
}
