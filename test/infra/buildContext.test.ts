import {
    chmodSync,
    cpSync,
    mkdirSync,
    mkdtempSync,
    rmSync,
    statSync,
    utimesSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isNoise } from "../../classifier/src/model/noise";
import { buildContextFiles, contentHash, normalizeModes } from "../../infra/buildContext";

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

describe("the modes of a build context", () => {
    const modeOf = (path: string) => (statSync(join(folder, path)).mode & 0o777).toString(8);

    test("become those of git, whatever the umask of the checkout was", () => {
        chmodSync(join(folder, "src/main.ts"), 0o600);
        chmodSync(join(folder, "src"), 0o700);
        chmodSync(join(folder, "Dockerfile"), 0o664);
        writeFileSync(join(folder, "src/run.sh"), "");
        chmodSync(join(folder, "src/run.sh"), 0o700);
        chmodSync(join(folder, "README.md"), 0o600);
        normalizeModes(folder);
        const paths = ["src/main.ts", "src", "Dockerfile", "src/run.sh", "README.md"];
        expect(paths.map(modeOf)).toEqual(["644", "755", "644", "755", "600"]);
    });
});

test("the classifier's build context has no noise in it", () => {
    const noise = [
        ".DS_Store",
        "._model.onnx",
        "__MACOSX/a",
        "Thumbs.db",
        "desktop.ini",
        "a/.git/b",
        "@eaDir/a",
    ];
    const context = mkdtempSync(join(tmpdir(), "context-"));
    try {
        cpSync(join(__dirname, "../../classifier/.dockerignore"), join(context, ".dockerignore"));
        for (const name of [...noise, "model.onnx", "fruit/labels.txt"]) {
            mkdirSync(join(context, "model", name, ".."), { recursive: true });
            writeFileSync(join(context, "model", name), "x");
        }
        expect(noise.filter((name) => !isNoise(name))).toEqual([]);
        expect(buildContextFiles(context)).toEqual([
            ".dockerignore",
            "model/fruit/labels.txt",
            "model/model.onnx",
        ]);
    } finally {
        rmSync(context, { recursive: true });
    }
});
