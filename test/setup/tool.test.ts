import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { identify } from "../../setup/processIdentity";
import { runTool } from "../../setup/tool";

let folder: string;
beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "edge-tool-"));
});
afterEach(() => {
    jest.useRealTimers();
    fs.rmSync(folder, { recursive: true });
});

const lines: string[] = [];
function run(script: string, signal = new AbortController().signal): Promise<string> {
    lines.length = 0;
    return runTool("/bin/sh", ["-c", script], {
        cwd: folder,
        env: { ...process.env, VALUE: "given" },
        signal,
        onLine: (line: string) => lines.push(line),
        repeat: "make it",
    });
}

describe("a tool", () => {
    test("answers its standard output, and each line of both streams is told, but no empty one", async () => {
        expect(await run('echo "one $VALUE"; echo; echo " two"; pwd; echo three >&2')).toBe(
            `one given\n\n two\n${fs.realpathSync(folder)}`,
        );
        expect([...lines].sort()).toEqual([fs.realpathSync(folder), "one given", "three", "two"].sort());
    });

    test("that fails is told with the command to repeat and its last fifteen lines", async () => {
        const failed = run("for i in $(seq 1 20); do echo line $i; done; exit 3");
        await expect(failed).rejects.toThrow(
            `The command "make it" failed with exit code 3.\nIt said last:\n${Array.from({ length: 15 }, (_, index) => `    line ${index + 6}\n`).join("")}Repeat it alone to see all.`,
        );
    });

    test("that says nothing is told so, and so is what ended it", async () => {
        await expect(run("exit 1")).rejects.toThrow(
            'The command "make it" failed with exit code 1.\nIt said nothing.\nRepeat it alone to see all.',
        );
        await expect(run("kill -9 $$")).rejects.toThrow('The command "make it" was ended by SIGKILL.');
    });

    test("that is not there is asked for; one that may not be run is an error of its own", async () => {
        const options = { cwd: folder, env: {}, signal: new AbortController().signal, repeat: "" };
        await expect(runTool("not-a-tool", [], options)).rejects.toThrow(
            "Expected not-a-tool on PATH and found none: install it.",
        );
        fs.writeFileSync(path.join(folder, "tool"), "", { mode: 0o600 });
        await expect(runTool(path.join(folder, "tool"), [], options)).rejects.toThrow("EACCES");
    });

    test("is not begun where somebody has interrupted", async () => {
        const interrupt = new AbortController();
        interrupt.abort(new Error("interrupted by SIGINT"));
        await expect(run("touch begun", interrupt.signal)).rejects.toThrow("interrupted by SIGINT");
        expect(fs.readdirSync(folder)).toEqual([]);
    });

    test("that does not end when it is asked to is ended with its children three seconds later", async () => {
        jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate", "queueMicrotask", "performance"] });
        const interrupt = new AbortController();
        const ended = expect(
            run(
                // It says that it runs, and then again that it was asked to end.
                "trap 'echo asked' TERM; sleep 1000 & echo $! >child; echo runs; while :; do wait; done",
                interrupt.signal,
            ),
        ).rejects.toThrow("interrupted by SIGINT");
        const said = async (line: string) => {
            while (!lines.includes(line)) await new Promise((resolve) => setImmediate(resolve));
        };
        await said("runs");
        interrupt.abort(new Error("interrupted by SIGINT"));
        await said("asked");
        jest.advanceTimersByTime(2_999);
        expect(jest.getTimerCount()).toBe(1);
        jest.advanceTimersByTime(1);
        await ended;
        const child = Number(fs.readFileSync(path.join(folder, "child"), "utf8"));
        expect(identify(child)).toBeUndefined();
        expect(jest.getTimerCount()).toBe(0);
    });

    test("that ends when it is asked to leaves nothing to wait for", async () => {
        jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate", "queueMicrotask", "performance"] });
        const interrupt = new AbortController();
        const ended = expect(run("echo runs; sleep 1000", interrupt.signal)).rejects.toThrow("interrupted");
        while (lines.length === 0) await new Promise((resolve) => setImmediate(resolve));
        interrupt.abort(new Error("interrupted by SIGTERM"));
        await ended;
        expect(jest.getTimerCount()).toBe(0);
    });
});
