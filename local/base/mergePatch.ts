/** A JSON value, and the object that twins, manifests and patches of them are. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
    [key: string]: Json;
}

export function isJsonObject(value: unknown): value is JsonObject {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `target` with `patch` applied: objects merge, null removes, anything else replaces (RFC 7396). Changes neither. */
export function mergePatch(target: JsonObject, patch: JsonObject): JsonObject {
    // A map, because assigning to a key `__proto__` of an object would not add a key.
    const merged = new Map(Object.entries(target));
    for (const [key, value] of Object.entries(patch)) {
        const below = merged.get(key);
        if (value === null) merged.delete(key);
        else if (isJsonObject(value)) merged.set(key, mergePatch(isJsonObject(below) ? below : {}, value));
        else merged.set(key, value);
    }
    return Object.fromEntries(merged);
}

/** The smallest patch that makes `to` of `from`; empty when they are equal. */
export function diffPatch(from: JsonObject, to: JsonObject): JsonObject {
    const before = new Map(Object.entries(from));
    const patch = new Map<string, Json>();
    for (const [key, value] of Object.entries(to)) {
        const old = before.get(key);
        if (isJsonObject(old) && isJsonObject(value)) {
            const below = diffPatch(old, value);
            if (Object.keys(below).length > 0) patch.set(key, below);
        } else if (!before.has(key) || JSON.stringify(old) !== JSON.stringify(value)) patch.set(key, value);
        before.delete(key);
    }
    for (const key of before.keys()) patch.set(key, null);
    return Object.fromEntries(patch);
}
