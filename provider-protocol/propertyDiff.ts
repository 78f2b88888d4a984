import { isDeepStrictEqual } from "node:util";
import { isObject, type Properties } from "./provider";

/** The paths at which two property bags differ, such as `sku.name`, `triggers[0]` or `twin["properties.desired"]`. */
export function propertyDiff(olds: Properties, news: Properties): Map<string, "add" | "delete" | "update"> {
    const changes = new Map<string, "add" | "delete" | "update">();
    const compare = (path: string, before: unknown, after: unknown) => {
        if (isDeepStrictEqual(before, after)) return;
        if (before === undefined) changes.set(path, "add");
        else if (after === undefined) changes.set(path, "delete");
        else if (isObject(before) && isObject(after)) {
            for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
                compare(within(path, key), before[key], after[key]);
            }
        } else if (Array.isArray(before) && Array.isArray(after)) {
            for (let index = 0; index < Math.max(before.length, after.length); index++) {
                compare(`${path}[${index}]`, before[index], after[index]);
            }
        } else changes.set(path, "update");
    };
    for (const key of new Set([...Object.keys(olds), ...Object.keys(news)])) {
        compare(within("", key), olds[key], news[key]);
    }
    return changes;
}

/** A path out of its keys, with the numbers of a list's entries, as the engine writes it. */
export function propertyPath(keys: readonly PropertyKey[]): string {
    return keys.reduce<string>(
        (path, key) => (typeof key === "number" ? `${path}[${key}]` : within(path, String(key))),
        "",
    );
}

/** The path of a key, in brackets where a dot or a bracket of its own would be read as another level. */
function within(path: string, key: string): string {
    if (/[.[\]"]/.test(key) || key === "") return `${path}["${key.replaceAll('"', '\\"')}"]`;
    return path === "" ? key : `${path}.${key}`;
}
