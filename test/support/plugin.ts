import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { folderVariable } from "../../local/endpoints";
import { projectFolder } from "./localAzure";
import { type PluginClient, pluginClient } from "./pluginClient";

/** A plugin as the engine starts and asks it: a process of its own. */
export interface TestPlugin extends Omit<PluginClient, "close"> {
    readonly process: ChildProcess;
    stop(): Promise<void>;
}

/** Where no engine listens; its lines are lost. */
const noEngine = "127.0.0.1:1";

/** A URN of the test's program. */
export function urnOf(type: string, name: string): string {
    return `urn:pulumi:test::edge-classifier::${type}::${name}`;
}

/** Starts the stand-in `name` as the engine does. `azureFolder` is the local Azure it works on. */
export function startPlugin(name: string, version: string, azureFolder: string): Promise<TestPlugin> {
    const script = `require("tsx/cjs"); require("./local/providers/main.ts").main("${name}", "${version}")`;
    const args = ["-e", script, "--", "node", "plugin", noEngine];
    return start(process.execPath, args, { ...process.env, [folderVariable]: azureFolder });
}

/** Starts the provider `iotedge` as the engine does, by its executable; without an address as one that is attached to. */
export function startProvider(env: NodeJS.ProcessEnv, engineAddress?: string): Promise<TestPlugin> {
    const executable = join(projectFolder, "infra/provider/pulumi-resource-iotedge");
    return start(executable, engineAddress === undefined ? [] : [engineAddress], env);
}

async function start(command: string, args: string[], env: NodeJS.ProcessEnv): Promise<TestPlugin> {
    const child = spawn(command, args, { cwd: projectFolder, env, stdio: ["pipe", "pipe", "inherit"] });
    const { close, ...client } = pluginClient(await firstLine(child));
    return {
        ...client,
        process: child,
        stop: async () => {
            close();
            child.kill("SIGTERM");
            await once(child, "exit");
        },
    };
}

async function firstLine(child: ChildProcess): Promise<string> {
    if (!child.stdout) throw new Error("Expected a plugin with standard output.");
    const [line] = await once(createInterface({ input: child.stdout }), "line");
    return String(line);
}
