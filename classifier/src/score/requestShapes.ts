import { z } from "zod";

/** `{"data": [...]}`, the input of the deployment guides' score.py: one row per sample, nested or flat. */
export const rowsBody = z.looseObject({
    data: z.unknown().meta({
        description: "One row per sample: numbers (or strings, if the network takes those), nested or flat.",
    }),
});

/** What a client of the Azure ML Package for Computer Vision may ask for, per image; other parameters are ignored. */
const packageParameters = z.looseObject({
    image_resize_dims: z
        .tuple([z.int().min(1).max(4096), z.int().min(1).max(4096)])
        .optional()
        .meta({
            description: "Width and height that the image is stretched to before it is prepared as usual.",
        }),
    ADD_SOFTMAX: z.boolean().optional().meta({
        description: "Probabilities, also if the network does not end in them. Otherwise its raw scores.",
    }),
});

/** One image of that package's list. */
export const packageItem = z
    .looseObject({
        image_in_base64: z
            .string()
            .optional()
            .meta({ description: "Base64, also as a data URL or as Python prints bytes (b'...')." }),
        image_url: z.string().optional(),
        parameters: packageParameters.nullish(),
    })
    .refine(({ image_in_base64, image_url }) => (image_in_base64 ?? image_url) !== undefined, {
        error: "expected image_in_base64 or image_url",
    });

/** The input of an endpoint that serves a model of automated machine learning for images. */
export const autoMlBody = z.looseObject({
    input_data: z.looseObject({
        columns: z.array(z.literal("image")).length(1),
        data: z.array(z.union([z.string(), z.array(z.string()).length(1)])).min(1),
    }),
});

/** The input of the `azureml/score.py` that a Custom Vision export carries. */
export const exportBody = z.union([
    z.object({ url: z.string() }),
    z.object({ image: z.string() }).transform(({ image }) => ({ base64: image })),
]);

/** An image as a dialect of `/score` brings it. */
export interface ScoreImage {
    source: { base64: string } | { url: string };
    parameters?: z.infer<typeof packageParameters>;
}

/** The ways in which images are asked for; each has an answer of its own. */
export type ImageDialect = "package" | "autoMl" | "export";
