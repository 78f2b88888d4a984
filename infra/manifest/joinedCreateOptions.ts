import { chunkName, createOptionsChunk } from "./createOptions";

/**
 * Puts `createOptions`, `createOptions01`, … of a module's settings together as edgeAgent does and reads them; blank
 * means none. Collects one sentence for each chunk that is too long or missing, and for what is no JSON object.
 */
export function joinedCreateOptions(
    settings: Readonly<Record<string, unknown>>,
    place: string,
): { options: Record<string, unknown>; problems: string[] } {
    // The published schema spells the names createOptions and createoptions, and takes either.
    const chunks = new Map(
        Object.entries(settings)
            .filter(([key]) => /^createoptions\d*$/i.test(key))
            .map(([key, chunk]) => [key.replace(/^createoptions/i, "createOptions"), String(chunk)]),
    );
    const names = Array.from(chunks.keys(), (_, index) => chunkName(index));
    const missing = names.find((name) => !chunks.has(name));
    if (missing !== undefined) {
        const found = [...chunks.keys()].sort().join(", ");
        return {
            options: {},
            problems: [
                `Expected ${place} to have its chunks without a gap, found ${found} without ${missing}. edgeAgent reads createOptions, createOptions01, …`,
            ],
        };
    }
    const problems = [...chunks]
        .filter(([, chunk]) => chunk.length > createOptionsChunk)
        .map(
            ([name, { length }]) =>
                `Expected ${place}.${name} to have at most ${createOptionsChunk} characters, found ${length}. Go on in the next chunk.`,
        );
    const text = names.map((name) => chunks.get(name)).join("");
    const options = text.trim() === "" ? {} : parsed(text);
    if (options !== undefined) return { options, problems };
    problems.push(
        `Expected ${place}.createOptions to be a JSON object in a text, found one that cannot be read.`,
    );
    return { options: {}, problems };
}

function parsed(text: string): Record<string, unknown> | undefined {
    try {
        const value: unknown = JSON.parse(text);
        if (value === null) return {};
        return typeof value === "object" && !Array.isArray(value)
            ? (value as Record<string, unknown>)
            : undefined;
    } catch {
        // The caller reports it like any text that is no object, without quoting what may hold a secret.
        return undefined;
    }
}
