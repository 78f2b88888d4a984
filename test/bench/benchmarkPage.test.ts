import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { benchmarkPage } from "../../bench/page/benchmarkPage";
import { readResults } from "../../bench/results";

const project = join(__dirname, "..", "..");
const read = (path: string) => readFileSync(join(project, path), "utf8");

describe("what is written from bench/results.json", () => {
    test("the page of results and its plots are as written; if not, run npm run bench -- page", () => {
        for (const [path, text] of Object.entries(benchmarkPage(readResults()))) {
            expect({ path, text: read(path) }).toEqual({ path, text });
        }
    });

    test("there is no plot that the page does not show", () => {
        const page = read("docs/benchmark.md");
        const plots = readdirSync(join(project, "docs"), { recursive: true, encoding: "utf8" });
        expect(plots.filter((path) => path.endsWith(".svg") && !page.includes(path))).toEqual([]);
    });
});
