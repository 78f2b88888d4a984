import { z } from "zod";

/** An object of exactly these members. The error texts of a shape continue the sentence "Expected … to be". */
export function object<Shape extends z.ZodRawShape>(shape: Shape) {
    return z.strictObject(shape, {
        error: ({ code }) =>
            code === "unrecognized_keys"
                ? `without other keys than ${listed(Object.keys(shape), "and")}`
                : "an object",
    });
}

/** One of the values in any letter case, as Newtonsoft reads the agent's enumerations. */
export function anyCase(...values: string[]) {
    const expected = listed(values, "or");
    return z.string(expected).refine((value) => values.includes(value.toLowerCase()), expected);
}

/** One of the values as they are written. */
export function choice<const Values extends readonly string[]>(...values: Values) {
    return z.enum(values, values.length === 1 ? `${values[0]}` : listed(values, "or"));
}

/** A whole number of a range. */
export function wholeNumber(least: number, most: number) {
    const expected = `a whole number from ${least} to ${most}`;
    return z.int(expected).min(least).max(most);
}

/** A text that is not blank. */
export function text(expected = "a text that is not blank") {
    return matching(/\S/, expected);
}

/** A text of a form, which `expected` names. */
export function matching(pattern: RegExp, expected: string) {
    return z.string(expected).regex(pattern);
}

function listed(values: readonly string[], word: "and" | "or"): string {
    return values.length < 2 ? values.join() : `${values.slice(0, -1).join(", ")} ${word} ${values.at(-1)}`;
}
