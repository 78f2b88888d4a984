import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPlugin, type TestPlugin, urnOf } from "../../support/plugin";

const urn = urnOf("command:local:Command", "check");

let plugin: TestPlugin;
let folder: string;

beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "command-"));
    plugin = await startPlugin("command", "1.2.1", folder);
});
afterAll(async () => {
    await plugin?.stop();
    rmSync(folder, { recursive: true });
});

describe("the command stand-in", () => {
    test("runs the command with its environment and keeps what it printed", async () => {
        const inputs = { create: 'echo "to $NAME"; echo aside >&2', environment: { NAME: "you" } };
        const { id, properties } = await plugin.create(urn, inputs);
        expect(id).not.toBe("");
        expect(properties).toEqual({ ...inputs, stdout: "to you", stderr: "aside" });
    });

    test("runs nothing in a preview", async () => {
        const file = join(folder, "previewed");
        const { id } = await plugin.create(urn, { create: `touch ${file}` }, true);
        expect(id).toBe("");
        expect(existsSync(file)).toBe(false);
    });

    test("fails with the command's own words", async () => {
        await expect(plugin.create(urn, { create: "echo 'no device' >&2; exit 3" })).rejects.toThrow(
            /exit status 3: running .*\nno device/,
        );
    });

    test("replaces for a changed trigger and updates for anything else", async () => {
        const olds = { create: "true", triggers: ["a", "b"] };
        expect(await plugin.diff(urn, olds, { create: "true", triggers: ["a", "c"] })).toMatchObject({
            changes: ["triggers[1]"],
            replaces: ["triggers[1]"],
        });
        expect(await plugin.diff(urn, olds, { ...olds, create: "false" })).toMatchObject({
            changes: ["create"],
            replaces: [],
        });
    });

    test("runs create again for an update without a command of its own, with the previous output at hand", async () => {
        const inputs = { create: 'echo "before: $PULUMI_COMMAND_STDOUT"' };
        const properties = await plugin.update(urn, "id", { ...inputs, stdout: "first" }, inputs);
        expect(properties.stdout).toBe("before: first");
        const without = { ...inputs, addPreviousOutputInEnv: false };
        expect((await plugin.update(urn, "id", { ...without, stdout: "first" }, without)).stdout).toBe(
            "before: ",
        );
    });

    test("deletes with the command that was stored", async () => {
        const file = join(folder, "deleted");
        await plugin.delete(urn, "id", { create: "true", delete: `echo gone > ${file}` });
        expect(readFileSync(file, "utf8")).toBe("gone\n");
    });

    test("refuses an input that it does not know", async () => {
        const { failures } = await plugin.check(urn, { create: "true", archivePaths: ["*"] });
        expect(failures).toEqual(["the local Azure's Command knows no property 'archivePaths'"]);
    });
});
