import { z } from "zod";
import { isCreateOptions } from "./joinedCreateOptions";
import { anyCase, choice, matching, object, text, wholeNumber } from "./shapeWords";

const uint32 = 4_294_967_295;
const int32 = 2_147_483_647;

/** The image, and createOptions in chunks; whether the chunks join to JSON is checked by `joinedCreateOptions.ts`. */
const settings = z
    .object({ image: text("an image's name") }, "an object with an image")
    .catchall(z.string("a text of JSON, as only a template has an object there"))
    .superRefine((value, context) => {
        for (const key of Object.keys(value)) {
            if (key === "image" || isCreateOptions(key)) continue;
            context.addIssue({
                code: "unrecognized_keys",
                keys: [key],
                message: "without other keys than image, createOptions, createOptions01, …",
            });
        }
    });

/** An environment variable. */
export const variable = object({
    value: z.union([z.string(), z.number(), z.boolean()], "a text, a number, true or false"),
});
const env = z
    .record(
        matching(/^[^+#$\s.]+$/, "an environment variable's name without +, #, $, dots and spaces"),
        variable,
        "an object of names with {value}",
    )
    .optional();

const type = choice("docker");
const status = anyCase("running", "stopped");
const restartPolicy = anyCase("never", "on-failure", "on-unhealthy", "always");
const imagePullPolicy = anyCase("never", "on-create").optional();
const startupOrder = wholeNumber(0, uint32).optional();

/** A name that the user chooses and that becomes a key of a twin. */
const name = matching(/^[^.$#\s]+$/, "a name without dots, $, # and spaces");
/**
 * edgeAgent looks an image's host up among the addresses as they are written. Images of Docker Hub have the host that
 * Docker itself uses for it (Azure/iotedge, DockerUtil.cs).
 */
const address = matching(
    /^(https:\/\/index\.docker\.io\/v1\/|[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[1-9]\d{0,4})?)$/i,
    "a host such as example.azurecr.io, without scheme, slash and path",
);
/** A registry's account. */
export const credential = object({
    address,
    username: text(),
    password: text(),
});

/** A module of the user. */
export const userModule = object({
    version: z.string("a text").optional(),
    type,
    status,
    // Without it edgeAgent takes on-unhealthy (DockerDesiredModule.cs), although the published schema asks for one.
    restartPolicy: restartPolicy.optional(),
    env,
    settings,
    imagePullPolicy,
    startupOrder,
});
/** What a signed manifest brings along; the runtime alone can judge it. */
const integrity = z.json().optional();

const edgeAgent = object({
    // edgeAgent takes 1.0 and 1.1 in two to four parts and refuses others with 412 (EdgeAgentConnection.cs).
    schemaVersion: matching(/^1\.[01](\.\d+){0,2}$/, "1.0 or 1.1"),
    runtime: object({
        type,
        settings: object({
            minDockerVersion: z.string("a text").optional(),
            loggingOptions: z.string("a text").optional(),
            registryCredentials: z.record(name, credential, "an object of names and credentials").optional(),
        }),
    }),
    systemModules: object({
        edgeAgent: object({ type, settings, env, imagePullPolicy }),
        edgeHub: object({
            type,
            settings,
            env,
            status,
            // Without it edgeAgent takes always (EdgeHubDockerModule.cs).
            restartPolicy: restartPolicy.optional(),
            imagePullPolicy,
            startupOrder,
        }),
    }),
    // Without them edgeAgent runs none (DeploymentConfig.cs).
    modules: z
        .record(
            matching(/^[a-zA-Z0-9_-]+$/, "a module's name of letters, digits, dashes and underscores"),
            userModule,
            "an object of names and modules",
        )
        .default({}),
    integrity,
});

/** A route, with or without a priority. */
export const route = z.union(
    [
        text(),
        object({
            route: text(),
            priority: wholeNumber(0, 9).optional(),
            timeToLiveSecs: wholeNumber(0, uint32).optional(),
        }),
    ],
    `a route or {route, priority from 0 to 9, timeToLiveSecs from 0 to ${uint32}}`,
);

/** How long edgeHub keeps messages, and how many. */
export const storeAndForward = object({
    // edgeHub keeps messages for ever with any negative number; only -1 is documented.
    timeToLiveSecs: wholeNumber(-1, int32),
    storeLimits: object({ maxSizeBytes: z.int("a whole number of bytes") }).optional(),
});

const edgeHub = object({
    // edgeHub takes 1.0 to 1.3 (EdgeHubConfigParser.cs).
    schemaVersion: matching(/^1\.[0-3](\.\d+){0,2}$/, "1.0, 1.1, 1.2 or 1.3"),
    routes: z.record(name, route, "an object of names and routes"),
    // edgeHub refuses a configuration without this member, although the published schema does not ask for it.
    storeAndForwardConfiguration: storeAndForward,
    mqttBroker: z.json().optional(),
    integrity,
});

/** Desired properties of a module's twin, whole or below a path. */
export const moduleTwin = z.record(
    matching(/^properties\.desired(\.[^.]+)*$/, "properties.desired or a path below it"),
    z.json(),
    "an object with properties.desired",
);

/**
 * The shape of a deployment manifest as edgeAgent and edgeHub take it: what the published schemas say, written anew, with
 * what the agent's and the hub's parsers demand beyond them, and what they take beyond them.
 */
export const manifestShape = object({
    modulesContent: z
        .object(
            {
                $edgeAgent: object({ "properties.desired": edgeAgent }),
                $edgeHub: object({ "properties.desired": edgeHub }),
            },
            "an object with $edgeAgent and $edgeHub",
        )
        .catchall(moduleTwin),
});

/** A manifest whose shape is right; settings hold createOptions in chunks. */
export type ShapedManifest = z.infer<typeof manifestShape>;
export type ShapedModule = z.infer<typeof userModule>;
