import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { endWithSentence } from "../setup/output";
import { configurationPage } from "./configurationPage";
import { optionsPage } from "./optionsPage";
import { projectFile } from "./projectFile";
import { providerPage } from "./providerPage";
import { stackSchema } from "./stackSchema";

endWithSentence(process);

/** Writes what is generated from the schemas that validate. */
const project = join(__dirname, "..");
const pulumiYaml = join(project, "Pulumi.yaml");
writeFileSync(join(project, "docs/options.md"), optionsPage());
writeFileSync(join(project, "docs/configuration.md"), configurationPage());
writeFileSync(join(project, "docs/provider-reference.md"), providerPage());
writeFileSync(join(project, "infra/stack.schema.json"), stackSchema());
writeFileSync(pulumiYaml, projectFile(readFileSync(pulumiYaml, "utf8")));
