/** What became of a planted mistake, in the words of the mutation testing report schema. */
type MutantStatus =
    | "Killed"
    | "Timeout"
    | "Survived"
    | "NoCoverage"
    | "Ignored"
    | "CompileError"
    | "RuntimeError";

/** The part of Stryker's JSON report that the page is made of. */
export interface MutationReport {
    readonly files: Readonly<
        Record<string, { readonly mutants: readonly { readonly status: MutantStatus }[] }>
    >;
}

interface Score {
    readonly found: number;
    readonly planted: number;
}

/** The text of `docs/mutants.md`: how many of the mistakes that were planted in each pure part its tests have found. */
export function mutantsPage({ files }: MutationReport): string {
    const scores = Object.entries(files)
        .map(([file, { mutants }]) => [file, scoreOf(mutants)] as const)
        .filter(([, { planted }]) => planted > 0)
        .sort(([a], [b]) => (a < b ? -1 : 1));
    const total = scores.reduce<Score>(
        (sum, [, { found, planted }]) => ({ found: sum.found + found, planted: sum.planted + planted }),
        { found: 0, planted: 0 },
    );
    const rows = [["All", total] as const, ...scores.map(([file, score]) => [`\`${file}\``, score] as const)];
    return `# Mistakes that the tests find

\`npm run mutants\` plants small mistakes (a condition turned, a number off by one, a call left out) in the parts that
compute and do nothing else, one at a time, and runs the tests that reach them
([StrykerJS](https://stryker-mutator.io/docs/stryker-js/introduction/)). A mistake counts as found when a test fails on it
or comes to no end. Texts are left alone, because a sentence that reads differently is no mistake, and so are constants that
are made once as a file is loaded, because each would need every test anew. Some of the others change nothing that can be
seen, so 100 % is no goal.

| Part | Planted | Found | Score |
| --- | --- | --- | --- |
${rows.map(([part, { found, planted }]) => `| ${part} | ${planted} | ${found} | ${percent(found, planted)} |`).join("\n")}

Which parts these are is said in \`stryker.config.js\`. This page is written by \`npm run mutants\`, which takes half an
hour to an hour, and is not part of any check.
`;
}

function scoreOf(mutants: readonly { readonly status: MutantStatus }[]): Score {
    const counted = (...statuses: MutantStatus[]) =>
        mutants.filter(({ status }) => statuses.includes(status)).length;
    const found = counted("Killed", "Timeout");
    return { found, planted: found + counted("Survived", "NoCoverage") };
}

function percent(found: number, planted: number): string {
    return `${Math.floor((found / planted) * 100)} %`;
}
