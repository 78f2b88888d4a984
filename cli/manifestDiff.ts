import { isCreateOptions, joinedCreateOptions } from "../infra/manifest/joinedCreateOptions";
import { placeName } from "../infra/manifest/shapeProblems";

/** One field in which two manifests differ. `from` is missing where the field is new, `to` where it is gone. */
export interface FieldChange {
    readonly path: string;
    readonly from?: unknown;
    readonly to?: unknown;
}

/**
 * The fields in which two manifests differ, by path. createOptions are read, so that a port is a field like any other.
 * Values that are secret by their place or by their name are compared, but not told.
 */
export function manifestDiff(before: unknown, after: unknown): FieldChange[] {
    const [old, now] = [fields(before), fields(after)];
    const paths = [...new Set([...old.keys(), ...now.keys()])];
    return paths
        .filter((path) => old.get(path)?.text !== now.get(path)?.text)
        .map((path) => ({
            path,
            ...(old.has(path) && { from: old.get(path)?.shown }),
            ...(now.has(path) && { to: now.get(path)?.shown }),
        }));
}

interface Field {
    readonly text: string;
    readonly shown: unknown;
}

/** Every leaf of a manifest by its path; an empty object or list is a leaf. */
function fields(manifest: unknown): Map<string, Field> {
    const found = new Map<string, Field>();
    const visit = (value: unknown, path: readonly string[]): void => {
        const entries = typeof value === "object" && value !== null ? Object.entries(readable(value)) : [];
        if (entries.length > 0) for (const [key, member] of entries) visit(member, [...path, key]);
        else
            found.set(placeName(path), {
                text: JSON.stringify(value),
                shown: shown(value, path),
            });
    };
    visit(manifest, []);
    return found;
}

/** A module's settings with createOptions as one object; anything else, and createOptions that cannot be read, as it is. */
function readable(value: object): object {
    if (!Object.keys(value).some(isCreateOptions)) return value;
    const settings = value as Record<string, unknown>;
    const { options, problems } = joinedCreateOptions(settings, "createOptions");
    if (problems.length > 0) return value;
    const others = Object.entries(settings).filter(([key]) => !isCreateOptions(key));
    return { ...Object.fromEntries(others), createOptions: options };
}

function shown(value: unknown, path: readonly string[]): unknown {
    // A module may be called env too, so the variable's name follows the last one.
    const named = path.includes("env") ? path[path.lastIndexOf("env") + 1] : path.at(-1);
    if (isSecretName(named ?? "")) return hidden;
    // Docker's own way to set variables is a list of NAME=VALUE.
    const [, name = ""] = /^([^=]+)=/.exec(path.at(-2) === "Env" ? String(value) : "") ?? [];
    return isSecretName(name) ? `${name}=${hidden}` : value;
}

/** A proxy's URL may hold a password. */
function isSecretName(name: string): boolean {
    return (
        /(password|passwd|secret|token|credential|connectionstring|connection_string|key)$/i.test(name) ||
        /^(https?|all)_proxy$/i.test(name)
    );
}

const hidden = "<hidden>";
