import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { endWithSentence } from "../setup/output";
import { mutantsPage } from "./mutantsPage";

endWithSentence(process);

/** Writes `docs/mutants.md` from the report that Stryker has left. */
const project = join(__dirname, "..");
const report = JSON.parse(readFileSync(join(project, ".local/mutants.json"), "utf8"));
writeFileSync(join(project, "docs/mutants.md"), mutantsPage(report));
