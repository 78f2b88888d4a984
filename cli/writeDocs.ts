import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { optionsPage } from "./optionsPage";

writeFileSync(join(__dirname, "..", "docs", "options.md"), optionsPage());
