import { readFileSync } from "node:fs";
import { join } from "node:path";
import { providerPage } from "../../generate/providerPage";

test("the reference of the provider is that of its present schema (if not, run npm run docs)", () => {
    const page = readFileSync(join(__dirname, "../../docs/provider-reference.md"), "utf8");
    expect(page).toBe(providerPage());
});
