import { parse } from "yaml";
import { z } from "zod";

const perChannel = z.tuple([z.number(), z.number(), z.number()]);

/** What `model.yaml` may say about preprocessing; whatever it leaves out is read from the model itself. */
const preprocessing = z.strictObject({
    width: z.int().positive().optional(),
    height: z.int().positive().optional(),
    mode: z.enum(["exact", "fast"]).optional(),
    channelOrder: z.enum(["rgb", "bgr"]).optional(),
    range: z.tuple([z.number(), z.number()]).optional(),
    mean: perChannel.optional(),
    std: perChannel.optional(),
});

/** Which output has the scores, where a network has several, and what makes probabilities of them. */
const output = z.strictObject({
    name: z.string().min(1).optional(),
    activation: z.enum(["none", "softmax", "sigmoid"]).optional(),
});

const modelYaml = z.strictObject({
    name: z.string().min(1).optional(),
    // YAML reads 1.0 as a number
    version: z.union([z.string(), z.number()]).transform(String).optional(),
    description: z.string().optional(),
    labels: z.array(z.string().min(1)).min(1).optional(),
    preprocessing: preprocessing.optional(),
    output: output.optional(),
    /** Figures of the training, for people; the service does not read them. */
    training: z.record(z.string(), z.unknown()).optional(),
});

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
        const problems = result.error.issues.map(
            (issue) => `${issue.path.join(".") || "document"}: ${issue.message}`,
        );
        throw new Error(
            `Expected a description of a model in ${path}. Correct these keys: ${problems.join("; ")}.`,
        );
    }
    return result.data;
}
