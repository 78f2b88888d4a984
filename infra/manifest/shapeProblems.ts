import type { z } from "zod";
import { manifestShape, type ShapedManifest } from "./manifestShape";

/** A manifest of the right shape, or one sentence for each place where it is not. */
export function shapeProblems(manifest: unknown): { shaped?: ShapedManifest; problems: string[] } {
    const result = manifestShape.safeParse(manifest);
    if (result.success) return { shaped: result.data, problems: [] };
    return { problems: result.error.issues.flatMap((issue) => sentences(issue, manifest)) };
}

/** A place in the manifest as people say it: `$edgeAgent.modules.NAME.status`. */
export function placeName(path: readonly PropertyKey[]): string {
    const names = path.map(String).filter((name, index) => index > 0 || name !== "modulesContent");
    return names.filter((name) => name !== "properties.desired").join(".") || "the manifest";
}

function sentences(issue: z.core.$ZodIssue, manifest: unknown): string[] {
    const place = placeName(issue.path);
    if (issue.code === "invalid_key") {
        const [reason] = issue.issues;
        return [
            `Expected each key of ${placeName(issue.path.slice(0, -1))} to be ${reason?.message}, found "${String(issue.path.at(-1))}".`,
        ];
    }
    if (issue.code === "unrecognized_keys") {
        return issue.keys.map((key) => `Expected ${place} to be ${issue.message}, found "${key}".`);
    }
    if (issue.code === "invalid_union") {
        // One kind fits but for its members: what is wrong with them says more than that no kind fits.
        const near = issue.errors.find((issues) => issues.every(({ path }) => path.length > 0));
        if (near)
            return near.flatMap((inner) =>
                sentences({ ...inner, path: [...issue.path, ...inner.path] }, manifest),
            );
    }
    const found = valueAt(manifest, issue.path);
    return [`Expected ${place} to be ${issue.message}, found ${shown(found, issue.path)}.`];
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
    return path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], value);
}

/** A found value for a sentence: short, and without those that may be secret. */
function shown(value: unknown, path: readonly PropertyKey[]): string {
    if (value === undefined) return "none";
    const isSecret = path.includes("password") || path.includes("env");
    if (value === null || (!isSecret && ["number", "boolean"].includes(typeof value))) return String(value);
    if (Array.isArray(value)) return "a list";
    if (typeof value !== "string" || isSecret)
        return `${typeof value === "object" ? "an" : "a"} ${typeof value}`;
    return value.length > 60 ? `"${value.slice(0, 60)}…"` : `"${value}"`;
}
