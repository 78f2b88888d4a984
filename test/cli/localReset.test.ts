import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { changeRuntimeSettings } from "../../local/runtimeSettings";
import { startFakeEngine } from "../local/docker/fakeEngine";
import { runCommand } from "./runCommand";

// Stacks of a project of its own: --all takes away all that there are.
let mockProject: string;
jest.mock("../../cli/context", () => {
    const context = jest.requireActual("../../cli/context");
    return {
        ...context,
        commandContext: (...args: unknown[]) => ({
            ...context.commandContext(...args),
            project: mockProject,
        }),
    };
});

const { XDG_CACHE_HOME } = process.env;
let cache: string;
beforeEach(() => {
    mockProject = mkdtempSync(join(tmpdir(), "edge-reset-"));
    cache = join(mockProject, "cache");
    process.env.XDG_CACHE_HOME = cache;
    for (const folder of ["edge-classifier/pulumi", "other"])
        mkdirSync(join(cache, folder), { recursive: true });
    for (const stack of ["local", "second"]) {
        mkdirSync(join(mockProject, ".local/stacks", stack, "azure"), { recursive: true });
        writeFileSync(join(mockProject, `Pulumi.${stack}.yaml`), "");
    }
    writeFileSync(join(mockProject, "Pulumi.dev.yaml"), "");
});
afterEach(() => {
    if (XDG_CACHE_HOME === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = XDG_CACHE_HOME;
    rmSync(mockProject, { recursive: true });
});

const stacks = () => readdirSync(join(mockProject, ".local/stacks"));
const files = () => readdirSync(mockProject).filter((name) => name.startsWith("Pulumi."));

test.each([
    [[], "local", "second"],
    [["--stack", "second"], "second", "local"],
])(
    "local reset %j forgets the stack %s with its configuration, and nothing else",
    async (args, gone, kept) => {
        const { exitCode, stdout } = await runCommand("local", "reset", ...args);
        expect([exitCode, stdout]).toEqual([0, `Removed the local stack ${gone}.\n`]);
        expect(stacks()).toEqual([kept]);
        expect(files().sort()).toEqual(["Pulumi.dev.yaml", `Pulumi.${kept}.yaml`].sort());
        expect(readdirSync(cache)).toEqual(["edge-classifier", "other"]);
        const again = await runCommand("local", "reset", ...args);
        expect([again.exitCode, again.stdout]).toEqual([0, "There was nothing to remove.\n"]);
    },
);

test("local reset has the Docker engine remove what was built for the stack, and names what it could not", async () => {
    const engine = await startFakeEngine();
    const azure = join(mockProject, ".local/stacks/local/azure");
    mkdirSync(join(azure, "build"));
    const record = () =>
        writeFileSync(
            join(azure, "build/built-images.json"),
            '{ "images": ["a1", "localhost:1/classifier:b2"] }',
        );
    record();
    changeRuntimeSettings(azure, { dockerHost: engine.engine.host });
    engine.answer = (call) => ({ json: call.startsWith("GET /containers") ? [] : {} });
    const reset = await runCommand("local", "reset", "--json");
    expect(reset).toMatchObject({ exitCode: 0, stderr: "" });
    expect(engine.calls().filter((call) => call.startsWith("DELETE"))).toEqual([
        "DELETE /images/localhost:1/classifier:b2",
        "DELETE /images/a1",
    ]);
    await engine.close();
    mkdirSync(join(azure, "build"), { recursive: true });
    record();
    changeRuntimeSettings(azure, { dockerHost: engine.engine.host });
    const unable = await runCommand("local", "reset", "--json");
    expect(JSON.parse(unable.stdout)).toEqual({ removed: ["local"], cache: false });
    expect(unable.stderr).toContain("left in the Docker engine of local");
    expect(unable.stderr).toContain("localhost:1/classifier:b2");
});

test("local reset --all forgets every local stack and what the set-up keeps, and no stack of the cloud", async () => {
    writeFileSync(join(mockProject, ".local/stacks/.DS_Store"), "");
    const { stdout } = await runCommand("local", "reset", "--all", "--json");
    expect(JSON.parse(stdout)).toEqual({ removed: ["local", "second"], cache: true });
    expect(stacks()).toEqual([".DS_Store"]);
    expect(files()).toEqual(["Pulumi.dev.yaml"]);
    expect(readdirSync(cache)).toEqual(["other"]);
});

test.each([["Not A Stack"], ["dev"]])(
    "local reset of %j, which is no local stack, is wrong usage",
    async (stack) => {
        const { exitCode, stdout, stderr } = await runCommand("local", "reset", "--stack", stack);
        expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
        expect(stderr).toContain(`"${stack}"`);
        expect(files()).toContain("Pulumi.dev.yaml");
    },
);

test("local reset --all needs no stack to be there", async () => {
    rmSync(join(mockProject, ".local"), { recursive: true });
    const { stdout } = await runCommand("local", "reset", "--all");
    expect(stdout).toBe("There was nothing to remove.\n");
    expect(existsSync(join(cache, "edge-classifier"))).toBe(false);
});

test("local reset in one document says what is gone", async () => {
    const { stdout } = await runCommand("local", "reset", "--json");
    expect(JSON.parse(stdout)).toEqual({ removed: ["local"], cache: false });
});
