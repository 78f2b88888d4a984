import { z } from "zod";

/** The members of a container's options that the device looks at; it passes on all others, as edgeAgent does. */
const createOptions = z.looseObject({
    Env: z.array(z.string()).nullish(),
    Cmd: z.array(z.string()).nullish(),
    Entrypoint: z.array(z.string()).nullish(),
    WorkingDir: z.string().nullish(),
    Labels: z.record(z.string(), z.string()).nullish(),
    ExposedPorts: z.record(z.string(), z.unknown()).nullish(),
    NetworkingConfig: z
        .looseObject({ EndpointsConfig: z.record(z.string(), z.unknown()).nullish() })
        .nullish(),
    HostConfig: z
        .looseObject({
            // Docker refuses a HostPort that is a number.
            PortBindings: z
                .record(z.string(), z.array(z.looseObject({ HostPort: z.string().nullish() })).nullish())
                .nullish(),
            Privileged: z.boolean().nullish(),
            NetworkMode: z.string().nullish(),
            PidMode: z.string().nullish(),
            IpcMode: z.string().nullish(),
            UTSMode: z.string().nullish(),
            UsernsMode: z.string().nullish(),
            CgroupnsMode: z.string().nullish(),
            Binds: z.array(z.string()).nullish(),
            Mounts: z.array(z.unknown()).nullish(),
            VolumesFrom: z.array(z.string()).nullish(),
            Devices: z.array(z.unknown()).nullish(),
            DeviceRequests: z.array(z.unknown()).nullish(),
            DeviceCgroupRules: z.array(z.string()).nullish(),
            PublishAllPorts: z.boolean().nullish(),
            CgroupParent: z.string().nullish(),
            SecurityOpt: z.array(z.string()).nullish(),
            CapDrop: z.array(z.string()).nullish(),
            ExtraHosts: z.array(z.string()).nullish(),
        })
        .nullish(),
});

export type CreateOptions = z.infer<typeof createOptions>;

/** edgeAgent cuts createOptions into pieces of this length (`Constants.cs`, TwinValueMaxSize). */
const chunkLength = 512;

/**
 * Puts `createOptions`, `createOptions01`, … of a module's settings together and reads them; blank means none. As in
 * edgeAgent (`JsonEx.cs`, ChunkedProperty) the names count in any letter case and are sorted as texts, and then the first
 * has no number and the others 1, 2, …, with or without zeros before it. Throws for another row, for what is no JSON, and
 * for members of another type than Docker takes.
 */
export function readCreateOptions(settings: Record<string, unknown>): {
    text: string;
    options: CreateOptions;
} {
    const names = Object.keys(settings)
        .filter((name) => /^createOptions\d*$/i.test(name))
        .sort((a, b) => (a.toUpperCase() < b.toUpperCase() ? -1 : 1));
    const numbers = names.map((name) => name.slice("createOptions".length));
    const gap = numbers.findIndex((number, index) =>
        index === 0 ? number !== "" : number === "" || Number(number) !== index,
    );
    if (gap >= 0) throw new Error(`${chunkName(gap)} is missing, although there are ${names.join(", ")}`);
    const chunks = names.map((name) => {
        const chunk = settings[name];
        if (typeof chunk !== "string") throw new Error(`${name} is not a string`);
        return chunk;
    });
    const text = chunks.join("").trim();
    if (text === "" || text === "null") return { text: "{}", options: {} };
    let parsed: unknown;
    try {
        parsed = JSON.parse(text);
    } catch (error) {
        throw new Error(`createOptions is not JSON: ${(error as Error).message}`);
    }
    const result = createOptions.safeParse(parsed);
    if (!result.success)
        throw new Error(`createOptions: ${z.prettifyError(result.error).replace(/\s*\n\s*/g, " ")}`);
    return { text, options: result.data };
}

/** Cuts createOptions as edgeAgent does when it reports them. */
export function chunkCreateOptions(text: string): Record<string, string> {
    const chunks: Record<string, string> = { createOptions: text.slice(0, chunkLength) };
    for (let index = 1; index * chunkLength < text.length; index++) {
        chunks[chunkName(index)] = text.slice(index * chunkLength, (index + 1) * chunkLength);
    }
    return chunks;
}

function chunkName(index: number): string {
    return index === 0 ? "createOptions" : `createOptions${String(index).padStart(2, "0")}`;
}
