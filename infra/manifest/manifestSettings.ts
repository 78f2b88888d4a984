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
const twinName = matching(/^[^.$#\s]+$/, "a name without dots, $, # and spaces");
const moduleTwin = z.record(twinName, z.json(), "properties such as {threshold: 0.8}");

/** The fields that a module of ours and any other have in common, as edgeAgent takes them. */
const moduleFields = {
    restartPolicy: z
        .enum(["never", "on-failure", "on-unhealthy", "always"], "never, on-failure, on-unhealthy or always")
        .default("always"),
    imagePullPolicy: z.enum(["on-create", "never"], "on-create or never").optional(),
    startupOrder: wholeNumber(0, 4_294_967_295).optional(),
};

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

const extraModule = z.strictObject(
    {
        image: z.string("an image such as mcr.microsoft.com/azureiotedge-metrics-collector:1.3.1").min(1),
        version: z.string("a text such as 1.0").default("1.0"),
        status: z.enum(["running", "stopped"], "running or stopped").default("running"),
        ...moduleFields,
        env: z.record(envName, envValue, "names and values").optional(),
        createOptions: z
            .record(z.string(), z.json(), "an object as Docker's Engine API takes it, not JSON in a text")
            .optional()
            .describe("What the container is created with, as an object of Docker's Engine API."),
        desired: moduleTwin.optional().describe("Desired properties of the module's twin."),
    },
    {
        error: ({ code }) =>
            code === "unrecognized_keys"
                ? "an object without other keys than image, version, status, restartPolicy, imagePullPolicy, startupOrder, " +
                  "env, createOptions and desired"
                : "an object with an image",
    },
);

/**
 * The settings of a stack that shape its manifest: how each is checked, its default, what it means. This is the only
 * place that says so; `deploymentManifest.ts` and `createOptions.ts` say where each goes.
 */
export const manifestSettings = z.object({
    deploy: z
        .boolean("true or false")
        .default(true)
        .describe("Whether the device runs the classifier. false takes the module off and keeps all else."),
    hostPort: wholeNumber(1, 65_535)
        .default(80)
        .describe("Port of the device on which the classifier answers."),
    moduleEnv: z
        .record(envName, envValue, "names and values such as {LOG_LEVEL: debug}")
        .default({})
        .describe("Environment of the classifier."),
    restartPolicy: moduleFields.restartPolicy.describe(
        "When the device starts the classifier again: never, on-failure, on-unhealthy or always.",
    ),
    imagePullPolicy: moduleFields.imagePullPolicy.describe(
        "When the device pulls the image: on-create, which is edgeAgent's default, or never.",
    ),
    startupOrder: moduleFields.startupOrder.describe(
        "Modules with a lower number start first. The last, 4294967295, by default.",
    ),
    memoryLimitMb: z
        .int("a whole number of MiB from 6")
        .min(6)
        .optional()
        .describe("Most memory of the classifier in MiB. No limit by default."),
    cpuLimit: z
        .number("a number of cores such as 1.5")
        .min(0.01)
        .optional()
        .describe("Most cores of the classifier, such as 1.5. No limit by default."),
    moduleTwin: moduleTwin.default({}).describe("Desired properties of the classifier's module twin."),
    logMaxSize: matching(/^[1-9]\d*[kmg]$/, "a size such as 10m, 500k or 1g")
        .default("10m")
        .describe("Size at which each container's log begins a new file."),
    logMaxFiles: wholeNumber(1, 100).default(3).describe("How many files of a log are kept."),
    hostStorage: matching(/^(\/[A-Za-z0-9._-]+)+$/, "a folder of the device such as /var/lib/edge-storage")
        .optional()
        .describe(
            "Folder of the device in which edgeAgent and edgeHub keep their data. In their containers by default.",
        ),
    routes: z
        .record(twinName, routeSchema, "names and routes such as {upstream: FROM /messages/* INTO $upstream}")
        .optional()
        .describe("Routes of edgeHub by name. By default every message goes to the hub."),
    timeToLiveSecs: wholeNumber(0, 2_147_483_647, "a whole number of seconds")
        .default(7200)
        .describe("How long edgeHub keeps messages while the hub is away, in seconds."),
    upstreamProtocol: z
        .enum(["Amqp", "AmqpWs", "Mqtt", "MqttWs"], "Amqp, AmqpWs, Mqtt or MqttWs")
        .optional()
        .describe(
            "How the device speaks to the hub: Amqp, AmqpWs, Mqtt or MqttWs. edgeAgent's own default is Amqp, with a proxy AmqpWs.",
        ),
    // The form is that of edgeAgent's https_proxy.
    proxy: matching(/^https?:\/\/[^\s/]+\/?$/, "a proxy's URL such as http://proxy.example:3128")
        .optional()
        .describe(
            "URL of the proxy through which edgeAgent and edgeHub reach the hub. Set it with --secret if it holds a password.",
        ),
    gateway: z
        .boolean("true or false")
        .default(false)
        .describe("Whether other devices may connect to edgeHub: its ports 5671, 8883 and 443."),
    // edgeHub of 1.6.0 and 1.6.1 does not answer MQTT clients (Azure/iotedge#7539). The default is an exact tag because a
    // device does not notice new bits behind a rolling one.
    runtimeVersion: matching(
        /^1\.6\.([2-9]|[1-9]\d+)$/,
        "an exact version 1.6.x from 1.6.2 on, such as 1.6.8",
    )
        .default("1.6.8")
        .describe("Version of edgeAgent and edgeHub, exact."),
    extraModules: z
        .record(moduleName, extraModule, "names and modules such as {metrics: {image: …}}")
        .default({})
        .describe("Modules beside the classifier, by name: see [manifest.md](manifest.md)."),
});

/** Settings of the manifest that must be set with `--secret`. */
export const secretManifestSettings = z.object({
    moduleSecrets: z
        .record(
            envName,
            z.string("a text, set with pulumi config set --secret --path"),
            "names and secret values",
        )
        .default({})
        .describe("Environment of the classifier whose values are secret."),
    extraRegistries: z
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
        .default({})
        .describe(
            "Registries beside the stack's own that the device pulls from, by name: address, username, password.",
        ),
});

/** All settings of the manifest, with every value plain. */
export type ManifestSettings = z.infer<typeof manifestSettings> & z.infer<typeof secretManifestSettings>;
