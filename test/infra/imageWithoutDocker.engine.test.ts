import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { preparePulumiHome } from "../../local/engine/pulumiHome";
import { engineFolder } from "../support/projectCopy";

// The genuine docker provider refuses to be configured while no engine answers, whatever it is asked next (pulumi-docker,
// provider.go: Configure). This one does too, and is asked by the genuine engine.
const project = join(__dirname, "../..");
/** Below the project, so that program and provider find their packages. */
let folder: string;
beforeAll(async () => {
    mkdirSync(join(project, ".local"), { recursive: true });
    folder = mkdtempSync(join(project, ".local/without docker "));
    preparePulumiHome(join(folder, "home"), project);
    const plugin = "home/plugins/resource-docker-v5.2.0/pulumi-resource-docker";
    writeFileSync(join(folder, plugin), provider, { mode: 0o755 });
    for (const each of ["state", "context"]) mkdirSync(join(folder, each));
    writeFileSync(join(folder, "context/Dockerfile"), "FROM scratch\n");
    writeFileSync(join(folder, "package.json"), `{ "name": "program", "main": "index.js" }`);
    writeFileSync(
        join(folder, "Pulumi.yaml"),
        "name: image\nruntime: { name: nodejs, options: { typescript: false } }\n",
    );
    writeFileSync(join(folder, "index.js"), program);
    expect(await pulumi(["stack", "init"])).toMatchObject({ exitCode: 0 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const program = `
    require("tsx/cjs");
    const { ClassifierImage } = require("${project}/infra/classifierImage.ts");
    new ClassifierImage("classifier-image", {
        context: "context",
        model: { title: "A model", version: "1", description: "" },
        platform: "linux/arm64",
        registry: { loginServer: "registry.invalid", push: { username: "me", password: "secret" } },
    });`;

const provider = `#!/usr/bin/env node
    const fromProject = require("node:module").createRequire("${project}/package.json");
    fromProject("tsx/cjs");
    const { servePlugin } = fromProject("./provider-protocol/plugin.ts");
    const address = process.argv.slice(2).findLast((argument) => !argument.startsWith("-"));
    servePlugin("5.2.0", address, () => ({
        configure() {
            if (process.env.DOCKER_IS_DOWN) throw new Error("failed to connect to any docker daemon");
        },
        check: async (resource, olds, news) => ({ inputs: news, failures: [] }),
        diff: async () => ({ changes: new Map(), replaces: [], deleteBeforeReplace: false }),
        create: async (resource, inputs) => ({ id: "image", properties: { ...inputs, repoDigest: "image@sha256:1" } }),
        read: async (resource, id, inputs, properties) => ({ inputs, properties }),
        update: async (resource, id, news) => news,
        delete: async () => {},
    }));
`;

async function pulumi(args: string[], isDockerDown = false): Promise<{ exitCode: number; said: string }> {
    const child = spawn("pulumi", [...args, "--stack", "one", "--non-interactive"], {
        cwd: folder,
        env: {
            ...process.env,
            PATH: `${engineFolder()}/bin:${process.env.PATH}`,
            PULUMI_HOME: join(folder, "home"),
            PULUMI_BACKEND_URL: `file://${folder}/state`,
            PULUMI_CONFIG_PASSPHRASE: "test",
            PULUMI_SKIP_UPDATE_CHECK: "true",
            PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
            DOCKER_IS_DOWN: isDockerDown ? "yes" : "",
        },
        stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = new Promise<number>((resolve) => child.once("close", (code) => resolve(code ?? -1)));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { exitCode: await ended, said: stdout + stderr };
}

test("preview, refresh and update need a Docker engine, destroy of what was made needs none", async () => {
    const now = ["--yes", "--skip-preview"];
    expect(await pulumi(["up", ...now])).toMatchObject({ exitCode: 0 });
    for (const command of [["preview"], ["refresh", ...now], ["up", ...now]]) {
        const { exitCode, said } = await pulumi(command, true);
        expect(said).toContain("failed to connect to any docker daemon");
        expect(exitCode).not.toBe(0);
    }
    const { exitCode, said } = await pulumi(["destroy", ...now], true);
    expect(said).toMatch(/docker:index:Image classifier-image/);
    expect(exitCode).toBe(0);
});
