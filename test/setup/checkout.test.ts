import { execFileSync } from "node:child_process";
import {
    copyFileSync,
    cpSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { unusableFolder } from "../../setup/checkout";
import { describeUnless } from "../support/describeUnless";

const root = join(__dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "edge-checkout-"));
afterAll(() => rmSync(folder, { recursive: true }));

const hasGit = (() => {
    try {
        execFileSync("git", ["--version"]);
        return true;
    } catch {
        return false;
    }
})();

describeUnless(hasGit ? undefined : "needs git")("a clone that is to have the line ends of Windows", () => {
    const files = {
        "install.sh": "#!/bin/sh\necho hello\n",
        "labels.txt": "ripe\nunripe\n",
        "page.md": "# Page\n",
        executable: "#!/usr/bin/env node\n",
    };
    /** Bytes that look like text to git, which converts line ends in them without an attribute. */
    const looksLikeText = ["a.onnx", "a.png", "a.jpg", "a.jpeg", "a.bmp", "a.wasm", "a.zip"];

    test("has the bytes of the repository all the same", () => {
        const source = join(folder, "source");
        const clone = join(folder, "clone");
        const git = (...args: string[]) =>
            execFileSync("git", args, { env: { PATH: process.env.PATH, HOME: folder } });
        git("init", "--quiet", source);
        copyFileSync(join(root, ".gitattributes"), join(source, ".gitattributes"));
        for (const [name, text] of Object.entries(files)) writeFileSync(join(source, name), text);
        for (const name of looksLikeText) writeFileSync(join(source, name), "one\ntwo\r\nthree\n");
        const who = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
        git("-C", source, "add", "--all");
        git("-C", source, ...who, "commit", "--quiet", "--message", "Files");
        git("-c", "core.autocrlf=true", "-c", "core.eol=crlf", "clone", "--quiet", source, clone);
        for (const name of [...Object.keys(files), ...looksLikeText])
            expect([name, readFileSync(join(clone, name), "latin1")]).toEqual([
                name,
                readFileSync(join(source, name), "latin1"),
            ]);
    });
});

describe("the folder of a clone", () => {
    test.each([
        "/home/me/edge",
        "/a b/é😀/#1",
        "/100%/%41",
        "/a'b\"c/$HOME/(x)[y]{z}",
        "/a&b;c|d*~",
        "/日本",
    ])("may be %s", (path) => expect(unusableFolder(path)).toBeUndefined());

    test.each([
        ["/what?/edge", "the loader of TypeScript"],
        ["/a\\b", "Node"],
        ["/a:b", "npm"],
        ["/a\ufffdb", "Node"],
        ["/a\nb", "control character"],
    ])("is refused before anything is done where it is %j", (path, who) => {
        expect(unusableFolder(path)).toContain(who);
        expect(unusableFolder(path)).toContain("rename the folder");
    });

    test("is looked at by the first command", () => {
        const odd = join(folder, "what?");
        for (const part of ["setup", "cli/commands.js"])
            cpSync(join(root, part), join(odd, part), { recursive: true });
        const run = () => execFileSync(process.execPath, [join(odd, "setup/main.js")], { stdio: "pipe" });
        expect(run).toThrow('with a "?", which is not taken by the loader of TypeScript');
    });

    test.each(["#1", "100%", "%41 é", "a'b\"c$HOME(x)&;*~"])(
        "may be called %s for the database of the store",
        (name) => {
            const place = join(folder, name);
            mkdirSync(join(place, "node_modules"), { recursive: true });
            const source = join(root, "node_modules/lmdb");
            cpSync(source, join(place, "node_modules/lmdb"), { recursive: true });
            const { dependencies, optionalDependencies } = require(join(source, "package.json"));
            for (const one of Object.keys({ ...dependencies, ...optionalDependencies })) {
                mkdirSync(dirname(join(place, "node_modules", one)), { recursive: true });
                symlinkSync(join(root, "node_modules", one), join(place, "node_modules", one));
            }
            copyFileSync(join(root, "local/base/lmdb.ts"), join(place, "lmdb.ts"));
            const script = `const db = require(${JSON.stringify(join(place, "lmdb.ts"))}).loadLmdb().open({ path: "store" });
                db.putSync("key", "value"); console.log(db.get("key")); db.close();`;
            const args = ["--require", join(root, "node_modules/tsx/dist/cjs/index.cjs"), "-e", script];
            expect(execFileSync(process.execPath, args, { cwd: place, encoding: "utf8" })).toBe("value\n");
        },
    );
});
