import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readResults } from "../results";
import { benchmarkPage, withGoals } from "./benchmarkPage";

const PROJECT = join(__dirname, "..", "..");

/** Writes what is made of `bench/results.json`: the page of results, its plots and the table of the first page. */
export function writePage(): void {
    const results = readResults();
    for (const [path, text] of Object.entries(benchmarkPage(results))) {
        mkdirSync(dirname(join(PROJECT, path)), { recursive: true });
        writeFileSync(join(PROJECT, path), text);
    }
    const readme = join(PROJECT, "README.md");
    writeFileSync(readme, withGoals(readFileSync(readme, "utf8"), results));
}
