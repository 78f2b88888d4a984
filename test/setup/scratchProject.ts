import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const projectRoot = path.resolve(__dirname, "../..");

/** A small project of its own around the real `setup/`, with a PATH and a HOME that hold only what a test puts there. */
export interface ScratchProject {
    readonly root: string;
    readonly home: string;
    /** The only folder on PATH: node, tar, gzip and a fake npm at first. */
    readonly bin: string;
    readonly env: NodeJS.ProcessEnv;
    /** Runs `node setup/main.js <args>` to its end. */
    run(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Ended>;
    start(args: readonly string[], env?: NodeJS.ProcessEnv): ChildProcessWithoutNullStreams;
    /** Puts an executable Node script there; `file` may be absolute or the name of a tool on PATH. */
    tool(file: string, script: string): void;
    /** What the fake tools were called with so far, one line per call. */
    calls(): string[];
    write(file: string, content: string): void;
    read(file: string): string;
    remove(): void;
}

/** How a run ended. */
export interface Ended {
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
    readonly stdout: string;
    readonly stderr: string;
}

/**
 * `npm ci` makes a node_modules that links to the real one's compiler, or stands still half-way, with a child of its
 * own, in the folder FAKE_NPM_HANGS names; a real npm takes half a minute. `npm run build` takes the types away, or runs
 * the real compiler, which takes seconds, where REAL_COMPILER says so.
 */
const fakeNpm = `
const args = process.argv.slice(2);
const folder = path.basename(process.cwd());
log("npm", args.join(" "), "in", folder);
if (args[0] !== "ci") {
    const options = args.slice(args.indexOf("--") + 1);
    if (process.env.REAL_COMPILER) {
        const tsc = [process.env.REAL_MODULES + "/typescript/bin/tsc", ...options];
        process.exitCode = spawnSync(process.execPath, tsc, { cwd: "classifier", stdio: "inherit" }).status;
    } else {
        const { transformSync } = require(process.env.REAL_MODULES + "/esbuild");
        const out = options[options.indexOf("--outDir") + 1];
        for (const file of fs.readdirSync("classifier/src", { recursive: true })) {
            if (!file.endsWith(".ts") || file.includes("/.")) continue;
            const { code } = transformSync(fs.readFileSync("classifier/src/" + file, "utf8"), { loader: "ts", format: "cjs" });
            const target = path.join(out, file.replace(/ts$/, "js"));
            fs.mkdirSync(path.dirname(target), { recursive: true });
            fs.writeFileSync(target, code);
        }
    }
} else if (process.env.FAKE_NPM_HANGS === folder) {
    const untilRemoved = "setInterval(() => fs.existsSync(process.env.SCRATCH) || process.exit(), 200)";
    const child = spawn(process.execPath, ["-e", untilRemoved]);
    setInterval(() => fs.existsSync(process.env.SCRATCH) || process.exit(), 200);
    fs.mkdirSync("node_modules/half", { recursive: true });
    console.log("half-way", process.pid, child.pid);
    // Written aside and renamed, so that who waits for the file never reads half of it.
    fs.writeFileSync(process.env.SCRATCH + "/hanging.new", JSON.stringify([process.pid, child.pid]));
    fs.renameSync(process.env.SCRATCH + "/hanging.new", process.env.SCRATCH + "/hanging");
} else {
    fs.rmSync("node_modules", { recursive: true, force: true });
    fs.mkdirSync("node_modules/jest/bin", { recursive: true });
    fs.copyFileSync(process.env.SCRATCH + "/cli/edge.ts", "node_modules/jest/bin/jest.js");
    for (const name of ["typescript", "tsx", "@types"]) {
        fs.symlinkSync(process.env.REAL_MODULES + "/" + name, "node_modules/" + name);
    }
}
`;

/** The command that is set up for: says what it was given, and ends as EXIT_WITH says. */
const command = `
const wanted = ["EDGE_PULUMI", "EDGE_PULUMI_SOURCE", "EDGE_SETUP_MS", "INIT_CWD"];
const env = Object.fromEntries(wanted.map((name) => [name, process.env[name]]));
console.log(JSON.stringify({ args: process.argv.slice(2), cwd: process.cwd(), env }));
const end = process.env.EXIT_WITH || "0";
if (end === "wait") setInterval(() => {}, 1000);
else if (end.startsWith("SIG")) process.kill(process.pid, end);
else process.exitCode = Number(end);
`;

const toolHead = `#!${process.execPath}
const fs = require("node:fs");
const path = require("node:path");
const { spawn, spawnSync } = require("node:child_process");
const log = (...words) => fs.appendFileSync(process.env.SCRATCH + "/calls", words.join(" ") + "\\n");
`;

/** Makes a scratch project, fresh or as a copy of another one; the caller removes it. */
export function scratchProject(template?: ScratchProject): ScratchProject {
    const root = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), "edge-setup-"));
    const home = path.join(root, "home");
    const bin = path.join(root, "path", "bin");
    const env = {
        PATH: bin,
        HOME: home,
        SCRATCH: root,
        REAL_MODULES: path.join(projectRoot, "node_modules"),
        // A closed port: nothing is downloaded unless a test serves it.
        EDGE_PULUMI_MIRROR: "http://127.0.0.1:9",
    };
    const at = (file: string) => path.resolve(root, file);
    const write = (file: string, content: string) => {
        fs.mkdirSync(path.dirname(at(file)), { recursive: true });
        fs.writeFileSync(at(file), content);
    };
    const tool = (file: string, script: string) => {
        const target = path.resolve(bin, file);
        write(target, toolHead + script);
        fs.chmodSync(target, 0o755);
    };
    const children: ChildProcessWithoutNullStreams[] = [];
    const start = (args: readonly string[], more: NodeJS.ProcessEnv = {}) => {
        const options = { cwd: root, env: { ...env, ...more } };
        const child = spawn(process.execPath, [at("setup/main.js"), ...args], options);
        children.push(child);
        return child;
    };

    if (template) {
        fs.cpSync(template.root, root, { recursive: true, verbatimSymlinks: true });
    } else {
        fs.cpSync(path.join(projectRoot, "setup"), at("setup"), { recursive: true });
        fs.cpSync(path.join(projectRoot, "cli/commands.js"), at("cli/commands.js"));
        fs.cpSync(path.join(projectRoot, "local/engine/go.mod"), at("local/engine/go.mod"));
        fs.cpSync(path.join(projectRoot, "tsconfig.json"), at("tsconfig.json"));
        fs.cpSync(path.join(projectRoot, "classifier/tsconfig.json"), at("classifier/tsconfig.json"));
        for (const folder of [".", "classifier"]) {
            write(
                `${folder}/package.json`,
                JSON.stringify({ name: "scratch", dependencies: {}, scripts: {} }),
            );
            write(`${folder}/package-lock.json`, JSON.stringify({ lockfileVersion: 3, packages: {} }));
        }
        write("classifier/src/main.ts", "export const greet = (name: string): string => name;\n");
        write("classifier/src/deep/er.ts", "export const deeper = 1;\n");
        write("cli/edge.ts", command);
        fs.mkdirSync(bin, { recursive: true });
        fs.mkdirSync(home);
        fs.symlinkSync(process.execPath, path.join(bin, "node"));
        for (const name of ["tar", "gzip"]) fs.symlinkSync(which(name), path.join(bin, name));
        tool("npm", fakeNpm);
    }

    return {
        root,
        home,
        bin,
        env,
        tool,
        write,
        start,
        run: (args, more) => ended(start(args, more)),
        calls: () =>
            fs.existsSync(at("calls")) ? fs.readFileSync(at("calls"), "utf8").trim().split("\n") : [],
        read: (file) => fs.readFileSync(at(file), "utf8"),
        remove: () => {
            // A failed test may leave some running; the fake tools end by themselves once the project is gone.
            for (const child of children) child.kill("SIGKILL");
            fs.rmSync(root, { recursive: true, force: true });
        },
    };
}

/** Waits for the end of a run and gathers what it wrote. */
export function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (data) => (stdout += data));
    child.stderr.on("data", (data) => (stderr += data));
    return new Promise((resolve) =>
        child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr })),
    );
}

/** Waits until a run has written `text` to its standard output or error. */
export function wrote(child: ChildProcessWithoutNullStreams, text: string): Promise<void> {
    return new Promise((resolve, reject) => {
        let seen = "";
        const look = (data: Buffer) => {
            seen += data;
            if (seen.includes(text)) resolve();
        };
        child.stdout.on("data", look);
        child.stderr.on("data", look);
        child.once("close", () => reject(new Error(`ended without writing "${text}"; it wrote: ${seen}`)));
    });
}

function which(name: string): string {
    return execFileSync("/bin/sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();
}
