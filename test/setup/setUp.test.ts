import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { type ScratchProject, scratchProject } from "./scratchProject";

let template: ScratchProject;
let project: ScratchProject;
beforeAll(async () => {
    template = scratchProject();
    template.tool("pulumi", `console.log("v3.259.0")`);
    expect(await template.run([])).toMatchObject({ code: 0 });
});
beforeEach(() => {
    project = scratchProject(template);
});
afterEach(() => project.remove());
afterAll(() => template.remove());

const inProject = (file: string) => path.join(project.root, file);
const setUp = async (env?: NodeJS.ProcessEnv) => {
    fs.rmSync(inProject("calls"), { force: true });
    return await project.run([], env);
};
/** What npm was asked for since the last `setUp`, such as "ci in classifier". */
const npmCalls = () =>
    project.calls().map((call) => {
        const [, verb, folder = ""] =
            /^npm (?:--prefix classifier run --silent )?(\w+) .*in (.*)$/.exec(call) ?? [];
        return `${verb} in ${folder === path.basename(project.root) ? "root" : folder}`;
    });

describe("set-up", () => {
    test("installs and compiles what is missing, and has nothing to do the second time", async () => {
        fs.rmSync(inProject("node_modules"), { recursive: true });
        for (const made of ["node_modules", "dist"])
            fs.rmSync(inProject(`classifier/${made}`), { recursive: true, force: true });
        const first = await setUp({ REAL_COMPILER: "1" });
        expect(first).toMatchObject({ code: 0, stderr: "" });
        expect(first.stdout).toMatch(/^✔ Dependencies +root, classifier .* s$/m);
        expect(first.stdout).toMatch(/^✔ Compiled code +classifier .* s$/m);
        expect(npmCalls()).toEqual(["ci in root", "ci in classifier", "build in root"]);
        expect(require(inProject("classifier/dist/main.js")).greet("you")).toBe("you");

        const second = await setUp();
        expect(second).toMatchObject({ code: 0, stderr: "" });
        expect(second.stdout).toMatch(/^✔ Pulumi engine 3.259.0 +found on PATH *\n$/);
        expect(npmCalls()).toEqual([]);
    });

    test("installs again when a lock file or a dependency changed, and only there", async () => {
        await setUp();
        project.write(
            "classifier/package-lock.json",
            JSON.stringify({ lockfileVersion: 3, packages: { "": {} } }),
        );
        await setUp();
        expect(npmCalls()).toEqual(["ci in classifier", "build in root"]);

        project.write("package.json", JSON.stringify({ name: "scratch", dependencies: { yaml: "2" } }));
        await setUp();
        expect(npmCalls()).toEqual(["ci in root"]);
    });

    test.each(["dependencies", "devDependencies", "optionalDependencies", "overrides"])(
        "installs again when the %s of package.json changed",
        async (kind) => {
            project.write("package.json", JSON.stringify({ dependencies: {}, [kind]: { yaml: "2" } }));
            await setUp();
            expect(npmCalls()).toEqual(["ci in root"]);
        },
    );

    test.each([
        ["another processor", "Object.defineProperty(process, 'arch', { value: 'other' })"],
        [
            "a Node with another binary interface",
            "Object.defineProperty(process, 'versions', { value: { ...process.versions, modules: '1' } })",
        ],
    ])("installs again for %s, whose binaries are others", async (_, script) => {
        project.write("other.js", script);
        await setUp({ NODE_OPTIONS: `--require ${inProject("other.js")}` });
        expect(npmCalls()).toEqual(["ci in root", "ci in classifier"]);
    });

    test("installs anew what a failed install has touched, also when the lock file is the former again", async () => {
        const lock = project.read("package-lock.json");
        const npm = fs.readFileSync(path.join(project.bin, "npm"));
        project.write("package-lock.json", JSON.stringify({ lockfileVersion: 3, packages: { "": {} } }));
        project.tool("npm", `process.exit(1);`);
        expect(await setUp()).toMatchObject({ code: 1 });
        project.write("package-lock.json", lock);
        fs.writeFileSync(path.join(project.bin, "npm"), npm);
        expect(await setUp()).toMatchObject({ code: 0 });
        expect(npmCalls()).toEqual(["ci in root"]);
    });

    test("does not install again for a new script in package.json", async () => {
        project.write("package.json", JSON.stringify({ dependencies: {}, scripts: { lint: "biome" } }));
        await setUp();
        expect(npmCalls()).toEqual([]);
    });

    test("says what npm said last and how to repeat it, and installs anew the next time", async () => {
        fs.rmSync(inProject("node_modules/.edge-setup"));
        project.tool("npm", `console.error("npm error the registry is on fire"); process.exit(7);`);
        const failed = await setUp();
        expect(failed.code).toBe(1);
        expect(failed.stdout).toMatch(/^✘ Dependencies +npm ci in root/m);
        expect(failed.stderr).toMatch(
            /^The command "npm --prefix \. ci .*" failed with exit code 7\.\nIt said last:\n/,
        );
        expect(failed.stderr).toContain("    npm error the registry is on fire");
        expect(fs.existsSync(inProject("node_modules/.edge-setup"))).toBe(false);
    });

    test("asks for npm where there is none", async () => {
        fs.rmSync(inProject("node_modules/.edge-setup"));
        fs.rmSync(path.join(project.bin, "npm"));
        expect((await setUp()).stderr).toBe("Expected npm on PATH and found none: install it.\n");
    });
});

describe("compiled code", () => {
    test("carries the hash of its sources, by the rule that others compute it by", async () => {
        const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
        const files = ["package-lock.json", "src/deep/er.ts", "src/main.ts", "tsconfig.json"];
        const lines = files.map((file) => `${file}\0${sha256(project.read(`classifier/${file}`))}\n`);
        expect(project.read("classifier/dist/.sources")).toBe(sha256(lines.join("")));
    });

    test("is made anew from changed sources, without what came from removed ones", async () => {
        fs.rmSync(inProject("classifier/src/deep"), { recursive: true });
        project.write("classifier/src/main.ts", "export const greet = 'changed';\n");
        expect((await setUp()).stdout).toMatch(/✔ Compiled code +classifier /);
        expect(project.read("classifier/dist/main.js")).toContain("changed");
        expect(fs.existsSync(inProject("classifier/dist/deep"))).toBe(false);
    });

    test("is made anew for another configuration of the compiler, and for no file that begins with a dot", async () => {
        project.write("classifier/src/.DS_Store", "");
        project.write("classifier/src/.cache/one.ts", "export const one = 1;");
        await setUp();
        expect(npmCalls()).toEqual([]);
        const config = JSON.parse(project.read("classifier/tsconfig.json"));
        project.write("classifier/tsconfig.json", JSON.stringify({ ...config, comment: "another" }));
        await setUp();
        expect(npmCalls()).toEqual(["build in root"]);
    });

    test("is left alone by commands that only look at what runs or end it, and made by the others", async () => {
        fs.rmSync(inProject("classifier/dist"), { recursive: true });
        for (const args of [
            ["local", "stop"],
            ["edge", "local", "status"],
            ["edge", "creds", "show", "hub"],
        ])
            expect(await project.run(args)).toMatchObject({ code: 0 });
        expect(fs.existsSync(inProject("classifier/dist"))).toBe(false);
        expect(await project.run(["edge", "local", "preview"])).toMatchObject({ code: 0 });
        expect(fs.existsSync(inProject("classifier/dist"))).toBe(true);
    });

    test("stays what it was when the new source does not compile, and the compiler's words are shown", async () => {
        project.write("classifier/src/main.ts", "export const greet: number = 'text';\n");
        const failed = await setUp({ REAL_COMPILER: "1" });
        expect(failed.code).toBe(1);
        expect(failed.stderr).toMatch(/"npm --prefix classifier run build" failed with exit code 2\./);
        expect(failed.stderr).toContain("main.ts(1,14): error TS2322");
        expect(project.read("classifier/dist/main.js")).toContain("greet = (name)");
        // It is still older than its source.
        expect((await setUp()).stdout).toMatch(/✔ Compiled code +classifier /);
        expect(fs.readdirSync(inProject(".local"))).toEqual([]);
    });
});
