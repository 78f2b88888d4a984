import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import type { Properties } from "../arm/resourceType";
import { propertyDiff } from "./propertyDiff";
import { isObject, type Log, type Provider, type ResourceName } from "./provider";

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
 * on deletion the stored `delete` command; a changed trigger replaces. Nothing runs in a preview.
 */
export function command(log: Log): Provider {
    return {
        async check(resource, _olds, news) {
            requireCommand(resource);
            const failures = Object.keys(news)
                .filter((property) => !knownInputs.includes(property))
                .map((property) => ({
                    property,
                    reason: `the local Azure's Command knows no property '${property}'`,
                }));
            return { inputs: news, failures };
        },

        async diff(_resource, oldInputs, news) {
            const changes = propertyDiff(oldInputs, news);
            const replaces = [...changes.keys()].filter((path) => /^triggers(\[|$)/.test(path));
            return { changes, replaces, deleteBeforeReplace: false };
        },

        async create(resource, inputs, preview) {
            if (preview) return { id: "", properties: inputs };
            const output = await run(resource, inputs.create, inputs, {}, log);
            return { id: `create${randomBytes(8).toString("hex")}`, properties: { ...inputs, ...output } };
        },

        async read(_resource, _id, inputs, state) {
            return { inputs, properties: state };
        },

        async update(resource, _id, news, state, preview) {
            if (preview) return news;
            const output = await run(resource, news.update ?? news.create, news, state, log);
            return { ...news, ...output };
        },

        async delete(resource, _id, state) {
            if (state.delete !== undefined) await run(resource, state.delete, state, state, log);
        },

        async invoke(token) {
            throw new Error(`Expected no function of the command provider, found ${token}.`);
        },
    };
}

function requireCommand(resource: ResourceName): void {
    if (resource.type === "command:local:Command") return;
    throw new Error(
        `Expected command:local:Command, the only command type that the local Azure knows, found ${resource.type}.`,
    );
}

function run(
    resource: ResourceName,
    script: unknown,
    inputs: Properties,
    previous: Properties,
    log: Log,
): Promise<{ stdout: string; stderr: string }> {
    if (script === undefined) return Promise.resolve({ stdout: "", stderr: "" });
    const [program = "/bin/sh", ...args] = (inputs.interpreter as string[] | undefined) ?? ["/bin/sh", "-c"];
    const logging = inputs.logging ?? "stdoutAndStderr";
    const child = spawn(program, [...args, String(script)], {
        cwd: inputs.dir === undefined ? undefined : String(inputs.dir),
        env: { ...process.env, ...previousOutput(inputs, previous), ...environment(inputs) },
        stdio: ["pipe", "pipe", "pipe"],
    });
    // A command that does not read its input closes it early, which is no fault of the command.
    child.stdin.on("error", () => {});
    child.stdin.end(inputs.stdin === undefined ? undefined : String(inputs.stdin));
    const lines = { stdout: [] as string[], stderr: [] as string[] };
    for (const stream of ["stdout", "stderr"] as const) {
        createInterface({ input: child[stream] }).on("line", (line) => {
            lines[stream].push(line);
            if (logging === stream || logging === "stdoutAndStderr") log(resource, line);
        });
    }
    return new Promise((resolve, reject) => {
        child.on("error", reject);
        child.on("close", (code, signal) => {
            const output = { stdout: lines.stdout.join("\n"), stderr: lines.stderr.join("\n") };
            if (code === 0) resolve(output);
            else {
                const status = signal ? `signal: ${signal}` : `exit status ${code}`;
                reject(
                    new Error(
                        `${status}: running ${JSON.stringify(script)}:\n${output.stderr || output.stdout}`,
                    ),
                );
            }
        });
    });
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
