import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { identify } from "../../setup/processIdentity";
import { askHub } from "../support/hubCall";
import { inLocalEnvironment } from "../support/knownSecrets";
import { until } from "../support/waiting";
import { type LocalStack, localStack } from "./localStack";

// One stack that lives on through what happens to it; each test goes on where the one before ended.
let stack: LocalStack;
beforeAll(async () => {
    stack = await localStack();
    expect((await stack.up()).changes).toEqual({ create: 18 });
});
afterAll(() => stack?.project.remove());

const inProject = (path: string) => join(stack.project.folder, path);
/** The label of a ripe banana, as soon as the module answers. */
const answer = () =>
    until("the module to answer", () => stack.classify("spotted-banana.png").catch(() => undefined));

test("an edit outside the classifier changes nothing", async () => {
    writeFileSync(inProject("README.md"), "another text\n");
    expect(await stack.previewedChanges()).toEqual([]);
    expect((await stack.up()).changes).toEqual({ same: 18 });
});

test("another service is exactly another image, deployment and check", async () => {
    const source = inProject("classifier/src/predictions.ts");
    const before = readFileSync(source, "utf8");
    writeFileSync(source, `${before}\n/** Of another service. */\nexport const another = true;\n`);
    await stack.project.compile();
    expect(await stack.previewedChanges()).toEqual(["check", "classifier-image", "deployment"]);
    writeFileSync(source, before);
    await stack.project.compile();
    expect(await stack.previewedChanges()).toEqual([]);
});

test("the device restarts the module from what it pulled, with the sources gone", async () => {
    const before = await stack.modulePid();
    renameSync(inProject("classifier"), inProject("elsewhere"));
    process.kill(before, "SIGKILL");
    const after = await until("another process of the module", async () => {
        const pid = await stack.modulePid().catch(() => before);
        return pid !== before && pid;
    });
    expect(await answer()).toBe("ripe");
    expect(after).not.toBe(before);
    expect((await stack.status()).devices[0]?.modules[0]?.restarts).toBe(1);
    renameSync(inProject("elsewhere"), inProject("classifier"));
});

test("a local Azure that was killed is started again by the next command, modules and all", async () => {
    const { processes } = await stack.status();
    const orphan = await stack.modulePid();
    for (const { pid } of processes.filter(({ name }) => name === "local Azure"))
        process.kill(pid, "SIGKILL");
    expect((await stack.up()).changes).toEqual({ same: 18 });
    expect(await answer()).toBe("ripe");
    expect(identify(orphan)).toBeUndefined();
});

test("a device that was deleted elsewhere is seen by refresh and created again", async () => {
    const { outputs } = await stack.up();
    const hubId = stack.resources().find(({ type }) => type.endsWith(":IotHubResource"))?.id ?? "";
    await askHub(stack.project, hubId, { method: "DELETE", path: "/devices/edge-device", ifMatch: "*" });
    const refreshed = await stack.project.shell(
        inLocalEnvironment("pulumi refresh -s local --yes --skip-preview --non-interactive"),
    );
    expect(refreshed.stdout).toMatch(/2 deleted/);
    expect(await stack.previewedChanges()).toEqual(["deployment", "device"]);
    expect((await stack.up()).changes).toMatchObject({ create: 2 });
    expect(outputs.deviceId).toBe("edge-device");
    expect(await answer()).toBe("ripe");
});
