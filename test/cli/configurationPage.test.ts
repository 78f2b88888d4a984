import { readFileSync } from "node:fs";
import { join } from "node:path";
import { configurationPage } from "../../cli/configurationPage";

const project = join(__dirname, "../..");

test("the page on configuration is that of the present Pulumi.yaml", () => {
    const page = configurationPage(readFileSync(join(project, "Pulumi.yaml"), "utf8"));
    expect(readFileSync(join(project, "docs/configuration.md"), "utf8")).toBe(page);
});
