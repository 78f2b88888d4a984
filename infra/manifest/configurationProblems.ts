import { z } from "zod";
import { sentence } from "../problem";
import { issueProblems } from "./issueProblems";

const texts = (what: string) => z.record(z.string(), z.string("a text"), `an object of ${what}`);

/** The members of an automatic deployment that a person writes (IoT Hub's service API 2021-04-12, Configuration). */
const configuration = z.looseObject(
    {
        id: z
            .string("a text")
            .regex(/^[a-z0-9\-+%_*!']{1,128}$/, "at most 128 of lower-case letters, digits and -+%_*!'")
            .optional(),
        priority: z.int("a whole number from 0").min(0, "a whole number from 0").optional(),
        targetCondition: z
            .string("a condition such as tags.site='north', or * for every device")
            .regex(/^(?=[\s\S]*\S)/, "a condition such as tags.site='north', or * for every device")
            .optional(),
        labels: texts("names and texts").nullish(),
        metrics: z
            .looseObject({ queries: texts("names and queries").nullish() }, "an object with queries")
            .nullish(),
    },
    "an object",
);

/** What is wrong with what stands beside the content of an automatic deployment, a sentence each. */
export function configurationProblems(document: unknown): string[] {
    const { error } = configuration.safeParse(document);
    return (error?.issues ?? [])
        .flatMap((issue) => issueProblems(issue, document, (path) => path.join(".") || "the deployment"))
        .map(sentence);
}
