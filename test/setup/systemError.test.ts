import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import { connect, createServer } from "node:net";
import os from "node:os";
import path from "node:path";
import { isExecutable } from "../../setup/engineCache";
import { isWrongPath, systemErrorText } from "../../setup/systemError";
import { describeUnless } from "../support/describeUnless";
import { closeTo, permissionsUntestable, plainUser } from "../support/otherUser";

const root = path.resolve(__dirname, "../..");

describe("what the operating system says is told as a sentence", () => {
    let folder: string;
    beforeAll(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "system-error-"));
        fs.writeFileSync(path.join(folder, "file"), "");
        fs.symlinkSync("loop2", path.join(folder, "loop1"));
        fs.symlinkSync("loop1", path.join(folder, "loop2"));
        fs.symlinkSync("gone", path.join(folder, "dangling"));
        fs.mkdirSync(path.join(folder, "full/of"), { recursive: true });
    });
    afterAll(() => fs.rmSync(folder, { recursive: true }));

    const errorOf = (act: () => unknown) => {
        try {
            act();
        } catch (error) {
            return error as Error;
        }
        throw new Error("Expected an error, found none.");
    };

    const calls: [name: string, (at: (name: string) => string) => unknown, RegExp, boolean][] = [
        [
            "a folder written to",
            (at) => fs.writeFileSync(at("full"), ""),
            /^Expected a file at \S+\/full, found a folder/,
            true,
        ],
        ["a folder read", (at) => fs.readFileSync(at("full")), /^Expected a file, found a folder/, true],
        [
            "a file in a file",
            (at) => fs.readFileSync(at("file/a/b")),
            /^Expected a folder at \S+\/file, found a file/,
            true,
        ],
        [
            "a folder in a file",
            (at) => fs.mkdirSync(at("file/a")),
            /^Expected a folder at \S+\/file, found a file/,
            true,
        ],
        [
            "nothing",
            (at) => fs.readFileSync(at("none")),
            /^Expected something at \S+\/none, found nothing there/,
            false,
        ],
        [
            "a link to nothing",
            (at) => fs.readFileSync(at("dangling")),
            /^Expected .*\/dangling, found a link that leads nowhere/,
            false,
        ],
        [
            "links in a circle",
            (at) => fs.readFileSync(at("loop1")),
            /loop1 to lead to .*, found links that lead to each other/,
            true,
        ],
        [
            "a folder that is there",
            (at) => fs.mkdirSync(at("full")),
            /^Expected nothing at \S+\/full yet, found something/,
            false,
        ],
        [
            "a folder that is not empty",
            (at) => fs.rmdirSync(at("full")),
            /^Expected nothing in \S+\/full, found something/,
            false,
        ],
        [
            "a folder renamed to a full one",
            (at) => fs.renameSync(at("full/of"), at("full")),
            /^Expected nothing in \S+\/full, found/,
            false,
        ],
        [
            "a name too long",
            (at) => fs.readFileSync(at("x".repeat(300))),
            /^Expected a shorter name than /,
            true,
        ],
        [
            "a full disk",
            () => fs.writeFileSync("/dev/full", "x"),
            /^Expected room to write the output, found the disk full/,
            false,
        ],
    ];
    test.each(calls)("%s", (_name, act, sentence, wrongPath) => {
        const error = errorOf(() => act((name) => path.join(folder, name)));
        expect(systemErrorText(error)).toMatch(sentence);
        expect(systemErrorText(error)).not.toMatch(/\bE[A-Z]{3,}\b/);
        expect(isWrongPath(error)).toBe(wrongPath);
    });

    test("also inside another sentence, which goes on", () => {
        const cause = errorOf(() => fs.readdirSync(path.join(folder, "file")));
        expect(
            systemErrorText(new Error(`Expected labels, found: ${cause.message}. Give a folder.`, { cause })),
        ).toMatch(
            /^Expected labels, found: Expected a folder at \S+, found a file\. [^.]*away\. Give a folder\.$/,
        );
    });

    test("a program that is not there, or is none", async () => {
        const failure = async (file: string) => {
            const [error] = await once(spawn(file), "error");
            return systemErrorText(error);
        };
        expect(await failure("no-such-program")).toBe(
            "Expected no-such-program on PATH, found none. Install it, then repeat the command.",
        );
        expect(await failure(path.join(folder, "file"))).toMatch(
            /^Expected \S+file to be a program that this user may run/,
        );
    });

    test("an address where another listens, or nobody", async () => {
        const server = createServer().listen(0, "127.0.0.1");
        await once(server, "listening");
        const { port } = server.address() as { port: number };
        const [taken] = await once(createServer().listen(port, "127.0.0.1"), "error");
        expect(systemErrorText(taken)).toBe(
            `Expected 127.0.0.1:${port} to be free to listen on, found another process there. End it, or choose another port.`,
        );
        server.close();
        await once(server, "close");
        const [nobody] = await once(connect(port, "127.0.0.1"), "error");
        expect(systemErrorText(nobody)).toMatch(
            `Expected an answer from 127.0.0.1:${port}, found nothing that listens there`,
        );
    });

    test.each([
        [
            "EROFS: read-only file system, open '/a/b'",
            "Expected to write /a/b, found a file system that is read-only.",
        ],
        ["EDQUOT: disk quota exceeded, write", "Expected room to write the output, found the quota used up."],
        ["EMFILE: too many open files, open '/a'", "Expected to open /a, found too many files open."],
        [
            "EXDEV: cross-device link not permitted, rename '/a' -> '/b'",
            "Expected /a and /b on one file system, found two.",
        ],
        ["EBUSY: resource busy or locked, rmdir '/a'", "Expected /a to be free, found it in use."],
        ["spawn E2BIG", "Expected the program to take its arguments and environment, found them too long."],
        [
            "listen EACCES: permission denied 0.0.0.0:80",
            "Expected to listen on 0.0.0.0:80, found that this user may not.",
        ],
    ])("%s", (message, sentence) => {
        expect(systemErrorText(new Error(message))?.startsWith(sentence)).toBe(true);
    });

    test.each(["Expected a stack, found none.", "EXAMPLE: not one of them", "found E2, E3 and E4"])(
        "and nothing else is: %s",
        (message) => expect(systemErrorText(new Error(message))).toBeUndefined(),
    );
});

describeUnless(permissionsUntestable)("what this user may not do", () => {
    let folder: string;
    beforeAll(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "system-error-"));
        fs.chmodSync(folder, 0o755);
        fs.mkdirSync(path.join(folder, "secret/inner"), { recursive: true });
        fs.writeFileSync(path.join(folder, "secret/tool"), "", { mode: 0o755 });
        fs.mkdirSync(path.join(folder, "read only"));
        closeTo(path.join(folder, "secret"), 0o600);
        closeTo(path.join(folder, "read only"), 0o555);
    });
    afterAll(() => {
        fs.chmodSync(path.join(folder, "secret"), 0o700);
        fs.rmSync(folder, { recursive: true });
    });

    /** Evaluates it in a process of a user for whom permissions count. */
    function asPlainUser(code: string): string {
        const script = `
            const fs = require("node:fs");
            const { systemErrorText } = require(process.argv[1]);
            try { console.log(${code}); } catch (error) { console.log(systemErrorText(error)); }`;
        // Its own copy: the project may lie where that user may not go.
        for (const name of ["systemError.js", "systemSentences.js", "closedPath.js"]) {
            fs.copyFileSync(path.join(root, "setup", name), path.join(folder, name));
        }
        const copy = path.join(folder, "systemError.js");
        const { stdout, stderr } = spawnSync(process.execPath, ["-e", script, copy], {
            cwd: folder,
            encoding: "utf8",
            ...plainUser,
        });
        return stdout.trim() || stderr;
    }

    test.each([
        ["a file behind a closed folder", "fs.readFileSync('secret/inner/file')", "secret"],
        ["a new file in a closed folder", "fs.writeFileSync('secret/new', '')", "secret"],
        ["a list of a closed folder", "fs.readdirSync('secret/inner')", "secret"],
        [
            "a new file in a folder that may only be read",
            "fs.writeFileSync('read only/new', '')",
            "'FOLDER/read only'",
        ],
        ["a new folder in it", "fs.mkdirSync('read only/new/er', { recursive: true })", "'FOLDER/read only'"],
        [
            "a file moved into it",
            "fs.writeFileSync('/tmp/' + process.pid, ''), fs.renameSync('/tmp/' + process.pid, 'read only/new')",
            "'FOLDER/read only'",
        ],
    ])("%s: says what is closed, whose it is and how to open it", (_name, code, blocked) => {
        const shown = blocked.startsWith("'")
            ? blocked.replace("FOLDER", folder)
            : path.join(folder, blocked);
        const text = asPlainUser(code);
        expect(text).toMatch(/^Expected to be allowed to use \/.*, found that .* may not/);
        expect(
            text.endsWith("uid" in plainUser ? `sudo chown -R 65534 ${shown}` : `chmod u+rwX ${shown}`),
        ).toBe(true);
        expect(text).toContain(
            "uid" in plainUser ? "belongs to root, as what a command run as root has made" : "'s own",
        );
    });

    test("a folder of PATH that may not be entered has no programs", () => {
        const copy = path.join(folder, "engineCache.js");
        const code = `const { isExecutable } = require(process.argv[1]); console.log(isExecutable("secret/tool"))`;
        if ("uid" in plainUser) {
            const source = isExecutable.toString();
            fs.writeFileSync(
                copy,
                `const fs = require("node:fs"); ${source}; module.exports = { isExecutable };`,
            );
            const { stdout } = spawnSync(process.execPath, ["-e", code, copy], {
                cwd: folder,
                encoding: "utf8",
                ...plainUser,
            });
            expect(stdout.trim()).toBe("false");
        } else {
            expect(isExecutable(path.join(folder, "secret/tool"))).toBe(false);
        }
    });
});

describe("a reader that leaves", () => {
    const run = (command: string) =>
        new Promise<{ exitCode: number; stdout: string; stderr: string }>((resolve) => {
            execFile("bash", ["-c", `set -o pipefail; ${command}`], { cwd: root }, (error, stdout, stderr) =>
                resolve({ exitCode: Number(error?.code ?? 0), stdout, stderr }),
            );
        });
    const edge = "node --require tsx/cjs cli/edge.ts";
    const long = `node -e 'require("./setup/output").endWithOutput(process); setInterval(() => console.log("line"), 1)'`;

    test("ends a command without a word, and with 141", async () => {
        expect(await run(`${long} | head -1`)).toEqual({ exitCode: 141, stdout: "line\n", stderr: "" });
        expect(await run(`${edge} --help | true`)).toEqual({ exitCode: 141, stdout: "", stderr: "" });
        expect(await run(`node setup/main.js --help | true`)).toEqual({
            exitCode: 141,
            stdout: "",
            stderr: "",
        });
        expect(await run(`${edge} no-such-command 2>&1 | true`)).toEqual({
            exitCode: 141,
            stdout: "",
            stderr: "",
        });
    });

    test("is told from a disk that is full", async () => {
        const full = {
            exitCode: 1,
            stdout: "",
            stderr: expect.stringMatching(/^Expected room to write the output, found the disk full\..*\n$/),
        };
        expect(await run(`${edge} --help > /dev/full`)).toEqual(full);
        expect(await run("node setup/main.js --help > /dev/full")).toEqual(full);
        expect(await run(`${edge} no-such-command 2> /dev/full`)).toMatchObject({ exitCode: 1, stderr: "" });
    });

    test("stops a set-up as a signal does, with its tools", async () => {
        const setUp = `node -e '
            const { onInterrupt } = require("./setup/interrupt");
            const interrupt = onInterrupt();
            const output = require("./setup/output").endWithOutput(process, interrupt.stop);
            const timer = setInterval(() => console.log("line"), 1);
            interrupt.signal.addEventListener("abort", () => { clearInterval(timer); if (output.closed) console.error("tidied"); });'`;
        expect(await run(`${setUp} | head -1`)).toEqual({
            exitCode: 141,
            stdout: "line\n",
            stderr: "tidied\n",
        });
    });
});
