import { execFile } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { startLocalAzure, stopLocalAzure } from "../../local/background";
import { listenLocally } from "../../local/base/listen";
import { releasePorts } from "../../local/base/ports";
import { openStore } from "../../local/base/store";
import { createStackFolder, type StackFolder } from "../../local/engine/stackFolder";
import { firstError } from "../../local/firstError";
import { temporaryStack } from "../support/localAzure";

const at = "2026-01-02T03:04:05.678Z";

test.each([
    [
        "a module that is missing",
        "node:internal/modules/cjs/loader:1210\n  throw err;\n  ^\n\nError: Cannot find module 'x'\nRequire stack:\n- /a.ts\n    at f (g.js:1:2) {\n  code: 'MODULE_NOT_FOUND'\n}\n\nNode.js v20.20.2\n",
        "Cannot find module 'x'",
    ],
    [
        "a source with a mistake",
        '/x/esbuild/lib/main.js:1477\n  let error = new Error(text);\n              ^\n\nError: Transform failed with 1 error:\n/a/local/main.ts:3:1: ERROR: Expected ";"\n    at f\n\nNode.js v20\n',
        'Transform failed with 1 error: /a/local/main.ts:3:1: ERROR: Expected ";"',
    ],
    ["an error of a library", "TypeError [ERR_X]: Invalid URL\n    at g\n", "Invalid URL"],
    [
        "what it ends with",
        `${at} stopping\n${at} failed: Port 1 is taken.\n${at} stopped\n`,
        "Port 1 is taken.",
    ],
    ["the first of two", `${at} failed: First.\nError: Second.\n`, "First."],
    [
        "no memory",
        "<--- Last few GCs --->\nFATAL ERROR: Reached heap limit\n 1: 0xb7 node\n",
        "FATAL ERROR: Reached heap limit",
    ],
    ["a bad option", "node: bad option: --nope\n", "bad option: --nope"],
    ["a log without an error", `${at} running\n(node:1) Warning: w\n\n`, "running"],
])("of a log, %s is told", (_, log, told) => expect(firstError(log)).toBe(told));

test("of an empty log, nothing is", () => expect(firstError("\n")).toBeUndefined());

describe("a local Azure that dies while it starts", () => {
    let stack: StackFolder;
    /** The end of a start whose process Node itself is told to begin with `hook`. */
    const startedWith = async (hook: string) => {
        const script = `process.env.NODE_OPTIONS = "--require ${hook}";
            require("./local/background.ts").startLocalAzure(${JSON.stringify(stack)}).catch(({ message }) => console.log(message));`;
        const args = ["--require", "tsx/cjs", "-e", script];
        return (await promisify(execFile)(process.execPath, args, { cwd: stack.project })).stdout;
    };

    beforeEach(() => {
        stack = temporaryStack();
        createStackFolder(stack);
        writeFileSync(join(stack.azure, "log"), "Error: of another day\n");
    });
    afterEach(async () => {
        await stopLocalAzure(stack);
        releasePorts(stack.ports, stack.folder);
        rmSync(stack.folder, { recursive: true, force: true });
    });

    test("names the port that is taken", async () => {
        const other = createServer();
        const port = await listenLocally(other, 0, "Another program");
        const store = openStore(join(stack.azure, "store"));
        store.collection<number>("settings").put("management-port", port);
        await store.close();
        await expect(startLocalAzure(stack)).rejects.toThrow(
            `found that it ended with exit code 1: The local Azure's management endpoint needs port ${port} on 127.0.0.1`,
        );
        other.close();
    });

    test("names the store that cannot be read", async () => {
        mkdirSync(join(stack.azure, "store"));
        writeFileSync(join(stack.azure, "store/data.mdb"), "no database".repeat(99));
        await expect(startLocalAzure(stack)).rejects.toThrow(
            /: The store in .* data\.mdb is not a database file.*reset/,
        );
    });

    test("names the settings that are no JSON", async () => {
        writeFileSync(join(stack.azure, "runtime.json"), '{ "runtime": ');
        await expect(startLocalAzure(stack)).rejects.toThrow(
            /runtime\.json to hold the settings .*JSON.*Remove it/,
        );
    });

    test("names the settings that are none of its", async () => {
        writeFileSync(join(stack.azure, "runtime.json"), '{ "runtime": "vm" }');
        await expect(startLocalAzure(stack)).rejects.toThrow(/runtime\.json to hold .*Remove it/);
    });

    test("names what Node did not find, and where everything is that it wrote", async () => {
        expect(await startedWith("/nowhere/hook.js")).toContain(
            `exit code 1: Cannot find module '/nowhere/hook.js'\nAll that it wrote is in ${stack.azure}/log`,
        );
    });

    test("says that it wrote nothing where it was killed at once", async () => {
        writeFileSync(join(stack.folder, "killed.js"), "process.kill(process.pid, 'SIGKILL');");
        expect(await startedWith(join(stack.folder, "killed.js"))).toContain(
            "it ended by SIGKILL: it wrote nothing",
        );
    });
});
