import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { propertyDiff } from "../../provider-protocol/propertyDiff";
import {
    isObject,
    type Log,
    type Provider,
    type ResourceName,
    requireType,
    unknownInputs,
} from "../../provider-protocol/provider";
import type { Properties } from "../arm/resourceType";

const knownInputs = [
    "addPreviousOutputInEnv",
    "create",
    "delete",
    "dir",
    "environment",
    "interpreter",
    "logging",
    "stdin",
    "triggers",
    "update",
];

/**
 * Stands in for `command:local:Command` 1.2.1: runs on create, on an update the `update` command or `create` again,
 * on deletion the stored `delete` command; a changed trigger replaces. Nothing runs in a preview. Commands see the
 * variables in `env`, which is the environment of the engine.
 */
export function command(log: Log, env: NodeJS.ProcessEnv): Provider {
    async function run(resource: ResourceName, script: unknown, inputs: Properties, previous: Properties) {
        if (script === undefined) return { stdout: "", stderr: "" };
        const logging = inputs.logging ?? "stdoutAndStderr";
        const variables = { ...env, ...previousOutput(inputs, previous), ...environment(inputs) };
        return runScript(String(script), inputs, variables, (stream, line) => {
            if (logging === stream || logging === "stdoutAndStderr") log(resource, line);
        });
    }

    return {
        async check(resource, _olds, news) {
            requireType(resource, "command:local:Command");
            const failures = unknownInputs(Object.keys(news), knownInputs, "the local Azure's Command");
            return { inputs: news, failures };
        },

        async diff(_resource, oldInputs, news) {
            const changes = propertyDiff(oldInputs, news);
            const replaces = [...changes.keys()].filter((path) => /^triggers(\[|$)/.test(path));
            return { changes, replaces, deleteBeforeReplace: false };
        },

        async create(resource, inputs, preview) {
            if (preview) return { id: "", properties: inputs };
            const output = await run(resource, inputs.create, inputs, {});
            return { id: `create${randomBytes(8).toString("hex")}`, properties: { ...inputs, ...output } };
        },

        async read(_resource, _id, inputs, state) {
            return { inputs, properties: state };
        },

        async update(resource, _id, news, state, preview) {
            if (preview) return news;
            return { ...news, ...(await run(resource, news.update ?? news.create, news, state)) };
        },

        async delete(resource, _id, state) {
            await run(resource, state.delete, state, state);
        },
    };
}

/** Runs a script with the interpreter, folder and standard input of the resource; fails with its own words. */
async function runScript(
    script: string,
    inputs: Properties,
    env: NodeJS.ProcessEnv,
    onLine: (stream: "stdout" | "stderr", line: string) => void,
): Promise<{ stdout: string; stderr: string }> {
    const [program = "/bin/sh", ...args] = (inputs.interpreter as string[] | undefined) ?? ["/bin/sh", "-c"];
    const cwd = inputs.dir === undefined ? undefined : String(inputs.dir);
    const child = spawn(program, [...args, script], { cwd, env, stdio: ["pipe", "pipe", "pipe"] });
    // A command that does not read its input closes it early, which is no fault of the command.
    child.stdin.on("error", () => {});
    child.stdin.end(inputs.stdin === undefined ? undefined : String(inputs.stdin));
    const lines = { stdout: [] as string[], stderr: [] as string[] };
    for (const stream of ["stdout", "stderr"] as const) {
        createInterface({ input: child[stream] }).on("line", (line) => {
            lines[stream].push(line);
            onLine(stream, line);
        });
    }
    const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
    const output = { stdout: lines.stdout.join("\n"), stderr: lines.stderr.join("\n") };
    if (code === 0) return output;
    const status = signal ? `signal: ${signal}` : `exit status ${code}`;
    throw new Error(`${status}: running ${JSON.stringify(script)}:\n${output.stderr || output.stdout}`);
}

function environment(inputs: Properties): Record<string, string> {
    if (!isObject(inputs.environment)) return {};
    return Object.fromEntries(
        Object.entries(inputs.environment).map(([name, value]) => [name, String(value)]),
    );
}

function previousOutput(inputs: Properties, previous: Properties): Record<string, string> {
    if (inputs.addPreviousOutputInEnv === false || previous.stdout === undefined) return {};
    return {
        PULUMI_COMMAND_STDOUT: String(previous.stdout),
        PULUMI_COMMAND_STDERR: String(previous.stderr ?? ""),
    };
}
