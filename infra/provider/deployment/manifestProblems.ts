import { isObject, type Properties, unknownValue } from "../../../provider-protocol/provider";
import { wholeManifestProblems } from "../../manifest/validateManifest";

/** What stands in a manifest for what is known only later, so that it can be checked before anything exists. */
const placeholders: readonly [key: RegExp, value: string][] = [
    [/^image$/, `registry.invalid/module@sha256:${"0".repeat(64)}`],
    [/^createOptions$/i, "{}"],
    [/^(address|username|password|value|version)$/, "registry.invalid"],
    [/^route$/, "FROM /messages/* INTO $upstream"],
];

/**
 * All that is wrong with a manifest, a sentence each; nothing where more of it is unknown than texts whose form is clear,
 * since it is checked again when it is known.
 */
export function manifestProblems(manifest: Properties): string[] {
    const known = withPlaceholders("", manifest);
    return known === unknownValue ? [] : wholeManifestProblems(known);
}

/** The value with placeholders for what is unknown; unknown as a whole where there is none for a part of it. */
function withPlaceholders(key: string, value: unknown): unknown {
    if (value === unknownValue)
        return placeholders.find(([pattern]) => pattern.test(key))?.[1] ?? unknownValue;
    if (Array.isArray(value)) {
        const entries = value.map((entry) => withPlaceholders(key, entry));
        return entries.includes(unknownValue) ? unknownValue : entries;
    }
    if (!isObject(value)) return value;
    const entries = Object.entries(withoutParts(value)).map(([name, inner]) => [
        name,
        withPlaceholders(name, inner),
    ]);
    return entries.some(([, inner]) => inner === unknownValue) ? unknownValue : Object.fromEntries(entries);
}

/** Create options are one text in parts: where one of them is unknown, the whole is. */
function withoutParts(settings: Properties): Properties {
    const parts = Object.keys(settings).filter((key) => /^createOptions\d*$/i.test(key));
    if (!parts.some((key) => settings[key] === unknownValue)) return settings;
    const rest = Object.entries(settings).filter(([key]) => !parts.includes(key));
    return { ...Object.fromEntries(rest), createOptions: unknownValue };
}
