import { z } from "zod";

/** An object of exactly these members. The error texts of this file continue the sentence "Expected … to be". */
function object<Shape extends z.ZodRawShape>(shape: Shape) {
    return z.strictObject(shape, {
        error: ({ code }) =>
            code === "unrecognized_keys"
                ? `without other keys than ${listed(Object.keys(shape), "and")}`
                : "an object",
    });
}

function choice<const Values extends readonly string[]>(...values: Values) {
    return z.enum(values, values.length === 1 ? `${values[0]}` : listed(values, "or"));
}

function wholeNumber(least: number, most: number) {
    const expected = `a whole number from ${least} to ${most}`;
    return z.int(expected).min(least).max(most);
}

function text(expected = "a text that is not blank") {
    return matching(/\S/, expected);
}

function matching(pattern: RegExp, expected: string) {
    return z.string(expected).regex(pattern);
}

function listed(values: readonly string[], word: "and" | "or"): string {
    return values.length < 2 ? values.join() : `${values.slice(0, -1).join(", ")} ${word} ${values.at(-1)}`;
}

const uint32 = 4_294_967_295;
const int32 = 2_147_483_647;

/** The image, and createOptions in chunks; whether the chunks join to JSON is checked by `joinedCreateOptions.ts`. */
const settings = z
    .object({ image: text("an image's name") }, "an object with an image")
    .catchall(z.string("a text of JSON"))
    .superRefine((value, context) => {
        for (const key of Object.keys(value)) {
            if (key === "image" || /^(createOptions|createoptions)\d*$/.test(key)) continue;
            context.addIssue({
                code: "unrecognized_keys",
                keys: [key],
                message: "without other keys than image, createOptions, createOptions01, …",
            });
        }
    });

const env = z
    .record(
        matching(/^[^+#$\s.]+$/, "an environment variable's name without +, #, $, dots and spaces"),
        object({
            value: z.union([z.string(), z.number(), z.boolean()], "a text, a number, true or false"),
        }),
        "an object of names with {value}",
    )
    .optional();

const type = choice("docker");
const status = choice("running", "stopped");
const restartPolicy = choice("never", "on-failure", "on-unhealthy", "always");
const imagePullPolicy = choice("never", "on-create").optional();
const startupOrder = wholeNumber(0, uint32).optional();

/** A name that the user chooses and that becomes a key of a twin. */
const name = matching(/^[^.$#\s]+$/, "a name without dots, $, # and spaces");
const credential = object({
    address: matching(/^[^\s]+$/, "a host such as example.azurecr.io"),
    username: text(),
    password: text(),
});

const edgeAgent = object({
    // edgeAgent and edgeHub refuse other versions with 412; the published schemas let 1.1.0 through.
    schemaVersion: choice("1.1"),
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
        edgeHub: object({ type, settings, env, status, restartPolicy, imagePullPolicy, startupOrder }),
    }),
    modules: z.record(
        matching(/^[a-zA-Z0-9_-]+$/, "a module's name of letters, digits, dashes and underscores"),
        object({
            version: z.string("a text").optional(),
            type,
            status,
            restartPolicy,
            env,
            settings,
            imagePullPolicy,
            startupOrder,
        }),
        "an object of names and modules",
    ),
});

const route = z.union(
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

const edgeHub = object({
    schemaVersion: choice("1.1"),
    routes: z.record(name, route, "an object of names and routes"),
    // edgeHub refuses a configuration without this member, although the published schema does not ask for it.
    storeAndForwardConfiguration: object({
        // edgeHub keeps messages for ever with any negative number; only -1 is documented.
        timeToLiveSecs: wholeNumber(-1, int32),
    }),
});

const moduleTwin = z.record(
    matching(/^properties\.desired(\.[^.]+)*$/, "properties.desired or a path below it"),
    z.json(),
    "an object with properties.desired",
);

/**
 * The shape of a deployment manifest as edgeAgent 1.1 and edgeHub 1.1 take it: what the published schemas say, written
 * anew, with what the agent's and the hub's parsers demand beyond them.
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
export type ShapedModule = z.infer<typeof edgeAgent>["modules"][string];
