import fs from "node:fs";
import { type Ended, ended, type ScratchProject, scratchProject, wrote } from "./scratchProject";

let project: ScratchProject;
beforeAll(async () => {
    project = scratchProject();
    project.tool("pulumi", `console.log("v3.259.0")`);
    expect(await project.run([])).toMatchObject({ code: 0 });
});
afterAll(() => project.remove());

/** What the command was started with; its document is the last line of standard output. */
const started = ({ stdout }: Ended) => JSON.parse(stdout.trim().split("\n").at(-1) ?? "");

describe("the command that is set up for", () => {
    test.each([
        [["local"], ["first-run"]],
        [
            ["local", "--json"],
            ["first-run", "--json"],
        ],
        [
            ["local", "stop", "--json"],
            ["local", "stop", "--json"],
        ],
        [
            ["edge", "local", "up"],
            ["local", "up"],
        ],
        [
            ["test", "test/setup", "-t", "a b"],
            ["test/setup", "-t", "a b"],
        ],
    ])("%j is given the arguments %j", async (args, expected) => {
        expect(started(await project.run(args)).args).toEqual(expected);
    });

    test("learns the folder it was called from, where the engine is and how long the set-up took", async () => {
        const { env, cwd } = started(await project.run(["edge"]));
        expect(cwd).toBe(project.root);
        expect(env.INIT_CWD).toBe(project.root);
        expect(env.EDGE_SETUP_MS).toMatch(/^[1-9]\d*$/);
    });

    test("ends the whole with its own exit code or signal", async () => {
        expect(await project.run(["edge"], { EXIT_WITH: "4" })).toMatchObject({ code: 4, signal: null });
        expect(await project.run(["edge"], { EXIT_WITH: "SIGTERM" })).toMatchObject({
            code: null,
            signal: "SIGTERM",
        });
    });

    test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
        "gets %s when the set-up's process does",
        async (name) => {
            const child = project.start(["edge"], { EXIT_WITH: "wait" });
            const end = ended(child);
            await wrote(child, "EDGE_SETUP_MS");
            child.kill(name);
            expect(await end).toMatchObject({ code: null, signal: name });
        },
    );
});

describe("standard output", () => {
    const installAgain = () => fs.rmSync(`${project.root}/node_modules/.edge-setup`);

    test.each([[["local", "--json"]], [["edge", "local", "env"]], [["test"]]])(
        "of %j holds what the command wrote and nothing else, whatever is set up",
        async (args) => {
            installAgain();
            const { stdout, stderr } = await project.run(args);
            expect(JSON.parse(stdout)).toHaveProperty("args");
            expect(stderr).toMatch(/✔ Dependencies/);
        },
    );

    test("of a plain first run shows the progress too", async () => {
        installAgain();
        const { stdout, stderr } = await project.run(["local"]);
        expect(stdout).toMatch(/✔ Dependencies.*\n✔ Pulumi engine 3\.259\.0 .*\n\{/);
        expect(stderr).toBe("");
    });

    test("holds no colours and no moving lines when it is no terminal", async () => {
        installAgain();
        const { stdout } = await project.run([]);
        expect(stdout).toMatch(/^… Dependencies +npm ci in root \(about 30 s\)$/m);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there.
        expect(stdout).not.toMatch(/[\x1b\r]/);
    });
});

describe("the command line", () => {
    test("with an unknown command is refused with exit code 2", async () => {
        expect(await project.run(["deploy"])).toEqual({
            code: 2,
            signal: null,
            stdout: "",
            stderr: 'Expected local, edge, test or nothing, and found "deploy": see node setup/main.js --help.\n',
        });
    });

    test("explains itself with an example", async () => {
        const { code, stdout } = await project.run(["--help"]);
        expect(code).toBe(0);
        expect(stdout).toMatch(/Example: +node setup\/main\.js test /);
    });
});
