import type { z } from "zod";
import { type Properties, secret, unknownValue } from "../../provider-protocol/provider";
import { aboutProperty } from "./resourceSchema";

/** Marks the properties that the schema calls secret, so that they are encrypted whatever the program said of them. */
export function markSecrets(schema: z.ZodObject, properties: Properties): Properties {
    return Object.fromEntries(
        Object.entries(properties).map(([name, value]) => {
            const isMarked = value !== undefined && value !== unknownValue;
            return [name, isMarked && aboutProperty(schema, name).secret ? secret(value) : value];
        }),
    );
}
