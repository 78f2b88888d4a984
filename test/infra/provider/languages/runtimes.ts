import { execFile, spawnSync } from "node:child_process";
import {
    copyFileSync,
    existsSync,
    mkdirSync,
    readFileSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder } from "../../../../setup/engineCache";
import { goTool } from "../../../../setup/goTool";
import { waitForLock } from "../../../../setup/lock";
import { createProgress } from "../../../../setup/progress";
import { sourcesHash } from "../../../../setup/sourcesHash";
import { projectFolder } from "../../../support/localAzure";
import type { Workplace } from "./workplace";

const run = promisify(execFile);

/** A language that programs are written in, as `docs/provider/NAME` has one. */
export interface Language {
    readonly name: "typescript" | "yaml" | "python" | "go";
    /** Makes what runs the program in `workplace` ready, and answers the command that runs it. */
    prepare(workplace: Workplace): Promise<Operate>;
}

/** The command line for one operation on a stack. */
export type Operate = (
    operation: "preview" | "up" | "destroy",
    stack: string,
) => [file: string, ...args: string[]];

/** The engine's own command line, for languages whose host the engine starts. */
const byEngine: Operate = (operation, stack) => {
    const options = operation === "preview" ? ["--diff"] : ["--yes", "--skip-preview"];
    return ["pulumi", operation, "--stack", stack, "--non-interactive", ...options];
};

const context = {
    root: projectFolder,
    env: process.env,
    progress: createProgress(process.stderr, process.env),
    signal: new AbortController().signal,
};

/** Why a language cannot be tried here: the generator of the SDKs and YAML's host are written in Go. */
export function missingFor({ name }: Language): string | undefined {
    const runs = (file: string, ...args: string[]) => spawnSync(file, args).status === 0;
    if (!runs("go", "version")) return "no Go on PATH";
    if (name !== "python" || runs("python3", "-c", "import venv, ensurepip")) return undefined;
    return "no python3 with the modules venv and ensurepip on PATH";
}

/** By our own language host. Types are checked once, before. */
export const typescript: Language = {
    name: "typescript",
    async prepare({ folderOf, sdk }) {
        const packages = join(folderOf("typescript"), "node_modules");
        mkdirSync(join(packages, "@pulumi"), { recursive: true });
        symlinkSync(join(sdk, "nodejs"), join(packages, "@pulumi/iotedge"));
        for (const name of ["@pulumi/pulumi", "@types", "typescript"])
            symlinkSync(join(projectFolder, "node_modules", name), join(packages, name));
        const compiler = join(projectFolder, "node_modules/typescript/bin/tsc");
        const options = ["--noEmit", "--strict", "--module", "nodenext", "--types", "node", "--skipLibCheck"];
        await run(process.execPath, [compiler, ...options, "index.ts"], { cwd: folderOf("typescript") });
        return byEngine;
    },
};

/** By its genuine host, which no npm or PyPI package brings: a Go tool that only this test uses. */
export const yaml: Language = {
    name: "yaml",
    async prepare({ pulumiHome }) {
        const name = "pulumi-language-yaml";
        const folder = "test/infra/provider/languages/yamlHost";
        const host = await goTool(context, { folder, name, takes: "about 80 s, once" });
        const { version } = /pulumi-yaml v(?<version>\S+)/.exec(goMod(folder))?.groups ?? {};
        const plugin = join(pulumiHome, "plugins", `language-yaml-v${version}`);
        mkdirSync(plugin, { recursive: true });
        copyFileSync(host, join(plugin, name));
        return byEngine;
    },
};

/** By an inline program of its Automation API: Python's host is no Go module that could be had. */
export const python: Language = {
    name: "python",
    async prepare({ folderOf, sdk }) {
        const driver = join(__dirname, "pythonProgram/automation.py");
        copyFileSync(driver, join(folderOf("python"), "automation.py"));
        const environment = await virtualEnvironment();
        const interpreter = join(environment, "bin/python");
        const packages = join(folderOf("python"), "packages");
        const alone = ["--no-deps", "--no-build-isolation", "--target", packages];
        await run(interpreter, ["-m", "pip", "install", ...quiet, ...alone, join(sdk, "python")]);
        return (operation, stack) => [interpreter, "automation.py", stack, operation];
    },
};

/** By an inline program of its Automation API, compiled as the engine was: Go has most of it in its build cache. */
export const go: Language = {
    name: "go",
    async prepare({ folderOf }) {
        const folder = folderOf("go");
        for (const file of ["automation.go", "go.mod", "go.sum"])
            copyFileSync(join(__dirname, "goProgram", file), join(folder, file));
        const program = readFileSync(join(folder, "main.go"), "utf8");
        writeFileSync(join(folder, "main.go"), program.replace("func main() {", "func runByEngine() {"));
        const flags = ["-trimpath", "-buildvcs=false", "-tags", "osusergo,grpcnotrace", "-ldflags", "-s -w"];
        const env = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly", GOTOOLCHAIN: "local" };
        await run("go", ["build", ...flags, "-o", "program", "."], { cwd: folder, env });
        return (operation, stack) => [join(folder, "program"), stack, operation];
    },
};

function goMod(folder: string): string {
    return readFileSync(join(projectFolder, folder, "go.mod"), "utf8");
}

const quiet = ["--quiet", "--disable-pip-version-check"];

/** Pulumi's SDK for Python, kept in the cache folder. An interrupted installation leaves no mark and is repeated. */
async function virtualEnvironment(): Promise<string> {
    const sources = join(__dirname, "pythonProgram");
    const parent = join(cacheFolder(process.env), "python");
    const folder = join(parent, sourcesHash(sources, ["requirements.txt"]).slice(0, 16));
    const mark = join(folder, ".complete");
    const release = await waitForLock(join(parent, ".lock"), { signal: context.signal, onWait: () => {} });
    try {
        if (existsSync(mark)) return folder;
        rmSync(folder, { recursive: true, force: true });
        await run("python3", ["-m", "venv", folder]);
        await run(join(folder, "bin/pip"), ["install", ...quiet, "-r", join(sources, "requirements.txt")]);
        writeFileSync(mark, "");
        return folder;
    } finally {
        release();
    }
}
