import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { commands } from "../../cli/commands";
import { describeUnless } from "../support/describeUnless";
import { closeTo, permissionsUntestable, plainUser } from "../support/otherUser";

const root = path.resolve(__dirname, "../..");
const rooms = [
    "classifier",
    "cli",
    "edge-vm",
    "infra",
    "local",
    "provider-protocol",
    "samples",
    "setup",
    "training",
];

/** The commands that have sub-commands of their own, with how those are called. */
const within: Record<string, string[]> = {
    creds: ["creds show hub", "creds show device"],
    device: ["device install-script"],
    manifest: ["manifest render", "manifest validate CLOSED/file", "manifest diff CLOSED/file"],
    model: ["model import samples", "model import CLOSED/file", "model train CLOSED", "model train samples"],
    init: ["init --region westeurope --hub-sku F1 --device edge-device --check"],
};

describeUnless(permissionsUntestable)(
    "in a project that another user has made, and a PATH that is partly closed",
    () => {
        let project: string;
        beforeAll(() => {
            project = fs.mkdtempSync(path.join(os.tmpdir(), "system-errors-"));
            fs.chmodSync(project, 0o755);
            for (const room of rooms) {
                const source = path.join(root, room);
                fs.cpSync(source, path.join(project, room), {
                    recursive: true,
                    filter: (file) => path.basename(file) !== "node_modules",
                });
            }
            for (const file of [
                "package.json",
                "package-lock.json",
                "tsconfig.json",
                "Pulumi.yaml",
                "Pulumi.dev.yaml",
            ]) {
                fs.copyFileSync(path.join(root, file), path.join(project, file));
            }
            for (const modules of ["node_modules", "classifier/node_modules"]) {
                fs.symlinkSync(path.join(root, modules), path.join(project, modules));
            }
            fs.mkdirSync(path.join(project, ".local/stacks/local/azure"), { recursive: true });
            fs.mkdirSync(path.join(project, "closed"));
            fs.writeFileSync(path.join(project, "closed/file"), "{}");
            for (const folder of ["closed", ".local/stacks/local"])
                closeTo(path.join(project, folder), 0o000);
            for (const folder of [".local/stacks", ".local", "classifier", "."])
                closeTo(path.join(project, folder), 0o555);
        });
        afterAll(() => {
            for (const folder of [
                ".",
                "classifier",
                ".local",
                ".local/stacks",
                ".local/stacks/local",
                "closed",
            ]) {
                fs.chmodSync(path.join(project, folder), 0o755);
            }
            fs.rmSync(project, { recursive: true });
        });

        async function run(...args: string[]) {
            const env = {
                ...process.env,
                HOME: path.join(project, "closed"),
                XDG_CACHE_HOME: path.join(project, "closed"),
                PATH: `${project}/closed:${process.env.PATH}`,
                EDGE_PULUMI: path.join(project, "closed"),
                INIT_CWD: project,
            };
            const child = spawn(process.execPath, args, {
                cwd: project,
                env,
                stdio: ["ignore", "pipe", "pipe"],
                ...plainUser,
            });
            const [stdout, stderr, [exitCode]] = await Promise.all([
                text(child.stdout),
                text(child.stderr),
                once(child, "close"),
            ]);
            return { exitCode, stdout, stderr };
        }

        const lines = Object.keys(commands)
            .filter((name) => !Object.keys(commands).some((other) => other.startsWith(`${name} `)))
            .flatMap((name) => within[name] ?? [name]);

        test.each(lines.flatMap((line) => [line, `${line} --json`]))(
            "edge %s answers, or says in a sentence why not",
            async (line) => {
                const words = line.replace("CLOSED", path.join(project, "closed")).split(" ");
                const { exitCode, stdout, stderr } = await run(
                    "--require",
                    "tsx/cjs",
                    "cli/edge.ts",
                    ...words,
                );
                expect([0, 1, 2, 3, 4]).toContain(exitCode);
                expect(stdout + stderr).not.toMatch(/\bE(ACCES|PERM|ISDIR|NOTDIR|NOENT|ROFS)\b|^\s+at /m);
                if (line.endsWith("--json") && stdout) JSON.parse(stdout);
                if (exitCode !== 0 && exitCode !== 4 && !line.startsWith("doctor"))
                    expect(stderr).toMatch(/^(Expected|error:) .+/m);
            },
        );

        test("the classifier says that it may not open its model's folder", async () => {
            const { exitCode, stderr } = await run(
                "classifier/dist/checkModel.js",
                path.join(project, "closed"),
            );
            expect([exitCode, stderr]).toEqual([
                1,
                expect.stringContaining("found one that this user may not open."),
            ]);
        });

        test.each(["", "edge local status", "edge doctor --json", "local", "test"])(
            "node setup/main.js %s says in a sentence why not",
            async (line) => {
                const { exitCode, stdout, stderr } = await run(
                    "setup/main.js",
                    ...line.split(" ").filter(Boolean),
                );
                expect([exitCode, stdout]).toEqual([1, ""]);
                expect(stderr).toMatch(/^Expected to be allowed to use \S+, found that .* may not.*\n$/);
            },
        );
    },
);
