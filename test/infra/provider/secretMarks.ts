import type { Properties } from "../../support/pluginClient";

/** How the engine's protocol marks a secret (Pulumi SDK, rpc.ts). */
const [signature, mark] = ["4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"];

/** Properties as the engine passes them on, which keeps the secrets' marks to itself. */
export function plain(properties: Properties): Properties {
    return unmarked(properties) as Properties;
}

/** The paths of everything that is marked as secret, such as `symmetricKey` or `accounts.a.password`. */
export function secretPaths(value: unknown, path = ""): string[] {
    if (isMarked(value)) return [path];
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value)
        .flatMap(([key, inner]) => secretPaths(inner, path === "" ? key : `${path}.${key}`))
        .sort();
}

function unmarked(value: unknown): unknown {
    if (isMarked(value)) return unmarked(value.value);
    if (Array.isArray(value)) return value.map(unmarked);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unmarked(inner)]));
}

function isMarked(value: unknown): value is { value: unknown } {
    return typeof value === "object" && value !== null && (value as Properties)[signature] === mark;
}
