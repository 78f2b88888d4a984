import { z } from "zod";

/** Learn "Use tags to organize your Azure resources", limitations: of names and values, and of how many there are. */
const longest = { name: 512, value: 256 };
const most = 50;
/** Azure's own, in any letter case (REST description of predefined tags). */
const reservedPrefix = /^(microsoft|azure|windows)/i;

/** Tags of Azure resources, as Azure takes them. An error text continues the sentence "Expected config KEY to be". */
export const resourceTags = z
    .record(
        z
            .string()
            .regex(
                new RegExp(`^[^<>%&\\\\?/]{1,${longest.name}}$`),
                `1 to ${longest.name} characters without < > % & \\ ? /`,
            )
            .refine(
                (name) => !reservedPrefix.test(name),
                "a name that does not begin with microsoft, azure or windows, which Azure keeps for itself",
            ),
        z
            .string(`a text of at most ${longest.value} characters`)
            .max(longest.value, `a text of at most ${longest.value} characters`),
        'an object of texts such as {"cost-center": "42"}',
    )
    .refine(
        (tags) => Object.keys(tags).length <= most,
        `an object of at most ${most} tags, as many as a resource may have`,
    )
    .refine(
        (tags) =>
            new Set(Object.keys(tags).map((name) => name.toLowerCase())).size === Object.keys(tags).length,
        "an object of names that differ not only in letter case, which Azure does not tell apart",
    );
