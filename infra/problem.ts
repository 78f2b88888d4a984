/** What is wrong with something that a user wrote: data for whoever decides, a `sentence` for whoever reads. */
export interface Problem {
    /** Goes on after "Expected". */
    readonly expected: string;
    /** Goes on after "found"; holds nothing that may be secret. */
    readonly found: string;
    /** What to do, as a sentence of its own; absent where the first half says it. */
    readonly fix?: string;
}

/** A problem as people read it. */
export function sentence({ expected, found, fix }: Problem): string {
    return `Expected ${expected}, found ${found}.${fix === undefined ? "" : ` ${fix}`}`;
}
