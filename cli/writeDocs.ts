import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { configurationPage } from "./configurationPage";
import { optionsPage } from "./optionsPage";

const project = join(__dirname, "..");

writeFileSync(join(project, "docs/options.md"), optionsPage());
writeFileSync(
    join(project, "docs/configuration.md"),
    configurationPage(readFileSync(join(project, "Pulumi.yaml"), "utf8")),
);
