import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildContextFiles, contentHash } from "../../infra/buildContext";

let folder: string;

beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "context-"));
    mkdirSync(join(folder, "src"));
    mkdirSync(join(folder, "node_modules/express"), { recursive: true });
    writeFileSync(join(folder, ".dockerignore"), "*\n!src\n!Dockerfile\n!.dockerignore\n");
    writeFileSync(join(folder, "Dockerfile"), "FROM scratch\n");
    writeFileSync(join(folder, "README.md"), "about\n");
    writeFileSync(join(folder, "src/main.ts"), "main\n");
    writeFileSync(join(folder, "node_modules/express/index.js"), "express\n");
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("the content hash of a build context", () => {
    test("covers exactly what .dockerignore lets through", () => {
        expect(buildContextFiles(folder)).toEqual([".dockerignore", "Dockerfile", "src/main.ts"]);
    });

    test("stays the same for another place, other times, other modes and files outside the context", () => {
        const before = contentHash(folder);
        const copy = `${folder}-copy with a space`;
        cpSync(folder, copy, { recursive: true });
        utimesSync(join(copy, "src/main.ts"), new Date(0), new Date(0));
        chmodSync(join(copy, "src/main.ts"), 0o600);
        writeFileSync(join(copy, "README.md"), "something else\n");
        expect(contentHash(copy)).toBe(before);
        rmSync(copy, { recursive: true });
    });

    test.each([
        ["a changed file", () => writeFileSync(join(folder, "src/main.ts"), "other\n")],
        ["a new file", () => writeFileSync(join(folder, "src/new.ts"), "")],
        ["a removed file", () => rmSync(join(folder, "src/main.ts"))],
        ["a moved file", () => cpSync(join(folder, "src/main.ts"), join(folder, "src/moved.ts"))],
    ])("changes with %s", (_, change) => {
        const before = contentHash(folder);
        change();
        expect(contentHash(folder)).not.toBe(before);
    });
});
