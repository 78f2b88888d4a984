/** Those who want to be told of something. */
export interface Listeners<Args extends unknown[]> {
    /** Returns a function that takes the listener away again. */
    add(listener: (...args: Args) => void): () => void;
    /** Tells all of them; says whether anybody listens then. */
    tell(...args: Args): boolean;
    clear(): void;
}

/** Makes an empty list of listeners, which may come and go also while they are told something. */
export function listeners<Args extends unknown[]>(): Listeners<Args> {
    const all = new Set<(...args: Args) => void>();
    return {
        add(listener) {
            all.add(listener);
            return () => void all.delete(listener);
        },
        tell(...args) {
            for (const listener of [...all]) listener(...args);
            return all.size > 0;
        },
        clear: () => all.clear(),
    };
}
