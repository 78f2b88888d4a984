import { join } from "node:path";
import { z } from "zod";
import { LOG_LEVELS } from "./log";

// The message of each check says what is expected, in words that follow "instead of".

function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER) {
    const expected =
        most < Number.MAX_SAFE_INTEGER
            ? `a whole number from ${least} to ${most}`
            : `a whole number of at least ${least}`;
    return z.coerce.number(expected).int(expected).min(least, expected).max(most, expected);
}

function seconds(byDefault: number) {
    const expected = "a number of seconds above 0 and up to 3600";
    return z.coerce.number(expected).positive(expected).max(3600, expected).default(byDefault);
}

function oneOf<const Choices extends readonly string[]>(choices: Choices) {
    return z.enum(choices, `${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}`);
}

const origins = z
    .string()
    .transform((text) => text.split(",").map((item) => item.trim()))
    .refine(
        (items) => items.every((item) => /^(\*|https?:\/\/[^/]+)$/.test(item)),
        "* or origins such as https://example.org, separated by commas",
    );

/**
 * Every option of the service: its key in a stack's configuration, how it is checked, its default, the environment
 * variable it comes from and what it means. The page of options is generated from here.
 */
export const optionsSchema = z.object({
    modelDir: z
        .string()
        .default(join(__dirname, "..", "model"))
        .meta({
            env: "MODEL_DIR",
            default: "`model` beside the service",
            meaning:
                "Folder of the model, or a folder of such folders, each a model under its folder's name.",
        }),
    port: wholeNumber(0, 65535)
        .default(80)
        .meta({ env: "PORT", meaning: "TCP port to listen on; 0 takes a free one." }),
    host: z.string().default("0.0.0.0").meta({ env: "HOST", meaning: "Address to listen on." }),
    preprocessing: oneOf(["exact", "fast"])
        .default("exact")
        .meta({
            env: "PREPROCESSING",
            meaning:
                "`exact` gives the network the same pixels as the exported container, `fast` decodes JPEGs at a " +
                "fraction of their size; a `model.yaml` can ask for either.",
        }),
    probe: oneOf(["stop", "warn", "off"])
        .default("stop")
        .meta({
            env: "PROBE",
            meaning:
                "What happens if the probe at start finds that pixels reach the network in a wrong range or channel " +
                "order: the service stops, or only says so, or does not look.",
        }),
    maxPixels: wholeNumber(1)
        .default(50_000_000)
        .meta({ env: "MAX_PIXELS", meaning: "Images with more pixels are refused before they are decoded." }),
    workers: wholeNumber(1)
        .optional()
        .meta({
            env: "WORKERS",
            default: "one per usable core",
            meaning:
                "Images that are worked on side by side, each in a thread with the models open. Usable cores follow the " +
                "container's limit; where there are less than 512 MB of memory it is one.",
        }),
    maxRequests: wholeNumber(1)
        .optional()
        .meta({
            env: "MAX_REQUESTS",
            default: "4 per worker",
            meaning:
                "Requests that are read, wait or are worked on at a time. More are told to come back, with 503 and " +
                "`Retry-After`, before their body is read.",
        }),
    maxRequestBytes: wholeNumber(1)
        .default(64 * 1024 * 1024)
        .meta({
            env: "MAX_REQUEST_BYTES",
            meaning:
                "Memory that the bodies of those requests may take together; bodies that arrive slowly may take as " +
                "much again.",
        }),
    maxConnections: wholeNumber(1).default(1024).meta({
        env: "MAX_CONNECTIONS",
        meaning: "Connections that are open at a time; more are closed at once.",
    }),
    maxScoreBytes: wholeNumber(1)
        .default(64 * 1024 * 1024)
        .meta({
            env: "MAX_SCORE_BYTES",
            meaning:
                "Size of a body that is posted to `/score`, which may hold thousands of rows; an image may have 4 MiB " +
                "everywhere. More than `maxRequestBytes` is of no use.",
        }),
    headersTimeoutSeconds: seconds(5).meta({
        env: "HEADERS_TIMEOUT_SECONDS",
        meaning: "How long a client may take to send the head of a request.",
    }),
    requestTimeoutSeconds: seconds(15).meta({
        env: "REQUEST_TIMEOUT_SECONDS",
        meaning: "How long a client may take to send a request with its body.",
    }),
    deadlineSeconds: seconds(10).meta({
        env: "DEADLINE_SECONDS",
        meaning:
            "How long an image may wait for a worker and be worked on. A worker that is stuck is replaced.",
    }),
    drainSeconds: seconds(8).meta({
        env: "DRAIN_SECONDS",
        meaning: "How long the service goes on after SIGTERM to answer what it has accepted.",
    }),
    selfCheckSeconds: seconds(30).meta({
        env: "SELF_CHECK_SECONDS",
        meaning:
            "How often the service classifies a picture of its own when nobody asks or something went wrong. After " +
            "three failures it ends, so that it is started again.",
    }),
    allowPrivateUrls: oneOf(["true", "false"])
        .default("false")
        .transform((value) => value === "true")
        .meta({
            env: "ALLOW_PRIVATE_URLS",
            default: "`false`",
            meaning:
                "Whether `/url` also fetches from this machine and its networks. Without it only public addresses are " +
                "fetched from.",
        }),
    scoringModule: z
        .string()
        .optional()
        .meta({
            env: "SCORING_MODULE",
            default: "none: nothing in the model's folder is run",
            meaning:
                "JavaScript file in the model's folder that answers `/score`, or changes what goes into and comes out of the " +
                "classification: see [scoring-module.md](scoring-module.md).",
        }),
    page: oneOf(["on", "off"])
        .default("on")
        .meta({ env: "PAGE", meaning: "Whether there is a page for people at `/ui`." }),
    logLevel: oneOf(LOG_LEVELS).default("info").meta({
        env: "LOG_LEVEL",
        meaning: "Least important level that is logged. The signal SIGUSR2 turns `debug` on, and off again.",
    }),
    predictionKey: z
        .string()
        .optional()
        .meta({
            env: "PREDICTION_KEY",
            secret: true,
            default: "none: no key is needed",
            meaning:
                "Secret. Scoring then requires it, as `Prediction-Key` or `Authorization: Bearer`. Without it, keys " +
                "that clients send are ignored.",
        }),
    secondPredictionKey: z.string().optional().meta({
        env: "PREDICTION_KEY_2",
        secret: true,
        default: "none",
        meaning: "Secret. A second key that is valid too, to change keys without a gap.",
    }),
    corsOrigins: origins.optional().meta({
        env: "CORS_ORIGINS",
        default: "none: CORS is off",
        meaning: "Origins whose web pages may call, separated by commas, or `*`.",
    }),
    tlsCertFile: z.string().optional().meta({
        env: "TLS_CERT_FILE",
        default: "none: plain HTTP",
        meaning: "PEM file of the certificate chain; with it the service speaks HTTPS only.",
    }),
    tlsKeyFile: z.string().optional().meta({
        env: "TLS_KEY_FILE",
        default: "none",
        meaning: "PEM file of the certificate's private key.",
    }),
});

export type Options = z.infer<typeof optionsSchema>;

/** The options as anyone may see them: of a secret only that it is set. */
export function shownOptions(options: Options): Record<string, unknown> {
    const secrets = Object.entries(optionsSchema.shape).filter(([, schema]) => schema.meta()?.secret);
    const set = secrets.filter(([key]) => options[key as keyof Options] !== undefined);
    return { ...options, ...Object.fromEntries(set.map(([key]) => [key, "set"])) };
}

/** An option as people see it. */
export interface OptionDescription {
    key: string;
    env: string;
    default: string;
    meaning: string;
}

/** The options in the order of the schema. */
export function describeOptions(): OptionDescription[] {
    return Object.entries(optionsSchema.shape).map(([key, schema]) => {
        const meta = schema.meta() as { env: string; default?: string; meaning: string };
        return {
            key,
            env: meta.env,
            default: meta.default ?? `\`${schema.parse(undefined)}\``,
            meaning: meta.meaning,
        };
    });
}
