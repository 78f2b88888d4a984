import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { preparePulumiHome } from "../../../local/engine/pulumiHome";

const projectFolder = join(__dirname, "../../..");
const home = mkdtempSync(join(tmpdir(), "pulumi-home-"));
preparePulumiHome(home, projectFolder);

/** Every plugin of the private home, by the path of its executable, and the one that is found where it lies. */
const plugins = [
    ...readdirSync(join(home, "plugins")).map((name) => {
        const [file = ""] = readdirSync(join(home, "plugins", name));
        return [name.replace(/-v[\d.]+$/, ""), join(home, "plugins", name, file)];
    }),
    ["resource-iotedge", join(projectFolder, "infra/provider/pulumi-resource-iotedge")],
];

test("all kinds of plugin are there", () => {
    expect(plugins.map(([name]) => name).sort()).toEqual([
        "language-nodejs",
        "resource-azure-native",
        "resource-docker",
        "resource-iotedge",
    ]);
});

test.each(plugins)("%s ends when its engine has died before it had even begun", async (_, file = "") => {
    const plugin = spawn(file, ["127.0.0.1:1"], {
        cwd: projectFolder,
        stdio: ["pipe", "ignore", "ignore"],
        env: { ...process.env, EDGE_LOCAL_AZURE: join(home, "azure") },
    });
    const exit = new Promise((resolve) => plugin.once("exit", (code, signal) => resolve(code ?? signal)));
    plugin.stdin.destroy();
    expect(await exit).toBe(1);
});

test.each(plugins)("%s lives on while its engine does", async (_, file = "") => {
    const plugin = spawn(file, ["127.0.0.1:1"], {
        cwd: projectFolder,
        stdio: ["pipe", "pipe", "inherit"],
        env: { ...process.env, EDGE_LOCAL_AZURE: join(home, "azure") },
    });
    const port = await new Promise((resolve) => plugin.stdout.once("data", (data) => resolve(String(data))));
    expect(port).toMatch(/^\d+\n$/);
    plugin.kill("SIGKILL");
});
