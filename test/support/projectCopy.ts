import { type ChildProcess, execFile, spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const project = join(__dirname, "../..");

/** What a clone has, and what the set-up compiles. */
const parts = [
    ...[
        "infra",
        "provider-protocol",
        "edge-vm",
        "classifier",
        "local",
        "cli",
        "setup",
        "samples",
        "training",
        "docs",
    ],
    ...[
        "Pulumi.yaml",
        "Pulumi.dev.yaml",
        "package.json",
        "package-lock.json",
        "tsconfig.json",
        ".npmrc",
        "README.md",
    ],
];

/** The end of a command: how it went and what it printed. */
export interface Finished {
    readonly exitCode: number;
    readonly stdout: string;
    readonly stderr: string;
}

/** A copy of the project with the dependencies of this one, so that a test may change, break and remove things. */
export interface ProjectCopy {
    readonly folder: string;
    /** Runs `edge` there. */
    edge(...args: string[]): Promise<Finished>;
    /** Begins `edge` there, for a test that does something meanwhile. */
    startEdge(...args: string[]): ChildProcess;
    /** Compiles what is older than its source, as the set-up does. */
    compile(): Promise<void>;
    /** Runs a command line there, in `env` where that is given. */
    shell(commandLine: string, env?: NodeJS.ProcessEnv): Promise<Finished>;
    /** Stops the local stack, gives back its ports and removes the folder. */
    remove(): Promise<void>;
}

/** The engine that `npm test` found; a bare test runner has none. */
export function engineFolder(): string {
    const folder = process.env.EDGE_PULUMI;
    if (folder) return folder;
    throw new Error(
        "Expected EDGE_PULUMI to name the folder of the Pulumi engine, found none. Run the tests with: npm test",
    );
}

/** Compiles the project in the current folder, without touching the dependencies. */
const compile = `require(${JSON.stringify(join(__dirname, "compile"))})({ rootDir: process.cwd() })`;

/** Copies the project into a temporary folder, whose name begins with `name`. */
export async function copyProject(name = "edge classifier "): Promise<ProjectCopy> {
    const folder = mkdtempSync(join(tmpdir(), name));
    for (const part of parts) {
        if (!existsSync(join(project, part))) continue;
        cpSync(join(project, part), join(folder, part), {
            recursive: true,
            filter: (source) => !source.endsWith("node_modules"),
        });
    }
    symlinkSync(join(project, "node_modules"), join(folder, "node_modules"));
    symlinkSync(join(project, "classifier/node_modules"), join(folder, "classifier/node_modules"));
    const env = { ...process.env, EDGE_PULUMI: engineFolder() };
    const edgeArgs = ["--require", "tsx/cjs", "cli/edge.ts"];

    const run = async (file: string, args: string[], environment: NodeJS.ProcessEnv): Promise<Finished> => {
        const options = { cwd: folder, env: environment, maxBuffer: 64 * 1024 * 1024 };
        try {
            return { exitCode: 0, ...(await promisify(execFile)(file, args, options)) };
        } catch (error) {
            const {
                code,
                stdout = "",
                stderr = "",
            } = error as { code?: unknown; stdout?: string; stderr?: string };
            if (typeof code !== "number") throw error;
            return { exitCode: code, stdout, stderr };
        }
    };
    const compilePackages = async () => {
        const compiled = await run(process.execPath, ["-e", compile], env);
        if (compiled.exitCode !== 0) throw new Error(`The copy cannot be compiled:\n${compiled.stderr}`);
    };
    await compilePackages();
    return {
        folder,
        compile: compilePackages,
        edge: (...args) => run(process.execPath, [...edgeArgs, ...args], env),
        startEdge: (...args) =>
            spawn(process.execPath, [...edgeArgs, ...args], { cwd: folder, env, stdio: "ignore" }),
        shell: (commandLine, environment = env) =>
            run("bash", ["-euo", "pipefail", "-c", commandLine], environment),
        remove: async () => {
            await run(process.execPath, [...edgeArgs, "local", "reset"], env);
            rmSync(folder, { recursive: true, force: true });
        },
    };
}

/** Parses the one JSON document of a command that succeeded; shows what it printed where it did not. */
export function document<T>(finished: Finished): T {
    if (finished.exitCode !== 0)
        throw new Error(`Exit code ${finished.exitCode}:\n${finished.stderr}\n${finished.stdout}`);
    return JSON.parse(finished.stdout) as T;
}
