import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { goTool } from "../../setup/goTool";
import { lockHolder } from "../../setup/lock";
import { identify } from "../../setup/processIdentity";
import { createProgress } from "../../setup/progress";

const script = `#!${process.execPath}
const fs = require("node:fs");
if (process.argv[2] === "env") {
    console.log(process.env.GO_VERSION);
} else {
    const { GOBIN, GOFLAGS, GOWORK, GOTOOLCHAIN, GOOS, GOARCH, CGO_ENABLED } = process.env;
    const wanted = { GOBIN, GOFLAGS, GOWORK, GOTOOLCHAIN, GOOS, GOARCH, CGO_ENABLED };
    fs.appendFileSync(process.env.CALLS, JSON.stringify({ args: process.argv.slice(2), cwd: process.cwd(), ...wanted }) + "\\n");
    fs.mkdirSync(GOBIN, { recursive: true });
    fs.writeFileSync(GOBIN + "/sdk", process.env.FAILS ? "half" : "a tool", { mode: 0o755 });
    if (process.env.FAILS) { console.error("no space left"); process.exit(1); }
}
`;

let root: string;
let said: string;
const at = (file: string) => path.join(root, file);
beforeEach(() => {
    root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "edge-go-")));
    for (const folder of ["bin", "generate/sdk", "cache"]) fs.mkdirSync(at(folder), { recursive: true });
    fs.writeFileSync(at("bin/go"), script, { mode: 0o755 });
    for (const file of ["go.mod", "go.sum", "main.go", "notes.md"])
        fs.writeFileSync(at(`generate/sdk/${file}`), file);
    said = "";
});
afterEach(() => fs.rmSync(root, { recursive: true }));

function made(env: NodeJS.ProcessEnv = {}, signal = new AbortController().signal): Promise<string> {
    const stream = { isTTY: false, write: (text: string) => (said += text) } as unknown as NodeJS.WriteStream;
    return goTool(
        {
            root,
            env: {
                PATH: at("bin"),
                XDG_CACHE_HOME: at("cache"),
                GO_VERSION: "go1.26.8",
                CALLS: at("calls"),
                GOOS: "plan9",
                ...env,
            },
            progress: createProgress(stream, {}),
            signal,
        },
        { folder: "generate/sdk", name: "sdk", takes: "about 20 s, once" },
    );
}
const calls = () =>
    fs.existsSync(at("calls")) ? fs.readFileSync(at("calls"), "utf8").trim().split("\n") : [];
const kept = () => fs.readdirSync(at("cache/edge-classifier/go-tools"));

describe("a Go tool of the project", () => {
    test("is built for this machine as its module declares it, and kept", async () => {
        const tool = await made();
        expect(fs.readFileSync(tool, "utf8")).toBe("a tool");
        const [call = ""] = calls();
        expect(JSON.parse(call)).toEqual({
            args: [
                "install",
                "-v",
                "-trimpath",
                "-buildvcs=false",
                "-tags",
                "osusergo,grpcnotrace",
                "-ldflags",
                "-s -w",
                "tool",
            ],
            cwd: at("generate/sdk"),
            GOBIN: at("cache/edge-classifier/go-tools/.partial-sdk"),
            GOFLAGS: "-mod=readonly",
            GOWORK: "off",
            GOTOOLCHAIN: "local",
            GOOS: "",
            GOARCH: "",
            CGO_ENABLED: "0",
        });
        expect(kept()).toEqual([path.basename(tool)]);
        expect(said).toMatch(
            /^… Go tool sdk +building from its Go module \(about 20 s, once\)\n✔ Go tool sdk /,
        );
    });

    test("is built once, and again only from another source", async () => {
        const first = await made();
        fs.writeFileSync(at("generate/sdk/notes.md"), "other notes");
        expect(await made({ GO_VERSION: "none is needed" })).toBe(first);
        expect(calls()).toHaveLength(1);
        for (const file of ["go.mod", "go.sum", "main.go"]) {
            fs.writeFileSync(at(`generate/sdk/${file}`), "another");
            expect(await made()).not.toBe(first);
        }
        expect(calls()).toHaveLength(4);
    });

    test.each([
        ["go1.25.9", "Go on PATH is go1.25.9, older than 1.26"],
        ["go0.99", "Go on PATH is go0.99, older than 1.26"],
        ["devel", "Go on PATH is devel, older than 1.26"],
    ])("is not built by %s", async (GO_VERSION, found) => {
        await expect(made({ GO_VERSION })).rejects.toThrow(
            `Expected Go to build sdk with, found ${found}: install Go 1.26 or newer (https://go.dev/dl).`,
        );
        expect(calls()).toEqual([]);
    });

    test.each(["go1.26", "go1.26.0", "go1.30.1", "go2.0"])("is built by %s", async (GO_VERSION) => {
        expect(fs.existsSync(await made({ GO_VERSION }))).toBe(true);
    });

    test("asks for Go where there is none", async () => {
        fs.rmSync(at("bin/go"));
        await expect(made()).rejects.toThrow("Expected Go to build sdk with, found no Go on PATH");
    });

    test("is nothing half where its build fails, and is built the next time", async () => {
        await expect(made({ FAILS: "1" })).rejects.toThrow(
            /"cd generate\/sdk && go install -v tool" failed.*no space left/s,
        );
        expect(kept()).toEqual([]);
        expect(said).toMatch(/✘ Go tool sdk/);
        expect(fs.readFileSync(await made(), "utf8")).toBe("a tool");
    });

    test("waits for another build of it, and takes what that has made", async () => {
        const name = path.basename(await made());
        const lock = at("cache/edge-classifier/go-tools/.sdk.lock");
        fs.rmSync(at(`cache/edge-classifier/go-tools/${name}`));
        fs.writeFileSync(lock, JSON.stringify(identify(process.pid)));
        said = "";
        // A step that is begun and not ended would keep the process for ever.
        const begun = jest.spyOn(globalThis, "setInterval");
        const waiting = made();
        while (!said.includes("Waiting")) await new Promise((resolve) => setImmediate(resolve));
        expect(said).toBe(`Waiting for another build of sdk to end (process ${process.pid}).\n`);
        fs.writeFileSync(at(`cache/edge-classifier/go-tools/${name}`), "theirs", { mode: 0o755 });
        fs.rmSync(lock);
        expect(fs.readFileSync(await waiting, "utf8")).toBe("theirs");
        expect(calls()).toHaveLength(1);
        expect(lockHolder(lock)).toBeUndefined();
        expect(kept()).toEqual([name]);
        expect(begun).not.toHaveBeenCalled();
        begun.mockRestore();
    });
});
