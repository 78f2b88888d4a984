import { z } from "zod";
import { autoMlBody, exportBody, packageItem, rowsBody } from "../scoreRequest";
import { urlBody } from "./remoteImage";

const label = z.string().meta({ description: "As labels.txt has it." });
const probability = z.number().meta({ description: "From 0 to 1, rounded to 8 decimals." });

/** What the exported container answers. */
export const containerAnswerSchema = z.strictObject({
    created: z
        .string()
        .meta({ description: "UTC, without a time zone, with microseconds unless they are 0." }),
    id: z.literal(""),
    iteration: z.literal(""),
    predictions: z
        .array(z.strictObject({ boundingBox: z.null(), probability, tagId: z.literal(""), tagName: label }))
        .meta({ description: "In the order of the labels." }),
    project: z.literal(""),
});

/** What the cloud service answers. */
export const cloudAnswerSchema = z.strictObject({
    id: z.string().meta({ format: "uuid" }),
    project: z.string().meta({ description: "As it was asked for." }),
    iteration: z.string().meta({ format: "uuid" }),
    created: z.string().meta({ format: "date-time" }),
    predictions: z
        .array(
            z.strictObject({
                probability,
                tagId: z.string().meta({ format: "uuid" }),
                tagName: label,
                tagType: z.enum(["Regular", "Negative"]).optional().meta({ description: "Since v3.1." }),
            }),
        )
        .meta({ description: "The most probable first." }),
});

/** Errors of the cloud service's routes, and of the operator's. */
export const errorSchema = z.strictObject({ code: z.string(), message: z.string() });

/** Errors of `/score`. */
export const messageSchema = z.strictObject({ message: z.string() });

export const healthSchema = z.strictObject({ status: z.literal("alive") });
export const readySchema = z.strictObject({ status: z.enum(["ready", "not ready"]) });

const described = {
    key: z.string().meta({ description: "Name of its folder." }),
    name: z.string(),
    version: z.string().optional(),
    description: z.string().optional(),
    labels: z.array(label),
    default: z.boolean().meta({ description: "Whether it answers where a request names none." }),
};

const sourced = <T extends z.ZodType>(value: T) => z.strictObject({ value, source: z.string() });

const imageModel = z.strictObject({
    kind: z.literal("image"),
    ...described,
    preprocessing: z.strictObject({
        width: z.int(),
        height: z.int(),
        layout: z.enum(["nchw", "nhwc"]),
        channelOrder: sourced(z.enum(["rgb", "bgr"])),
        range: sourced(z.array(z.number()).length(2)),
        mean: z.array(z.number()).length(3).optional(),
        std: z.array(z.number()).length(3).optional(),
        type: z.enum(["float32", "uint8"]),
    }),
    activation: z.enum(["none", "softmax", "sigmoid"]),
    probe: z
        .object({
            verdict: z.enum(["good", "collapsed", "swapped", "inconclusive"]),
            spread: z.number(),
            message: z.string(),
        })
        .optional(),
});

const arrayModel = z.strictObject({
    kind: z.literal("array"),
    ...described,
    input: z.strictObject({ type: z.string(), dims: z.array(z.int().nullable()) }),
});

/** What `/info` answers. */
export const infoSchema = z.strictObject({
    service: z.strictObject({ name: z.string(), version: z.string(), node: z.string() }),
    models: z.array(z.discriminatedUnion("kind", [imageModel, arrayModel])),
    options: z.record(z.string(), z.unknown()).meta({ description: "Of a secret only whether it is set." }),
});

/** Every schema by the name that it has in the API's description. Bodies are checked with these same schemas. */
export const apiSchemas = {
    ImageAddress: urlBody,
    ContainerAnswer: containerAnswerSchema,
    CloudAnswer: cloudAnswerSchema,
    Error: errorSchema,
    Rows: rowsBody,
    ImageTable: autoMlBody,
    ExportInput: exportBody,
    ImageList: z.array(packageItem).min(1),
    RowAnswers: z.array(z.unknown()).meta({
        description: "Per row a class label, or else the network's scores.",
    }),
    SerializedResults: z.array(
        z.string().meta({
            description:
                'JSON: the scores in the order of the labels, or {"error": "..."} for an image that is at fault.',
        }),
    ),
    TableResults: z.array(
        z.union([
            z.strictObject({ probs: z.array(z.number()), labels: z.array(label) }),
            z.strictObject({ error: z.string() }),
        ]),
    ),
    Sentence: z.string().meta({ description: "What is wrong, as an export's score.py says it." }),
    Message: messageSchema,
    Health: healthSchema,
    Ready: readySchema,
    Info: infoSchema,
};

export type ApiSchema = keyof typeof apiSchemas;
