import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { credentials } from "@grpc/grpc-js";
import { LanguageRuntimeClient } from "@pulumi/pulumi/proto/language_grpc_pb";
import { ProgramInfo, RunPluginRequest, type RunPluginResponse } from "@pulumi/pulumi/proto/language_pb";
import { preparePulumiHome } from "../../../local/engine/pulumiHome";
import { identify } from "../../../setup/processIdentity";
import { engineFolder } from "../../support/projectCopy";

const project = join(__dirname, "../../..");
/** Below the project, so that programs and plugins find the SDK. */
let folder: string;
let env: NodeJS.ProcessEnv;

beforeAll(() => {
    mkdirSync(join(project, ".local"), { recursive: true });
    folder = mkdtempSync(join(project, ".local/run plugin "));
    preparePulumiHome(join(folder, "home"), project);
    mkdirSync(join(folder, "state"));
    env = {
        ...process.env,
        PATH: `${engineFolder()}/bin:${process.env.PATH}`,
        PULUMI_HOME: join(folder, "home"),
        PULUMI_BACKEND_URL: `file://${folder}/state`,
        PULUMI_CONFIG_PASSPHRASE: "test",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(file: string, text: string): void {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
}

/** A provider of one resource, which tells how it was run. */
const provider = (types: { any?: string; typed?: string } = {}) => `
    const { main } = require("@pulumi/pulumi/provider");
    const compiler = ".ts" in require.extensions;
    const told${types.typed ?? ""} = JSON.stringify({
        pid: process.pid, cwd: process.cwd(), said: process.env.SAID, args: process.argv.length, compiler });
    if (process.env.SAID === "fail") { console.error("the plugin cannot start"); process.exit(7); }
    main({
        version: "0.0.1",
        schema: JSON.stringify({ name: "tiny", version: "0.0.1", resources: { "tiny:index:Told": {} } }),
        async create() { return { id: "one", outs: { told } }; },
    }${types.any ?? ""}, process.argv.slice(2));`;

const program = `
    const pulumi = require("@pulumi/pulumi");
    class Told extends pulumi.CustomResource {
        constructor(name) { super("tiny:index:Told", name, { told: undefined }); }
    }
    exports.told = new Told("one").told;
    exports.slow = pulumi.output(new Promise((resolve) => setTimeout(resolve, Number(process.env.SLOW ?? 0))));`;

const plain = "runtime: { name: nodejs, options: { typescript: false } }\n";

function writeProject(name: string, plugin: { runtime: string; file: string; text: string }): string {
    const local = "plugins: { providers: [{ name: tiny, path: ./tiny }] }\n";
    write(`${name}/Pulumi.yaml`, `name: runs-plugin\n${plain}${local}`);
    write(`${name}/package.json`, `{ "name": "program", "main": "index.js" }`);
    write(`${name}/index.js`, program);
    write(`${name}/tiny/PulumiPlugin.yaml`, plugin.runtime);
    write(`${name}/tiny/package.json`, `{ "name": "tiny", "main": "${plugin.file}" }`);
    write(`${name}/tiny/${plugin.file}`, plugin.text);
    return join(folder, name);
}

function pulumi(cwd: string, args: string[], variables: NodeJS.ProcessEnv = {}): ChildProcess {
    return spawn("pulumi", [...args, "--non-interactive"], {
        cwd,
        env: { ...env, ...variables },
        stdio: ["ignore", "pipe", "pipe"],
    });
}

async function ended(child: ChildProcess): Promise<{ exitCode: number | null; said: string }> {
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data) => (said += String(data)));
    const [exitCode] = await once(child, "close");
    return { exitCode, said };
}

async function up(cwd: string, stack: string, variables?: NodeJS.ProcessEnv) {
    const made = await ended(pulumi(cwd, ["stack", "init", stack]));
    if (made.exitCode !== 0) throw new Error(made.said);
    return await ended(pulumi(cwd, ["up", "--yes", "--skip-preview", "--stack", stack], variables));
}

async function told(cwd: string, stack: string): Promise<Record<string, unknown>> {
    const { said } = await ended(pulumi(cwd, ["stack", "output", "told", "--stack", stack]));
    return JSON.parse(said) as Record<string, unknown>;
}

/** The file ends in .ts and holds what only a compiler takes. */
const inTypeScript = { typed: ": string", any: " as any" };

test("the engine runs a provider that is a folder of JavaScript, without a compiler", async () => {
    const cwd = writeProject("plain", { runtime: plain, file: "index.js", text: provider() });
    expect(await up(cwd, "plain", { SAID: "hello world=1" })).toMatchObject({ exitCode: 0 });
    const { pid, ...rest } = await told(cwd, "plain");
    expect(rest).toEqual({ cwd, said: "hello world=1", args: 3, compiler: false });
    expect(identify(Number(pid))).toBeUndefined();
});

test("the engine runs a provider that is a folder of TypeScript", async () => {
    const text = `declare const require: any, process: any;\n${provider(inTypeScript)}`;
    const cwd = writeProject("typed", { runtime: "runtime: nodejs\n", file: "index.ts", text });
    expect(await up(cwd, "typed", { SAID: "typed" })).toMatchObject({ exitCode: 0 });
    expect(await told(cwd, "typed")).toMatchObject({ cwd, said: "typed", compiler: true });
});

test("a provider that cannot start fails the update with what it said", async () => {
    const cwd = writeProject("failing", { runtime: plain, file: "index.js", text: provider() });
    const { exitCode, said } = await up(cwd, "failing", { SAID: "fail" });
    expect(exitCode).not.toBe(0);
    expect(said).toContain("the plugin cannot start");
});

test("no provider outlives an engine that is killed", async () => {
    const text = provider().replace(
        "main({",
        `require("node:fs").writeFileSync("pid", String(process.pid)); main({`,
    );
    const cwd = writeProject("killed", { runtime: plain, file: "index.js", text });
    await ended(pulumi(cwd, ["stack", "init", "killed"]));
    const engine = pulumi(cwd, ["up", "--yes", "--skip-preview", "--stack", "killed"], { SLOW: "600000" });
    const pidFile = join(cwd, "pid");
    const pid = await until(() => Number(readIfThere(pidFile)) || undefined);
    expect(identify(pid)).toBeDefined();
    engine.kill("SIGKILL");
    await until(() => identify(pid) === undefined || undefined);
});

function readIfThere(file: string): string {
    try {
        return readFileSync(file, "utf8");
    } catch {
        return "";
    }
}

/** Gives up, so that the runner can end when what is waited for never comes. */
async function until<T>(found: () => T | undefined): Promise<T> {
    for (let tries = 0; tries < 600; tries++) {
        const value = found();
        if (value !== undefined) return value;
        await sleep(50);
    }
    throw new Error("Expected this within 30 s, found that it never came.");
}

describe("asked as the engine asks it, the host", () => {
    let host: ChildProcess;
    let client: LanguageRuntimeClient;

    beforeAll(async () => {
        host = spawn(process.execPath, ["local/engine/languageHost.js", "127.0.0.1:1"], {
            cwd: project,
            stdio: ["pipe", "pipe", "inherit"],
        });
        if (!host.stdout) throw new Error("Expected a host with standard output.");
        const [port] = await once(createInterface({ input: host.stdout }), "line");
        client = new LanguageRuntimeClient(`127.0.0.1:${port}`, credentials.createInsecure());
    });
    afterAll(() => {
        client?.close();
        host?.kill("SIGKILL");
    });

    function run(name: string, text: string, kind: string) {
        write(`${name}/package.json`, `{ "name": "${name}", "main": "index.js" }`);
        write(`${name}/index.js`, text);
        const info = new ProgramInfo();
        info.setProgramDirectory(join(folder, name)).setEntryPoint(".");
        const request = new RunPluginRequest().setInfo(info).setKind(kind).setPwd(project);
        request.setArgsList(["127.0.0.1:1"]).setEnvList([`PATH=${process.env.PATH}`, "SAID=a=b"]);
        return client.runPlugin(request);
    }

    test("runs a policy pack in its own folder, and passes on both its streams and its exit code", async () => {
        const pack = `
            console.log(JSON.stringify({ cwd: process.cwd(), said: process.env.SAID }));
            console.error("on the other stream");
            process.exitCode = 3;`;
        const said = { stdout: "", stderr: "", exitCode: -1 };
        for await (const answer of run("pack", pack, "analyzer") as AsyncIterable<RunPluginResponse>) {
            said.stdout += Buffer.from(answer.getStdout_asU8()).toString();
            said.stderr += Buffer.from(answer.getStderr_asU8()).toString();
            said.exitCode = answer.getExitcode() || said.exitCode;
        }
        expect(said).toMatchObject({ stderr: "on the other stream\n", exitCode: 3 });
        expect(JSON.parse(said.stdout)).toEqual({ cwd: join(folder, "pack"), said: "a=b" });
    });

    test("ends a plugin whose call is cancelled", async () => {
        const call = run("endless", "console.log(process.pid); setInterval(() => {}, 1000);", "resource");
        call.on("error", () => {});
        const [answer] = (await once(call, "data")) as [RunPluginResponse];
        const pid = Number(Buffer.from(answer.getStdout_asU8()).toString());
        expect(identify(pid)).toBeDefined();
        call.cancel();
        await until(() => identify(pid) === undefined || undefined);
    });
});
