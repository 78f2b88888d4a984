import fs from "node:fs";
import path from "node:path";
import { identify } from "../../setup/processIdentity";
import { until } from "../support/waiting";
import { ended, type ScratchProject, scratchProject, wrote } from "./scratchProject";

let template: ScratchProject;
let project: ScratchProject;
beforeAll(async () => {
    template = scratchProject();
    template.tool("pulumi", `console.log("v3.259.0")`);
    expect(await template.run([])).toMatchObject({ code: 0 });
});
beforeEach(() => {
    project = scratchProject(template);
    fs.rmSync(inProject("classifier/node_modules/.edge-setup"));
    fs.rmSync(inProject("calls"));
});
afterEach(() => project.remove());
afterAll(() => template.remove());

const inProject = (file: string) => path.join(project.root, file);
const lock = ".local/setup.lock";
const ownIdentity = JSON.stringify(identify(process.pid));

/** Starts a set-up and waits until npm stands still half-way through the classifier. */
async function startHanging() {
    const child = project.start([], { FAKE_NPM_HANGS: "classifier" });
    const end = ended(child);
    await until("a tool that hangs", () => fs.existsSync(inProject("hanging")));
    return { child, end, tools: JSON.parse(project.read("hanging")) as number[] };
}

describe("an interrupted set-up", () => {
    test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
        "ends by %s with all its tools and leaves no lock",
        async (name) => {
            const { child, end, tools } = await startHanging();
            expect(tools.filter(identify)).toEqual(tools);
            child.kill(name);
            expect(await end).toMatchObject({
                code: null,
                signal: name,
                stderr: expect.stringContaining("Interrupted."),
            });
            await until("the end of its tools", () => !tools.some(identify));
            expect(fs.readdirSync(inProject(".local"))).toEqual([]);
        },
    );

    test("is repeated from where it stood", async () => {
        const { child, end } = await startHanging();
        child.kill("SIGINT");
        await end;
        expect(fs.existsSync(inProject("classifier/node_modules/half"))).toBe(true);
        const again = await project.run([]);
        expect(again.stdout).toMatch(/^✔ Dependencies +classifier /m);
        expect(fs.existsSync(inProject("classifier/node_modules/half"))).toBe(false);
    });

    test("that was killed outright is repeated too, and its lock taken over", async () => {
        const { child, end, tools } = await startHanging();
        child.kill("SIGKILL");
        for (const tool of tools) process.kill(tool, "SIGKILL");
        await end;
        expect(JSON.parse(project.read(lock))).toMatchObject({ pid: child.pid });
        expect(await project.run([])).toMatchObject({
            code: 0,
            stdout: expect.not.stringContaining("Waiting"),
        });
        expect(fs.readdirSync(inProject(".local"))).toEqual([]);
    });
});

describe("two set-ups at once", () => {
    test("the second touches nothing until the first has ended, and says so", async () => {
        // This test's own process stands for a first set-up.
        project.write(lock, ownIdentity);
        const second = project.start([]);
        const end = ended(second);
        await wrote(second, `Waiting for another set-up of this project to end (process ${process.pid})`);
        expect(project.calls()).toEqual([]);
        fs.rmSync(inProject(lock));
        expect(await end).toMatchObject({
            code: 0,
            stdout: expect.stringMatching(/✔ Dependencies +classifier/),
        });
    });

    test("can be interrupted while waiting, and leaves the lock to its holder", async () => {
        project.write(lock, ownIdentity);
        const second = project.start([]);
        const end = ended(second);
        await wrote(second, "Waiting");
        second.kill("SIGINT");
        expect(await end).toMatchObject({ signal: "SIGINT" });
        expect(project.read(lock)).toBe(ownIdentity);
    });

    test("of many that see the same stale lock, one at a time works", async () => {
        const dead = project.start(["--help"]);
        const identity = identify(dead.pid ?? 0);
        await ended(dead);
        project.write(lock, JSON.stringify(identity));
        const all = await Promise.all(Array.from({ length: 4 }, () => project.run([])));
        expect(all.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
        expect(project.calls().filter((call) => call.includes("in classifier"))).toHaveLength(1);
    });
});
