import { z } from "zod";

/** A text of this form. A schema's error text continues the sentence "Expected … to be". */
function matching(pattern: RegExp, expected: string) {
    return z.string(expected).regex(pattern);
}

function wholeNumber(least: number, most: number, what = "a whole number") {
    return z.int(`${what} from ${least} to ${most}`).min(least).max(most);
}

/** A name in the environment of a container; the manifest's published schema forbids `+`, `#`, `$`, dots and spaces. */
const envName = matching(/^[A-Za-z_][A-Za-z0-9_-]*$/, "a name of letters, digits, underscores and dashes");
const envValue = z.union([z.string(), z.number(), z.boolean()], "a text, a number, true or false");
const moduleName = matching(
    /^(?!ImageClassifier$|edgeAgent$|edgeHub$)[A-Za-z0-9_-]+$/,
    "a name of letters, digits, dashes and underscores that is not ImageClassifier, edgeAgent or edgeHub",
);
/** The keys of a twin hold no dots, `$`, `#` or spaces. */
const twinKey = /^[^.$#\s]+$/;
const twinName = matching(twinKey, "a name without dots, $, # and spaces");

/** `moduleEnv`: the classifier's environment. */
export const moduleEnvSchema = z
    .record(envName, envValue, "names and values such as {LOG_LEVEL: debug}")
    .describe("Environment variables of the classifier.");

/** `moduleSecrets`: more of its environment, each value secret. */
export const moduleSecretsSchema = z
    .record(
        envName,
        z.string("a text, set with pulumi config set --secret --path"),
        "names and secret values",
    )
    .describe("Environment variables of the classifier whose values are secret.");

/** One route: its expression, or that with a priority and a time to live. */
const routeSchema = z.union(
    [
        z.string().min(1),
        z.strictObject(
            {
                route: z.string("FROM source [WHERE condition] INTO sink").min(1),
                priority: wholeNumber(0, 9).optional().describe("0 is the highest, 9 the lowest."),
                timeToLiveSecs: wholeNumber(0, 4_294_967_295).optional(),
            },
            "an object without other keys than route, priority and timeToLiveSecs",
        ),
    ],
    "FROM source [WHERE condition] INTO sink, or {route, priority from 0 to 9, timeToLiveSecs}",
);

/** `routes`: edgeHub's routes by name. */
export const routesSchema = z
    .record(twinName, routeSchema, "names and routes such as {upstream: FROM /messages/* INTO $upstream}")
    .describe("Routes of edgeHub by name; they take the place of the default one.");

/** `moduleTwin`: desired properties of a module twin. */
export const moduleTwinSchema = z
    .record(twinName, z.json(), "properties such as {threshold: 0.8}")
    .describe("Desired properties of the classifier's module twin.");

const extraModuleSchema = z.strictObject(
    {
        image: z.string("an image such as mcr.microsoft.com/azureiotedge-metrics-collector:1.3.1").min(1),
        version: z.string("a text such as 1.0").optional(),
        status: z.enum(["running", "stopped"], "running or stopped").optional(),
        restartPolicy: z
            .enum(
                ["never", "on-failure", "on-unhealthy", "always"],
                "never, on-failure, on-unhealthy or always",
            )
            .optional(),
        imagePullPolicy: z.enum(["on-create", "never"], "on-create or never").optional(),
        startupOrder: wholeNumber(0, 4_294_967_295).optional(),
        env: z.record(envName, envValue, "names and values").optional(),
        createOptions: z
            .record(z.string(), z.json(), "an object as Docker's Engine API takes it, not JSON in a text")
            .optional()
            .describe("What the container is created with, as an object of Docker's Engine API."),
        desired: moduleTwinSchema.optional().describe("Desired properties of the module's twin."),
    },
    {
        error: ({ code }) =>
            code === "unrecognized_keys"
                ? "an object without other keys than image, version, status, restartPolicy, imagePullPolicy, startupOrder, " +
                  "env, createOptions and desired"
                : "an object with an image",
    },
);

/** `extraModules`: modules beside the classifier by name. */
export const extraModulesSchema = z
    .record(moduleName, extraModuleSchema, "names and modules such as {metrics: {image: …}}")
    .describe("Modules beside the classifier, by name.");

/** `extraRegistries`: credentials of more registries by a name of the user's choice. */
export const extraRegistriesSchema = z
    .record(
        matching(/^(?!registry$)[^.$#\s]+$/, "a name without dots, $, # and spaces that is not registry"),
        z.strictObject(
            {
                address: matching(/^[^\s/]+$/, "a host such as example.azurecr.io"),
                username: z.string("a user name").trim().min(1),
                password: z.string("a text, set with pulumi config set --secret --path").min(1),
            },
            "an object with address, username and password and no other keys",
        ),
        "names and registries such as {shared: {address, username, password}}",
    )
    .describe("Credentials of more registries that modules are pulled from.");

/** `runtimeVersion`: edgeHub of 1.6.0 and 1.6.1 does not answer MQTT clients (Azure/iotedge#7539). */
export const runtimeVersionSchema = matching(
    /^1\.6\.([2-9]|[1-9]\d+)$/,
    "an exact version 1.6.x from 1.6.2 on, such as 1.6.8",
);

/** `upstreamProtocol`. */
export const upstreamProtocolSchema = z.enum(
    ["Amqp", "AmqpWs", "Mqtt", "MqttWs"],
    "Amqp, AmqpWs, Mqtt or MqttWs",
);

/** `proxy`: what `https_proxy` takes. */
export const proxySchema = matching(
    /^https?:\/\/[^\s/]+\/?$/,
    "a proxy's URL such as http://proxy.example:3128",
);

/** `hostStorage`: a folder of the device. */
export const hostStorageSchema = matching(
    /^(\/[A-Za-z0-9._-]+)+$/,
    "a folder of the device such as /var/lib/edge-storage",
);

/** `logMaxSize`, as Docker's json-file log takes it. */
export const logMaxSizeSchema = matching(/^[1-9]\d*[kmg]$/, "a size such as 10m, 500k or 1g");

export type Route = z.infer<typeof routeSchema>;
export type ModuleTwin = z.infer<typeof moduleTwinSchema>;
export type ExtraModuleSettings = z.infer<typeof extraModuleSchema>;

/** The settings of a stack that shape its manifest, under their names in the configuration; all but one may be left out. */
export const manifestSettingsSchema = z.object({
    hostPort: wholeNumber(1, 65_535).default(80),
    deploy: z.boolean("true or false").optional(),
    runtimeVersion: runtimeVersionSchema.optional(),
    moduleEnv: moduleEnvSchema.optional(),
    moduleSecrets: moduleSecretsSchema.optional(),
    restartPolicy: extraModuleSchema.shape.restartPolicy,
    imagePullPolicy: extraModuleSchema.shape.imagePullPolicy,
    startupOrder: extraModuleSchema.shape.startupOrder,
    memoryLimitMb: z.int("a whole number of MiB from 6").min(6).optional(),
    cpuLimit: z.number("a number of cores such as 1.5").min(0.01).optional(),
    moduleTwin: moduleTwinSchema.optional(),
    logMaxSize: logMaxSizeSchema.optional(),
    logMaxFiles: wholeNumber(1, 100).optional(),
    hostStorage: hostStorageSchema.optional(),
    routes: routesSchema.optional(),
    timeToLiveSecs: wholeNumber(0, 2_147_483_647, "a whole number of seconds").optional(),
    upstreamProtocol: upstreamProtocolSchema.optional(),
    proxy: proxySchema.optional(),
    gateway: z.boolean("true or false").optional(),
    smallDevice: z.boolean("true or false").optional(),
    extraModules: extraModulesSchema.optional(),
    extraRegistries: extraRegistriesSchema.optional(),
});

/** The settings with every value plain. */
export type ManifestSettings = z.infer<typeof manifestSettingsSchema>;
