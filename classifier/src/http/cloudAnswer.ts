import { createHash, randomUUID } from "node:crypto";
import type { z } from "zod";
import type { Prediction } from "../predictions";
import type { cloudAnswerSchema } from "./apiSchemas";

/** Since 3.1 a prediction says whether its tag is an ordinary one. */
export const CLOUD_VERSIONS = ["v3.0", "v3.1"] as const;

export type CloudVersion = (typeof CLOUD_VERSIONS)[number];

/** The cloud service's answer (`ImagePrediction`): the most probable tag first. */
export function cloudAnswer(
    predictions: readonly Prediction[],
    project: string,
    version: CloudVersion,
): z.infer<typeof cloudAnswerSchema> {
    return {
        id: randomUUID(),
        project,
        iteration: nameUuid(`${project}/iteration`),
        created: new Date().toISOString(),
        predictions: predictions
            .toSorted((one, other) => other.probability - one.probability)
            .map(({ label, probability }) => ({
                probability: Number(probability.toFixed(8)),
                tagId: nameUuid(`${project}/${label}`),
                tagName: label,
                ...(version === "v3.1" && { tagType: label === "Negative" ? "Negative" : "Regular" }),
            })),
    };
}

/** An export does not carry its tags' ids, and clients may compare them: each name keeps the same one (RFC 9562 v8). */
function nameUuid(name: string): string {
    const hex = createHash("sha256").update(name).digest("hex");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
