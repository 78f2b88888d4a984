import type { ManifestOptions } from "./manifestOptions";

/** edgeAgent reads createOptions in pieces of at most 512 characters (Azure/iotedge, Constants.cs, TwinValueMaxSize). */
export const createOptionsChunk = 512;

/** A module's settings: the image and createOptions, cut into `createOptions`, `createOptions01`, …. */
export type ModuleSettings<Text> = {
    image: Text;
    createOptions: string;
    [chunk: `createOptions${string}`]: string;
};

/** Renders createOptions as edgeAgent reads them: a JSON string, cut into gapless chunks. */
export function moduleSettings<Text>(image: Text, createOptions: object): ModuleSettings<Text> {
    const text = JSON.stringify(createOptions);
    const settings: ModuleSettings<Text> = { image, createOptions: text.slice(0, createOptionsChunk) };
    for (let index = 1; index * createOptionsChunk < text.length; index++) {
        const start = index * createOptionsChunk;
        settings[chunkName(index)] = text.slice(start, start + createOptionsChunk);
    }
    return settings;
}

/** The name of the chunk at `index`: `createOptions`, `createOptions01`, … `createOptions99`. */
export function chunkName(index: number): `createOptions${string}` {
    return index === 0 ? "createOptions" : `createOptions${String(index).padStart(2, "0")}`;
}

/** What the container of the classifier is created with: its port, its limits, its log. */
export function classifierCreateOptions(options: ManifestOptions<unknown>): object {
    const { hostPort, memoryLimitMb, cpuLimit } = options;
    return {
        ExposedPorts: { "80/tcp": {} },
        HostConfig: {
            PortBindings: { "80/tcp": [{ HostPort: String(hostPort) }] },
            ...(memoryLimitMb !== undefined && { Memory: memoryLimitMb * 1024 * 1024 }),
            ...(cpuLimit !== undefined && { NanoCpus: Math.round(cpuLimit * 1e9) }),
            ...logConfig(options),
        },
    };
}

/** The createOptions that the user gave an extra module, with our log rotation unless they have a LogConfig. */
export function extraModuleCreateOptions(
    own: Readonly<Record<string, unknown>>,
    options: ManifestOptions<unknown>,
): object {
    // Docker reads names in any letter case, so somebody may have written hostConfig or logConfig.
    const named = (object: object, name: string) =>
        Object.entries(object).find(([key]) => key.toLowerCase() === name.toLowerCase());
    const [key, host] = named(own, "HostConfig") ?? ["HostConfig", undefined];
    const given = (host ?? {}) as object;
    const log = named(given, "LogConfig")?.[0] ?? "LogConfig";
    return { ...own, [key]: log === "LogConfig" ? { ...logConfig(options), ...given } : given };
}

/** What the container of edgeAgent or edgeHub is created with. */
export function runtimeCreateOptions(
    component: "edgeAgent" | "edgeHub",
    options: ManifestOptions<unknown>,
): object {
    const { hostStorage, gateway } = options;
    return {
        HostConfig: {
            // The ports stay closed unless other devices connect through this one.
            ...(component === "edgeHub" && gateway && { PortBindings: gatewayPorts }),
            ...(hostStorage !== undefined && {
                Binds: [`${hostStorage}/${component}:${containerStorage}`],
            }),
            ...logConfig(options),
        },
    };
}

/** Where edgeAgent and edgeHub keep their data inside their containers; their variable `storageFolder` says so. */
export const containerStorage = "/iotedge/storage";

/** AMQP, MQTT and HTTP or WebSockets, each over TLS, for devices that connect through edgeHub. */
const gatewayPorts = {
    "5671/tcp": [{ HostPort: "5671" }],
    "8883/tcp": [{ HostPort: "8883" }],
    "443/tcp": [{ HostPort: "443" }],
};

/** Docker's logs grow without end unless told otherwise, and a full disk stops the device. */
function logConfig({ logMaxSize, logMaxFiles }: ManifestOptions<unknown>): object {
    return {
        LogConfig: {
            Type: "json-file",
            Config: { "max-size": logMaxSize, "max-file": String(logMaxFiles) },
        },
    };
}
