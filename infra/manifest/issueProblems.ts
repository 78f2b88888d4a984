import type { z } from "zod";
import type { Problem } from "../problem";

/**
 * What a schema says against a value, for schemas whose error texts name what is expected. `placeName` puts a path into
 * words. What may be secret is not told.
 */
export function issueProblems(
    issue: z.core.$ZodIssue,
    value: unknown,
    placeName: (path: readonly PropertyKey[]) => string,
): Problem[] {
    const { path, message } = issue;
    if (issue.code === "invalid_key") {
        const place = placeName(path.slice(0, -1));
        const [reason] = issue.issues;
        return [
            { expected: `each key of ${place} to be ${reason?.message}`, found: `"${String(path.at(-1))}"` },
        ];
    }
    if (issue.code === "unrecognized_keys") {
        return issue.keys.map((key) => ({
            expected: `${placeName(path)} to be ${message}`,
            found: `"${key}"`,
        }));
    }
    if (issue.code === "invalid_union") {
        // The value is of one of the kinds but for its members: what is wrong with them says more than that no kind fits.
        const near = issue.errors.find((issues) => issues.every((inner) => inner.path.length > 0));
        if (near)
            return near.flatMap((inner) =>
                issueProblems({ ...inner, path: [...path, ...inner.path] }, value, placeName),
            );
    }
    return [{ expected: `${placeName(path)} to be ${message}`, found: shown(valueAt(value, path), path) }];
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
    return path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], value);
}

/** A found value in words: short, and without those that may be secret. */
function shown(value: unknown, path: readonly PropertyKey[]): string {
    if (value === undefined) return "none";
    if (value === null) return "null";
    if (Array.isArray(value)) return "a list";
    if (typeof value === "object") return "an object";
    const isSecret = path.some((name) => secretPlaces.has(name)) || isInRegistries(path);
    if (isSecret) return `a ${typeof value}`;
    if (typeof value !== "string") return String(value);
    return value.length > 60 ? `"${value.slice(0, 60)}…"` : `"${value}"`;
}

/** A text where a registry, or all of them, should stand may hold a password, while an address alone may be shown. */
function isInRegistries(path: readonly PropertyKey[]): boolean {
    const isBelow = path.some((name) => name === "extraRegistries" || name === "registryCredentials");
    return isBelow && path.at(-1) !== "address" && path.at(-1) !== "username";
}

const secretPlaces = new Set<PropertyKey>(["password", "env", "moduleEnv", "moduleSecrets", "proxy"]);
