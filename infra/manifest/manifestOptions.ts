import type { ExtraModuleSettings, ModuleTwin, Route } from "./manifestSettings";

/**
 * What the manifest says. `Text` is `string`, or an input of Pulumi where a value is secret or known only later: then
 * that leaf alone is unknown or hidden in a preview and the rest can be reviewed.
 */
export interface ManifestOptions<Text> {
    /** `repository@sha256:…`, the only digest form that edgeAgent accepts. */
    readonly image: Text;
    /** Where and as whom the device pulls. */
    readonly registry: RegistryCredential<Text>;
    /** Port of the device that leads to the module's port 80. */
    readonly hostPort: number;
    /** Whether the classifier is on the device; without it, what else the manifest holds stays. Default true. */
    readonly deploy?: boolean;
    /** Version of edgeAgent and edgeHub, exact. Default 1.6.8. */
    readonly runtimeVersion?: string;

    /** Environment of the classifier. */
    readonly moduleEnv?: Readonly<Record<string, string | number | boolean>>;
    /** More of its environment, whose values are secret. */
    readonly moduleSecrets?: Readonly<Record<string, Text>>;
    /** Default always. */
    readonly restartPolicy?: RestartPolicy;
    /** edgeAgent's own default is on-create. */
    readonly imagePullPolicy?: ImagePullPolicy;
    /** Modules with a lower number start first; edgeAgent's own default is the last, 4294967295. */
    readonly startupOrder?: number;
    /** Most memory of the classifier in MiB; Docker's least is 6. No limit by default. */
    readonly memoryLimitMb?: number;
    /** Most processor time of the classifier in cores, such as 1.5. No limit by default. */
    readonly cpuLimit?: number;
    /** Desired properties of the classifier's module twin. */
    readonly moduleTwin?: ModuleTwin;

    /** Size at which each container's log begins a new file, such as 10m, which is the default. */
    readonly logMaxSize?: string;
    /** How many such files are kept. Default 3. */
    readonly logMaxFiles?: number;
    /** Folder of the device in which edgeAgent and edgeHub keep their data; in their containers by default. */
    readonly hostStorage?: string;

    /** Routes of edgeHub by name. By default every message goes to the hub. */
    readonly routes?: Readonly<Record<string, Route>>;
    /** How long edgeHub keeps messages while the hub is away, in seconds. Default 7200, as documented. */
    readonly timeToLiveSecs?: number;
    /** How edgeAgent and edgeHub speak to the hub. Their own default is Amqp, with a proxy AmqpWs. */
    readonly upstreamProtocol?: UpstreamProtocol;
    /** URL of the proxy through which edgeAgent and edgeHub reach the hub; may hold a password. */
    readonly proxy?: Text;
    /** Whether other devices may connect to edgeHub: its ports 5671, 8883 and 443. Default false. */
    readonly gateway?: boolean;
    /** Whether edgeHub should prefer little memory to speed. Default false. */
    readonly smallDevice?: boolean;

    /** Modules beside the classifier, by name. */
    readonly extraModules?: Readonly<Record<string, ExtraModule<Text>>>;
    /** Credentials of more registries, by a name of the user's choice. */
    readonly extraRegistries?: Readonly<Record<string, RegistryCredential<Text>>>;
}

/** The URL-free address of a registry, and as whom the device pulls from it. */
export interface RegistryCredential<Text> {
    readonly address: Text;
    readonly username: Text;
    readonly password: Text;
}

/** An extra module as configured; values of its environment may be secret. */
export interface ExtraModule<Text> extends Omit<ExtraModuleSettings, "env"> {
    readonly env?: Readonly<Record<string, Text | string | number | boolean>>;
}

export type RestartPolicy = "never" | "on-failure" | "on-unhealthy" | "always";
export type ImagePullPolicy = "on-create" | "never";
export type UpstreamProtocol = "Amqp" | "AmqpWs" | "Mqtt" | "MqttWs";
