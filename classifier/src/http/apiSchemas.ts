import { z } from "zod";
import { infoSchema, labelSchema } from "../infoSchema";
import { autoMlBody, exportBody, packageItem, rowsBody } from "../score/requestShapes";
import { urlBody } from "./remoteImage";

const probability = z.number().meta({ description: "From 0 to 1, rounded to 8 decimals." });

/** What the exported container answers. */
const containerAnswerSchema = z.strictObject({
    created: z
        .string()
        .meta({ description: "UTC, without a time zone, with microseconds unless they are 0." }),
    id: z.literal(""),
    iteration: z.literal(""),
    predictions: z
        .array(
            z.strictObject({
                boundingBox: z.null(),
                probability,
                tagId: z.literal(""),
                tagName: labelSchema,
            }),
        )
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
                tagName: labelSchema,
                tagType: z.enum(["Regular", "Negative"]).optional().meta({ description: "Since v3.1." }),
            }),
        )
        .meta({ description: "The most probable first." }),
});

/** Errors of the cloud service's routes, and of the operator's. */
const errorSchema = z.strictObject({ code: z.string(), message: z.string() });

/** Errors of `/score`. */
const messageSchema = z.strictObject({ message: z.string() });

const healthSchema = z.strictObject({ status: z.literal("alive") });
const readySchema = z.strictObject({ status: z.enum(["ready", "not ready"]) });

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
            z.strictObject({ probs: z.array(z.number()), labels: z.array(labelSchema) }),
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
