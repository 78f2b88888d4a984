import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writeOwnFile } from "./base/ownerOnly";
import type { GivenFaults } from "./faults/faults";

const schema = z.object({
    runtime: z.enum(["auto", "container", "process"]).default("auto"),
    dockerHost: z.string().optional(),
    baseImage: z.string().optional(),
    faults: z.object({ plan: z.string(), given: z.string() }).optional(),
});

/** How a local stack runs modules and builds images, kept in the folder of its local Azure. */
export interface RuntimeSettings {
    /**
     * `container` needs a Docker engine and images that were built; `process` needs neither; `auto` takes containers
     * where both are at hand.
     */
    readonly runtime: "auto" | "container" | "process";
    /** Where the engine is, as in DOCKER_HOST; without it the usual socket. */
    readonly dockerHost?: string;
    /** The image that takes the place of the Dockerfile's base. */
    readonly baseImage?: string;
    /** Which calls fail. */
    readonly faults?: GivenFaults;
}

/** The choices for `runtime`. */
export const runtimes = schema.shape.runtime.unwrap().options;

/** Reads the settings of the local Azure in `folder`; those that were never set are the defaults. */
export function readRuntimeSettings(folder: string): RuntimeSettings {
    const file = settingsFile(folder);
    if (!existsSync(file)) return schema.parse({});
    try {
        return schema.parse(JSON.parse(readFileSync(file, "utf8")));
    } catch (cause) {
        const found = cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message;
        throw new Error(
            `Expected ${file} to hold the settings of the local Azure, found: ${found.replaceAll(/\s+/g, " ")}. ` +
                "Remove it, and give --runtime, --base-image and --faults again.",
            { cause },
        );
    }
}

/** The same for whoever asks at every call: the file is read again when it has changed. */
export function runtimeSettingsReader(folder: string): () => RuntimeSettings {
    let known: { at: number; settings: RuntimeSettings } | undefined;
    return () => {
        const at = statSync(settingsFile(folder), { throwIfNoEntry: false })?.mtimeMs ?? 0;
        if (known?.at !== at) known = { at, settings: readRuntimeSettings(folder) };
        return known.settings;
    };
}

/** Changes what is given and keeps the rest. */
export function changeRuntimeSettings(folder: string, changes: Partial<RuntimeSettings>): RuntimeSettings {
    const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
    const changed = schema.parse({ ...readRuntimeSettings(folder), ...given });
    writeOwnFile(settingsFile(folder), `${JSON.stringify(changed, null, 4)}\n`);
    return changed;
}

function settingsFile(folder: string): string {
    return join(folder, "runtime.json");
}
