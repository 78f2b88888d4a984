import type { z } from "zod";
import { propertyPath } from "../../provider-protocol/propertyDiff";
import { type CheckFailure, isObject, type Properties, unknownValue } from "../../provider-protocol/provider";
import { aboutProperty, type ResourceSchema } from "./resourceSchema";
import type { ResourceType } from "./resourceType";

/** Fills in defaults, and says what is wrong with inputs, each failure at its property. What is unknown may be right. */
export function checkInputs(
    { schema, behaviour }: ResourceType,
    news: Properties,
): { inputs: Properties; failures: CheckFailure[] } {
    const inputs = withDefaults(schema.inputs, news);
    const failures = [...problems(schema.inputs, inputs), ...placeProblems(schema, inputs)];
    // The further rules read properties that they expect to have their shape.
    if (failures.length > 0) return { inputs, failures };
    const known = Object.entries(inputs).filter(([, value]) => value !== unknownValue);
    return { inputs, failures: behaviour.check?.(Object.fromEntries(known)) ?? [] };
}

/** The same for some of the properties; none is missed. */
export function checkProperties(schema: z.ZodObject, properties: Properties): CheckFailure[] {
    return problems(schema.partial(), properties);
}

/** Each property that has a default and no value gets it. */
function withDefaults(schema: z.ZodObject, news: Properties): Properties {
    const inputs = { ...news };
    for (const [name, property] of Object.entries(schema.shape)) {
        if (inputs[name] !== undefined) continue;
        const byDefault = (property as z.ZodType).safeParse(undefined);
        if (byDefault.success && byDefault.data !== undefined) inputs[name] = byDefault.data;
    }
    return inputs;
}

function problems(schema: z.ZodObject, inputs: Properties): CheckFailure[] {
    const issues = schema.safeParse(inputs).error?.issues ?? [];
    return issues.flatMap((issue): CheckFailure[] => {
        if (issue.code === "unrecognized_keys") {
            const known = Object.keys(schema.shape).join(", ");
            return issue.keys.map((property) => ({
                property,
                reason: `Expected ${propertyPath([...issue.path, property])} to be one of ${known}.`,
            }));
        }
        const found = valueAt(inputs, issue.path);
        if (found === unknownValue) return [];
        const property = propertyPath(issue.path);
        const [top] = issue.path;
        const isSecret = aboutProperty(schema, String(top)).secret === true;
        const shown = found === undefined ? "none" : isSecret ? "something else" : JSON.stringify(found);
        return [{ property, reason: `Expected ${property} to be ${issue.message}, found ${shown}.` }];
    });
}

/** The value at a path, or what is unknown on the way to it. */
function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
    const [key, ...rest] = path;
    if (key === undefined || value === unknownValue) return value;
    if (Array.isArray(value)) return valueAt(value[Number(key)], rest);
    return isObject(value) ? valueAt(value[String(key)], rest) : undefined;
}

function placeProblems({ place }: ResourceSchema, inputs: Properties): CheckFailure[] {
    if (!place) return [];
    const named = [place.id, place.hostName].filter((name) => inputs[name] !== undefined);
    if (named.length === 1) return [];
    const found = named.length === 0 ? "neither" : "both";
    return [
        { property: place.id, reason: `Expected either ${place.id} or ${place.hostName}, found ${found}.` },
    ];
}
