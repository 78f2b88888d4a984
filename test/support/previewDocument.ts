/** Pulumi's preview document, as far as tests look into it. */
export interface PreviewDocument {
    // biome-ignore lint/suspicious/noExplicitAny: a test reaches into the inputs by the names it expects
    steps: { op: string; urn: string; newState?: { inputs: any }; detailedDiff?: object }[];
    changeSummary: Record<string, number>;
}

/** The logical names of what a preview would change, sorted. */
export function changesOf({ steps }: PreviewDocument): string[] {
    const changed = steps.filter(({ op }) => op !== "same" && op !== "read");
    return [...new Set(changed.map(({ urn }) => urn.split("::").at(-1) ?? ""))].sort();
}

/**
 * A preview document without what differs between two previews of the same thing: how long it took, and the orders of
 * steps and dependencies, which the engine does not fix. `maskNames` also hides the random part of auto-names, which a
 * stack that does not exist yet draws anew each time.
 */
export function normalizedPreview(text: string, { maskNames = false } = {}): string {
    const document = JSON.parse(maskNames ? text.replaceAll(autoName, "$1########") : text);
    delete document.duration;
    document.steps?.sort((a: { urn: string }, b: { urn: string }) => (a.urn < b.urn ? -1 : 1));
    return JSON.stringify(sorted(document), null, 2);
}

/** A logical name of ours and eight hexadecimal digits. */
const autoName = /\b([a-z][a-z-]*)[0-9a-f]{8}\b/g;

function sorted(value: unknown, key = ""): unknown {
    if (Array.isArray(value)) {
        const items = value.map((item) => sorted(item, key));
        return /ependencies$/.test(key) ? items.sort() : items;
    }
    if (typeof value !== "object" || value === null) return value;
    const below = key === "propertyDependencies" ? () => key : (name: string) => name;
    // A state also tells when the engine wrote it, which in a preview is now.
    const entries = Object.entries(value).filter(
        ([name]) => !("urn" in value && (name === "created" || name === "modified")),
    );
    return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner, below(name))]));
}
