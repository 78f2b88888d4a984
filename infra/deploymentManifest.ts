/** IoT Edge 1.6 LTS. An exact tag, because the device does not notice new bits behind a rolling one. */
const runtimeVersion = "1.6.8";
/** The newest schema that both edgeAgent and edgeHub 1.6 accept. */
const schemaVersion = "1.1";
/** edgeAgent reads createOptions in pieces of at most 512 characters (Azure/iotedge, Constants.cs). */
const createOptionsChunk = 512;
/** How long edgeHub keeps messages while the hub is away, in seconds: the documented default. */
const timeToLiveSecs = 7200;

/** Name of the module that classifies, as in the lesson this project continues. */
export const classifierModule = "ImageClassifier";

/**
 * What the manifest says about the classifier. `Text` is `string`, or an input of Pulumi where a value is known only
 * later: then that leaf alone is unknown in a preview and the rest can be reviewed.
 */
export interface ManifestOptions<Text> {
    /** `repository@sha256:…`, the only digest form that edgeAgent accepts. */
    readonly image: Text;
    /** Where and as whom the device pulls. */
    readonly registry: { readonly address: Text; readonly username: Text; readonly password: Text };
    /** Port of the device that leads to the module's port 80. */
    readonly hostPort: number;
}

/** A module's settings: the image and createOptions, cut into `createOptions`, `createOptions01`, …. */
type ModuleSettings<Text> = { image: Text; createOptions: string; [chunk: `createOptions${string}`]: string };

/** The body of `applyConfigurationContent`. */
export interface DeploymentManifest<Text> {
    modulesContent: {
        $edgeAgent: { "properties.desired": EdgeAgentDesired<Text> };
        $edgeHub: { "properties.desired": EdgeHubDesired };
    };
}

interface EdgeAgentDesired<Text> {
    schemaVersion: string;
    runtime: {
        type: "docker";
        settings: { registryCredentials: Record<string, { address: Text; username: Text; password: Text }> };
    };
    systemModules: {
        edgeAgent: { type: "docker"; settings: ModuleSettings<string> };
        edgeHub: {
            type: "docker";
            status: "running";
            restartPolicy: "always";
            settings: ModuleSettings<string>;
        };
    };
    modules: Record<
        string,
        {
            version: string;
            type: "docker";
            status: "running";
            restartPolicy: "always";
            settings: ModuleSettings<Text>;
        }
    >;
}

interface EdgeHubDesired {
    schemaVersion: string;
    routes: Record<string, string>;
    storeAndForwardConfiguration: { timeToLiveSecs: number };
}

/** The manifest of a device that runs the classifier: runtime, module, route to the hub. */
export function deploymentManifest<Text>(options: ManifestOptions<Text>): DeploymentManifest<Text> {
    return {
        modulesContent: {
            $edgeAgent: {
                "properties.desired": {
                    schemaVersion,
                    runtime: {
                        type: "docker",
                        settings: { registryCredentials: { registry: options.registry } },
                    },
                    systemModules: {
                        edgeAgent: { type: "docker", settings: runtimeSettings("agent") },
                        edgeHub: {
                            type: "docker",
                            status: "running",
                            restartPolicy: "always",
                            settings: runtimeSettings("hub"),
                        },
                    },
                    modules: {
                        [classifierModule]: {
                            version: "1.0",
                            type: "docker",
                            status: "running",
                            restartPolicy: "always",
                            settings: moduleSettings(options.image, portBinding(options.hostPort)),
                        },
                    },
                },
            },
            $edgeHub: {
                "properties.desired": {
                    schemaVersion,
                    routes: { upstream: "FROM /messages/* INTO $upstream" },
                    storeAndForwardConfiguration: { timeToLiveSecs },
                },
            },
        },
    };
}

/** Renders createOptions as edgeAgent reads them: a JSON string, cut into gapless chunks. */
export function moduleSettings<Text>(image: Text, createOptions: object): ModuleSettings<Text> {
    const text = JSON.stringify(createOptions);
    const settings: ModuleSettings<Text> = { image, createOptions: text.slice(0, createOptionsChunk) };
    for (let index = 1; index * createOptionsChunk < text.length; index++) {
        const start = index * createOptionsChunk;
        settings[`createOptions${String(index).padStart(2, "0")}`] = text.slice(
            start,
            start + createOptionsChunk,
        );
    }
    return settings;
}

function runtimeSettings(component: "agent" | "hub"): ModuleSettings<string> {
    // No port is bound: edgeHub needs them only as a gateway for other devices.
    return moduleSettings(`mcr.microsoft.com/azureiotedge-${component}:${runtimeVersion}`, {});
}

function portBinding(hostPort: number): object {
    return {
        ExposedPorts: { "80/tcp": {} },
        HostConfig: { PortBindings: { "80/tcp": [{ HostPort: String(hostPort) }] } },
    };
}
