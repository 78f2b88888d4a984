import { mutantsPage } from "../../generate/mutantsPage";

const mutants = (...statuses: string[]) => ({ mutants: statuses.map((status) => ({ status })) as never });

test("the page counts what was found of what could be found, for each part and for all", () => {
    const page = mutantsPage({
        files: {
            "b.ts": mutants("Killed", "Survived", "NoCoverage", "Timeout", "Killed"),
            "a.ts": mutants("Killed", "Killed", "Ignored", "CompileError"),
            "untested.ts": mutants("NoCoverage"),
            "constant.ts": mutants("Ignored"),
        },
    });
    expect(page.split("\n").filter((line) => line.startsWith("| "))).toEqual([
        "| Part | Planted | Found | Score |",
        "| --- | --- | --- | --- |",
        "| All | 8 | 5 | 62 % |",
        "| `a.ts` | 2 | 2 | 100 % |",
        "| `b.ts` | 5 | 3 | 60 % |",
        "| `untested.ts` | 1 | 0 | 0 % |",
    ]);
});
