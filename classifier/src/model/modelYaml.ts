import { parse } from "yaml";
import { z } from "zod";

// The message of each check says what is expected, in words that follow "instead of".
const text = z.string("a text").min(1, "a text");
const side = z.int("a whole number above 0").positive("a whole number above 0");
const number = z.number("a number");
const divisor = number.positive("a number above 0");
const FOR_CHANNELS = "a list of three numbers, for red, green and blue, or of one for all";

/** A number for each channel; a single one stands for all. */
function perChannel(each: typeof number) {
    const all = z.tuple([each], FOR_CHANNELS).transform(([one]): [number, number, number] => [one, one, one]);
    return z.array(each, FOR_CHANNELS).pipe(z.union([z.tuple([each, each, each]), all], FOR_CHANNELS));
}

const resize = z.union(
    [
        z.enum(["cover", "stretch"]),
        z.strictObject({ shortestEdge: side, crop: z.enum(["floor", "round"]).optional() }),
        z.strictObject({ width: side, height: side }),
    ],
    "cover, stretch, {shortestEdge} or {width, height}",
);

/** What `model.yaml` may say about preprocessing; whatever it leaves out is read from the model itself. */
const preprocessing = z.strictObject(
    {
        width: side.optional(),
        height: side.optional(),
        resize: resize.optional(),
        resample: z
            .enum(
                ["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"],
                "nearest, box, bilinear, hamming, bicubic or lanczos",
            )
            .optional(),
        mode: z.enum(["exact", "fast"], "exact or fast").optional(),
        channelOrder: z.enum(["rgb", "bgr"], "rgb or bgr").optional(),
        range: z
            .tuple([number, number], "a list of two numbers")
            .refine(([min, max]) => min !== max, "a list of two numbers that differ")
            .optional(),
        mean: perChannel(number).optional(),
        std: perChannel(divisor).optional(),
    },
    "a map of keys",
);

/** Which output has the scores, where a network has several, and what makes probabilities of them. */
const output = z.strictObject(
    {
        name: text.optional(),
        activation: z.enum(["none", "softmax", "sigmoid"], "none, softmax or sigmoid").optional(),
    },
    "a map of keys",
);

const modelYaml = z.strictObject(
    {
        name: text.optional(),
        // YAML reads 1.0 as a number
        version: z.union([z.string(), z.number()], "a text or a number").transform(String).optional(),
        description: z.string("a text").optional(),
        labels: z.array(text, "a list of texts").min(1, "a list of texts").optional(),
        preprocessing: preprocessing.optional(),
        output: output.optional(),
        /** Figures of the training, for people; the service does not read them. */
        training: z.record(z.string(), z.unknown(), "a map of keys").optional(),
    },
    "a map of keys",
);

export type ModelYaml = z.infer<typeof modelYaml>;
export type PreprocessingYaml = z.infer<typeof preprocessing>;

/** Reads the text of a `model.yaml`; `path` is for the error, which names every key that is wrong. */
export function parseModelYaml(text: string, path: string): ModelYaml {
    let document: unknown;
    try {
        document = parse(text) ?? {};
    } catch (cause) {
        throw new Error(`Expected YAML in ${path}, found: ${(cause as Error).message}`, { cause });
    }
    const result = modelYaml.safeParse(document);
    if (!result.success) {
        const problems = result.error.issues.flatMap((issue) => problemsOf(issue, document));
        throw new Error(
            `Expected a description of a model in ${path}, found ${problems.join("; ")}. Correct these keys, or leave ` +
                "them out.",
        );
    }
    return result.data;
}

function problemsOf(issue: z.core.$ZodIssue, document: unknown): string[] {
    if (issue.code === "unrecognized_keys") {
        return issue.keys.map((key) => `${[...issue.path, key].join(".")}, which is no key here`);
    }
    const found = issue.path.reduce((value, key) => Object(value)[key], document);
    const name = issue.path.length > 0 ? `${issue.path.join(".")}: ` : "";
    // JSON has no infinity and no NaN.
    const shown = typeof found === "number" ? String(found) : JSON.stringify(found);
    return [`${name}${shown} instead of ${issue.message}`];
}
