import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readResults } from "../results";
import { benchmarkPage } from "./benchmarkPage";

const PROJECT = join(__dirname, "..", "..");

/** Writes what is made of `bench/results.json`: the page of results and its plots. */
export function writePage(): void {
    for (const [path, text] of Object.entries(benchmarkPage(readResults()))) {
        mkdirSync(dirname(join(PROJECT, path)), { recursive: true });
        writeFileSync(join(PROJECT, path), text);
    }
}
