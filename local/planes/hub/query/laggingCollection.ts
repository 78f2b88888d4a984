import type { Collection } from "../../../base/store";

/** A collection whose recent past can still be read: the index that queries see lags behind what is stored. */
export interface LaggingCollection<T> extends Collection<T> {
    /** The entries as they were one lag ago, in the order of their keys. */
    past(): [key: string, value: T][];
}

/** Keeps what each write of the last `lag` milliseconds replaced; 0 lets queries see everything at once. */
export function lagging<T>(collection: Collection<T>, lag: number, now = Date.now): LaggingCollection<T> {
    let replaced: { key: string; before: T | undefined; at: number }[] = [];

    function forget(): void {
        const first = replaced.findIndex(({ at }) => at > now() - lag);
        replaced = first < 0 ? [] : replaced.slice(first);
    }

    function note(key: string): void {
        if (lag <= 0) return;
        forget();
        replaced.push({ key, before: collection.get(key), at: now() });
    }

    return {
        ...collection,
        put(key, value) {
            note(key);
            collection.put(key, value);
        },
        remove(key) {
            note(key);
            return collection.remove(key);
        },
        past() {
            forget();
            if (replaced.length === 0) return collection.entries();
            const entries = new Map(collection.entries());
            // Backwards, so that what the oldest of several writes replaced is what remains.
            for (const { key, before } of replaced.toReversed()) {
                if (before === undefined) entries.delete(key);
                else entries.set(key, before);
            }
            return [...entries].sort(([left], [right]) => (left < right ? -1 : 1));
        },
    };
}
