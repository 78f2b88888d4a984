/** The one of `names` that somebody may have meant by `found`; undefined where none is near. */
export function nearestName(found: string, names: readonly string[]): string | undefined {
    const word = found.toLowerCase();
    const within = names.find((name) => {
        const [short, long] = [word, name.toLowerCase()].sort((a, b) => a.length - b.length);
        return short !== undefined && short.length > 2 && (long?.startsWith(short) || long?.endsWith(short));
    });
    if (within !== undefined) return within;
    const near = names
        .map((name) => ({ name, steps: editSteps(word, name.toLowerCase()) }))
        .sort((a, b) => a.steps - b.steps)[0];
    // A third of a word may be wrong: `HostConfg` means HostConfig, while `Foo` means nothing that we know.
    return near && near.steps <= Math.ceil(Math.max(word.length, 3) / 3) ? near.name : undefined;
}

/** How many letters must be put in, taken out or changed (Levenshtein's distance). */
function editSteps(from: string, to: string): number {
    let row = Array.from({ length: to.length + 1 }, (_, index) => index);
    for (const [index, letter] of [...from].entries()) {
        const next = [index + 1];
        for (const [at, other] of [...to].entries()) {
            next.push(
                Math.min(
                    (next[at] ?? 0) + 1,
                    (row[at + 1] ?? 0) + 1,
                    (row[at] ?? 0) + (letter === other ? 0 : 1),
                ),
            );
        }
        row = next;
    }
    return row[to.length] ?? 0;
}
