import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describeOptions } from "../../classifier/src/config";
import { readOptions } from "../../classifier/src/readOptions";
import { optionsPage } from "../../generate/optionsPage";

describe("the page of options", () => {
    test("is what the schema says; if not, run npm run docs", () => {
        const page = readFileSync(join(__dirname, "..", "..", "docs", "options.md"), "utf8");
        expect(page).toBe(optionsPage());
    });
});

describe("the options", () => {
    test("all have a variable of their own, a default and a meaning", () => {
        const options = describeOptions();
        expect(new Set(options.map(({ env }) => env)).size).toBe(options.length);
        for (const option of options) {
            expect(Object.values(option).every((text) => text.length > 0)).toBe(true);
        }
    });

    test("have defaults for a plain container, and treat empty as unset", () => {
        const options = readOptions({ PORT: "", PREDICTION_KEY: "", CORS_ORIGINS: "" });
        expect(options).toMatchObject({ port: 80, host: "0.0.0.0", preprocessing: "exact", probe: "stop" });
        expect(options.predictionKey).toBeUndefined();
        expect(options.modelDir).toMatch(/classifier[/\\]model$/);
    });

    test("are read from their variables", () => {
        const options = readOptions({
            PORT: "8080",
            CORS_ORIGINS: "https://a.example, https://b.example:8443",
        });
        expect(options).toMatchObject({
            port: 8080,
            corsOrigins: ["https://a.example", "https://b.example:8443"],
        });
    });
});
