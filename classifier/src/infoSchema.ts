import { z } from "zod";

/** A label, in every answer that has one. */
export const labelSchema = z.string().meta({ description: "As labels.txt has it." });

const described = {
    key: z.string().meta({ description: "Name of its folder." }),
    name: z.string(),
    version: z.string().optional(),
    description: z.string().optional(),
    labels: z.array(labelSchema),
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
        channelOrder: sourced(z.enum(["rgb", "bgr", "grey"])),
        range: sourced(z.array(z.number()).length(2)),
        mean: z.array(z.number()).length(3).optional(),
        std: z.array(z.number()).length(3).optional(),
        resize: z
            .union([z.string(), z.record(z.string(), z.union([z.int(), z.string()]))])
            .optional()
            .meta({
                description: "How images are brought to that size; absent as the exported container does.",
            }),
        resample: z.string().optional().meta({ description: "Pillow's filter; absent means bilinear." }),
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

export type Info = z.infer<typeof infoSchema>;
