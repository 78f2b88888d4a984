import {
    classifierCreateOptions,
    containerStorage,
    extraModuleCreateOptions,
    type ModuleSettings,
    moduleSettings,
    runtimeCreateOptions,
} from "./createOptions";
import type { ExtraModule, ManifestOptions, RegistryCredential } from "./manifestOptions";
import type { ManifestSettings } from "./manifestSettings";
import { routeModules } from "./routeExpression";

/** The newest schema that both edgeAgent and edgeHub 1.6 accept. */
const schemaVersion = "1.1";

/** Name of the module that classifies, as in the lesson this project continues. */
export const classifierModule = "ImageClassifier";

/** The body of `applyConfigurationContent`. Each further key is a module, with the desired properties of its twin. */
export type DeploymentManifest<Text> = {
    modulesContent: {
        $edgeAgent: { "properties.desired": EdgeAgentDesired<Text> };
        $edgeHub: { "properties.desired": EdgeHubDesired };
        [moduleId: string]: { "properties.desired": object };
    };
};

interface EdgeAgentDesired<Text> {
    schemaVersion: string;
    runtime: {
        type: "docker";
        settings: { registryCredentials: Record<string, RegistryCredential<Text>> };
    };
    systemModules: { edgeAgent: SystemModule<Text>; edgeHub: EdgeHubModule<Text> };
    modules: Record<string, Module<Text>>;
}

interface SystemModule<Text> {
    type: "docker";
    settings: ModuleSettings<string>;
    env?: Env<Text>;
}

interface EdgeHubModule<Text> extends SystemModule<Text> {
    status: "running";
    restartPolicy: "always";
}

type ModuleFields = Pick<ManifestSettings, "restartPolicy" | "imagePullPolicy" | "startupOrder">;

interface Module<Text> extends ModuleFields {
    version: string;
    type: "docker";
    status: "running" | "stopped";
    settings: ModuleSettings<Text | string>;
    env?: Env<Text>;
}

type Env<Text> = Record<string, { value: Text | string }>;
type Route = NonNullable<ManifestSettings["routes"]>[string];

interface EdgeHubDesired {
    schemaVersion: string;
    routes: Record<string, Route>;
    storeAndForwardConfiguration: { timeToLiveSecs: number };
}

/** The manifest of a device that runs the classifier: runtime, modules, routes, module twins. */
export function deploymentManifest<Text>(options: ManifestOptions<Text>): DeploymentManifest<Text> {
    const { deploy, extraModules, timeToLiveSecs } = options;
    const modules = {
        ...(deploy && { [classifierModule]: classifier(options) }),
        ...mapValues(extraModules, (module) => extraModule(module, options)),
    };
    return {
        modulesContent: {
            $edgeAgent: {
                "properties.desired": {
                    schemaVersion,
                    runtime: {
                        type: "docker",
                        settings: {
                            registryCredentials: {
                                ...(options.registry && { registry: options.registry }),
                                ...options.extraRegistries,
                            },
                        },
                    },
                    systemModules: {
                        edgeAgent: { type: "docker", ...runtimeModule("edgeAgent", options) },
                        edgeHub: {
                            type: "docker",
                            status: "running",
                            restartPolicy: "always",
                            ...runtimeModule("edgeHub", options),
                        },
                    },
                    modules,
                },
            },
            $edgeHub: {
                "properties.desired": {
                    schemaVersion,
                    routes: routes(options),
                    storeAndForwardConfiguration: { timeToLiveSecs },
                },
            },
            ...twins(options),
        },
    };
}

function classifier<Text>(options: ManifestOptions<Text>): Module<Text> {
    return {
        version: "1.0",
        type: "docker",
        status: "running",
        ...moduleFields(options),
        settings: moduleSettings(options.image, classifierCreateOptions(options)),
        ...env<Text>({ ...options.moduleEnv, ...options.moduleSecrets }),
    };
}

function extraModule<Text>(module: ExtraModule<Text>, options: ManifestOptions<Text>): Module<Text> {
    return {
        version: module.version,
        type: "docker",
        status: module.status,
        ...moduleFields(module),
        settings: moduleSettings(module.image, extraModuleCreateOptions(module.createOptions ?? {}, options)),
        ...env<Text>({ ...module.env }),
    };
}

/** A field that is not set is left out, and edgeAgent takes its own default. */
function moduleFields({ restartPolicy, imagePullPolicy, startupOrder }: ModuleFields): ModuleFields {
    return {
        restartPolicy,
        ...(imagePullPolicy !== undefined && { imagePullPolicy }),
        ...(startupOrder !== undefined && { startupOrder }),
    };
}

function runtimeModule<Text>(
    component: "edgeAgent" | "edgeHub",
    options: ManifestOptions<Text>,
): Omit<SystemModule<Text>, "type"> {
    const { runtimeVersion, proxy, hostStorage } = options;
    // A proxy lets nothing through but HTTP, so AMQP has to go over WebSockets.
    const protocol = options.upstreamProtocol ?? (proxy === undefined ? undefined : "AmqpWs");
    const image = `mcr.microsoft.com/azureiotedge-${component === "edgeAgent" ? "agent" : "hub"}:${runtimeVersion}`;
    return {
        settings: moduleSettings(image, runtimeCreateOptions(component, options)),
        ...env<Text>({
            ...(protocol !== undefined && { UpstreamProtocol: protocol }),
            ...(proxy !== undefined && { https_proxy: proxy }),
            ...(hostStorage !== undefined && { storageFolder: containerStorage }),
        }),
    };
}

/** Numbers and booleans become text here, because edgeAgent would hand `true` to the container as `True`. */
function env<Text>(values: Record<string, Text | string | number | boolean>): { env?: Env<Text> } {
    if (Object.keys(values).length === 0) return {};
    return {
        env: mapValues(values, (value) => ({
            value: typeof value === "number" || typeof value === "boolean" ? String(value) : value,
        })),
    };
}

/** Routes that name the classifier go with it, because edgeHub would wait for a module that never comes. */
function routes({ routes, deploy }: ManifestOptions<unknown>): Record<string, Route> {
    const all = routes ?? { upstream: "FROM /messages/* INTO $upstream" };
    if (deploy) return { ...all };
    const mentions = (route: Route) => {
        const { source, sink } = routeModules(typeof route === "string" ? route : route.route);
        return source?.toLowerCase() === classifierModule.toLowerCase() || sink === classifierModule;
    };
    return Object.fromEntries(Object.entries(all).filter(([, route]) => !mentions(route)));
}

function twins({ deploy, moduleTwin, extraModules }: ManifestOptions<unknown>) {
    const desired: [string, object | undefined][] = Object.entries(extraModules).map(([name, module]) => [
        name,
        module.desired,
    ]);
    if (deploy) desired.unshift([classifierModule, moduleTwin]);
    return Object.fromEntries(
        desired.flatMap(([name, properties]) =>
            // An empty section reads back as none, which would show as a change forever.
            Object.keys(properties ?? {}).length === 0 ? [] : [[name, { "properties.desired": properties }]],
        ),
    );
}

function mapValues<From, To>(record: Readonly<Record<string, From>>, map: (value: From) => To) {
    return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
