import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { resources } from "../../../infra/provider/resources";
import { typeToken } from "../../../infra/provider/token";

const docs = join(__dirname, "../../../docs");
const page = readFileSync(join(docs, "provider.md"), "utf8");
const blocks = [...page.matchAll(/^```\w+\n(.*?)^```$/gms)].map(([, text]) => text);
const programs = readdirSync(join(docs, "provider")).flatMap((language) =>
    readdirSync(join(docs, "provider", language)).map((file) => `${language}/${file}`),
);

describe("the page on the provider", () => {
    test("has a program in four languages", () => {
        expect(programs).toEqual(
            expect.arrayContaining([
                "typescript/index.ts",
                "python/__main__.py",
                "go/main.go",
                "yaml/Pulumi.yaml",
            ]),
        );
    });

    test.each(programs)("shows %s as it is", (file) => {
        expect(blocks).toContain(readFileSync(join(docs, "provider", file), "utf8"));
    });

    test("names no type that there is not, and every one that can be imported with its id", () => {
        const shown = [...page.matchAll(/^\| `(iotedge:index:\w+)` \| `([^`]+)`/gm)];
        const rows = Object.fromEntries(shown.map(([, type = "", id = ""]) => [type, id]));
        const imported = resources.filter(({ schema }) => schema.name !== "DeploymentCheck");
        expect(Object.keys(rows).sort()).toEqual(imported.map(({ schema }) => typeToken(schema.name)).sort());
        for (const { schema } of imported) {
            const fixed = (id: string) => id.split("/").filter((part) => /^[a-z][A-Za-z]+$/.test(part));
            expect(fixed(rows[typeToken(schema.name)] ?? "")).toEqual(fixed(schema.id));
        }
    });
});
