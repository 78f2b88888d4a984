/**
 * Puts `createOptions`, `createOptions01`, … of a module's settings together as edgeAgent does and reads them; blank
 * means none. Collects one sentence for parts that edgeAgent would not join, and for what is no JSON object.
 */
export function joinedCreateOptions(
    settings: Readonly<Record<string, unknown>>,
    place: string,
): { options: Record<string, unknown>; problems: string[] } {
    const parts = Object.entries(settings)
        .filter(([name]) => isCreateOptions(name))
        .sort(([a], [b]) => order(a, b));
    const misnumbered = parts.find(([name], index) => !isPart(name, index));
    if (misnumbered !== undefined) {
        const names = parts.map(([name]) => name);
        return {
            options: {},
            problems: [
                `Expected ${place} to have its parts without a gap, found ${names.join(", ")}. edgeAgent reads createOptions, createOptions01, … in the order of their names, and stumbles over ${misnumbered[0]}.`,
            ],
        };
    }
    const text = parts.map(([, part]) => String(part)).join("");
    const options = /^\s*(null\s*)?$/i.test(text) ? {} : parsed(text);
    if (options !== undefined) return { options, problems: [] };
    return {
        options: {},
        problems: [
            `Expected ${place}.createOptions to be a JSON object in a text, found one that cannot be read.`,
        ],
    };
}

/** Whether a setting's name is that of createOptions or of a part of them: edgeAgent takes it in any letter case. */
export function isCreateOptions(name: string): boolean {
    return /^createOptions\d*$/i.test(name);
}

/** edgeAgent sorts the names by their letters, not by their numbers: `createOptions10` comes before `createOptions2`. */
function order(a: string, b: string): number {
    const [one, other] = [a.toUpperCase(), b.toUpperCase()];
    return one < other ? -1 : one > other ? 1 : 0;
}

/** The first part has no number, the next 1 and so on, with or without zeros before it (Azure/iotedge, JsonEx.cs). */
function isPart(name: string, index: number): boolean {
    const number = name.slice("createOptions".length);
    return index === 0 ? number === "" : Number(number) === index && index < 100;
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
