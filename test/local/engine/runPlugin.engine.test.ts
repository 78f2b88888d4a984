import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { credentials } from "@grpc/grpc-js";
import { LanguageRuntimeClient } from "@pulumi/pulumi/proto/language_grpc_pb";
import { ProgramInfo, RunPluginRequest, type RunPluginResponse } from "@pulumi/pulumi/proto/language_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { preparePulumiHome } from "../../../local/engine/pulumiHome";
import { identify } from "../../../setup/processIdentity";
import { engineFolder } from "../../support/projectCopy";
import { until, within } from "../../support/waiting";

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
const provider = `
    const { main } = require("@pulumi/pulumi/provider");
    const compiler = ".ts" in require.extensions;
    const told = JSON.stringify({
        pid: process.pid, cwd: process.cwd(), said: process.env.SAID, args: process.argv.length, compiler });
    main({
        version: "0.0.1",
        schema: JSON.stringify({ name: "tiny", version: "0.0.1", resources: { "tiny:index:Told": {} } }),
        async create() { return { id: "one", outs: { told } }; },
    }, process.argv.slice(2));`;

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

async function finished(child: ChildProcess): Promise<{ exitCode: number | null; said: string }> {
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data) => (said += String(data)));
    const [exitCode] = await within("the end of the command", once(child, "close"));
    return { exitCode, said };
}

async function up(cwd: string, stack: string, variables?: NodeJS.ProcessEnv) {
    const made = await finished(pulumi(cwd, ["stack", "init", stack]));
    if (made.exitCode !== 0) throw new Error(made.said);
    return await finished(pulumi(cwd, ["up", "--yes", "--skip-preview", "--stack", stack], variables));
}

async function told(cwd: string, stack: string): Promise<Record<string, unknown>> {
    const { said } = await finished(pulumi(cwd, ["stack", "output", "told", "--stack", stack]));
    return JSON.parse(said) as Record<string, unknown>;
}

test("the engine runs a provider that is a folder of JavaScript, without a compiler", async () => {
    const cwd = writeProject("plain", { runtime: plain, file: "index.js", text: provider });
    expect(await up(cwd, "plain", { SAID: "hello world=1" })).toMatchObject({ exitCode: 0 });
    const { pid, ...rest } = await told(cwd, "plain");
    expect(rest).toEqual({ cwd, said: "hello world=1", args: 3, compiler: false });
    expect(identify(Number(pid))).toBeUndefined();
});

test("no provider outlives an engine that is killed", async () => {
    const text = provider.replace(
        "main({",
        `require("node:fs").writeFileSync("pid", String(process.pid)); main({`,
    );
    const cwd = writeProject("killed", { runtime: plain, file: "index.js", text });
    await finished(pulumi(cwd, ["stack", "init", "killed"]));
    const engine = pulumi(cwd, ["up", "--yes", "--skip-preview", "--stack", "killed"], { SLOW: "600000" });
    const pidFile = join(cwd, "pid");
    const pid = await until("the provider", () => Number(readIfThere(pidFile)));
    expect(identify(pid)).toBeDefined();
    engine.kill("SIGKILL");
    await until("its end", () => identify(pid) === undefined);
});

function readIfThere(file: string): string {
    try {
        return readFileSync(file, "utf8");
    } catch {
        return "";
    }
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
        const lines = createInterface({ input: host.stdout });
        const [port] = await within("the host's port", once(lines, "line"));
        client = new LanguageRuntimeClient(`127.0.0.1:${port}`, credentials.createInsecure());
    });
    afterAll(() => {
        client?.close();
        host?.kill("SIGKILL");
    });

    function run(name: string, text: string, kind: string, file = "index.js") {
        write(`${name}/package.json`, `{ "name": "${name}", "main": "${file}" }`);
        write(`${name}/${file}`, text);
        const info = new ProgramInfo();
        info.setProgramDirectory(join(folder, name)).setEntryPoint(".");
        // Without the compiler, which takes seconds to load.
        if (file.endsWith(".js")) info.setOptions(Struct.fromJavaScript({ typescript: false }));
        const request = new RunPluginRequest().setInfo(info).setKind(kind).setPwd(project);
        request.setArgsList(["127.0.0.1:1"]).setEnvList([`PATH=${process.env.PATH}`, "SAID=a=b"]);
        return client.runPlugin(request);
    }

    async function ended(call: AsyncIterable<RunPluginResponse>) {
        const said = { stdout: "", stderr: "", exitCode: 0 };
        for await (const answer of call) {
            said.stdout += Buffer.from(answer.getStdout_asU8()).toString();
            said.stderr += Buffer.from(answer.getStderr_asU8()).toString();
            said.exitCode = answer.getExitcode() || said.exitCode;
        }
        return said;
    }

    test("runs a plugin of TypeScript with its arguments, in the folder of whoever asks", async () => {
        const plugin = `
            declare const require: any, process: any;
            const told: string = JSON.stringify({ cwd: process.cwd(), args: process.argv.slice(-1) });
            console.log(told as any);
            process.exit(0);`;
        const { stdout, exitCode } = await ended(run("typed", plugin, "resource", "index.ts"));
        expect([JSON.parse(stdout), exitCode]).toEqual([{ cwd: project, args: ["127.0.0.1:1"] }, 0]);
    });

    test("passes on why a plugin cannot start, and its exit code", async () => {
        const plugin = 'console.error("the plugin cannot start"); process.exit(7);';
        expect(await ended(run("failing", plugin, "resource"))).toEqual({
            stdout: "",
            stderr: "the plugin cannot start\n",
            exitCode: 7,
        });
    });

    test("runs a policy pack in its own folder, and passes on both its streams and its exit code", async () => {
        const pack = `
            console.log(JSON.stringify({ cwd: process.cwd(), said: process.env.SAID }));
            console.error("on the other stream");
            process.exitCode = 3;`;
        const said = await ended(run("pack", pack, "analyzer"));
        expect(said).toMatchObject({ stderr: "on the other stream\n", exitCode: 3 });
        expect(JSON.parse(said.stdout)).toEqual({ cwd: join(folder, "pack"), said: "a=b" });
    });

    test("ends a plugin whose call is cancelled", async () => {
        const call = run("endless", "console.log(process.pid); setInterval(() => {}, 1000);", "resource");
        call.on("error", () => {});
        const [answer] = (await within("its first line", once(call, "data"))) as [RunPluginResponse];
        const pid = Number(Buffer.from(answer.getStdout_asU8()).toString());
        expect(identify(pid)).toBeDefined();
        call.cancel();
        await until("its end", () => identify(pid) === undefined);
    });
});
