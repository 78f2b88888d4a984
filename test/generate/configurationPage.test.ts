import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv/dist/2020";
import { parse } from "yaml";
import { configurationPage } from "../../generate/configurationPage";
import { projectFile } from "../../generate/projectFile";
import { stackSchema } from "../../generate/stackSchema";

const text = (file: string) => readFileSync(join(__dirname, "../..", file), "utf8");

describe("what is generated from the settings is that of the present ones (if not, run npm run docs):", () => {
    test("the page on configuration", () => expect(text("docs/configuration.md")).toBe(configurationPage()));
    test("the engine's schema in Pulumi.yaml", () =>
        expect(text("Pulumi.yaml")).toBe(projectFile(text("Pulumi.yaml"))));
    test("the schema for editors", () => expect(text("infra/stack.schema.json")).toBe(stackSchema()));
});

describe("the schema for editors", () => {
    const isValid = new Ajv({ strict: false, validateFormats: false }).compile(JSON.parse(stackSchema()));
    const problemsOf = (yaml: string) => {
        isValid(parse(yaml));
        return isValid.errors?.map(({ instancePath }) => instancePath) ?? [];
    };

    test("takes the stack that comes with the project, and names itself there", () => {
        expect(text("Pulumi.dev.yaml")).toContain("yaml-language-server: $schema=infra/stack.schema.json");
        expect(problemsOf(text("Pulumi.dev.yaml"))).toEqual([]);
    });

    test.each([
        [
            "a value that is none of its key's",
            "config: { edge-classifier:hubSku: B1 }",
            "/config/edge-classifier:hubSku",
        ],
        ["a key that there is not", "config: { edge-classifier:hubSkew: S1 }", "/config"],
        [
            "a secret in clear",
            "config: { edge-classifier:devicePrivateKey: clear }",
            "/config/edge-classifier:devicePrivateKey",
        ],
    ])("marks %s", (_, yaml, place) => expect(problemsOf(yaml)).toContain(place));
});
