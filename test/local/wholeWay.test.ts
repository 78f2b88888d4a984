import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { LocalStatus } from "../../local/status";
import { identify } from "../../setup/processIdentity";
import { askHub } from "../support/hubCall";
import { inLocalEnvironment, knownSecrets, leaks } from "../support/knownSecrets";
import { changesOf, type PreviewDocument } from "../support/previewDocument";
import { copyProject, document, type ProjectCopy } from "../support/projectCopy";

// One stack, taken through its life by the genuine engine; each test goes on where the one before ended.
let project: ProjectCopy;
let url: string;

interface Update {
    changes: Record<string, number>;
    outputs: { hubHostName: string; deviceId: string; image: string; classifierUrl: string };
}

beforeAll(async () => {
    project = await copyProject();
});
afterAll(() => project?.remove());

const modelFile = (name: string) => join(project.folder, "classifier/model", name);

async function up(): Promise<Update> {
    return document(await project.edge("local", "up", "--json"));
}

async function status(): Promise<LocalStatus> {
    return document(await project.edge("local", "status", "--json"));
}

/** The process of the module; throws while there is none, since killing process 0 would kill this test. */
async function modulePid(): Promise<number> {
    const found = (await status()).processes.find(({ name }) => name.endsWith("ImageClassifier"));
    if (!found) throw new Error("The module has no process.");
    return found.pid;
}

async function previewed(): Promise<PreviewDocument> {
    return document(await project.edge("local", "preview", "--json"));
}

async function previewedChanges(): Promise<string[]> {
    return changesOf(await previewed());
}

async function classify(sample: string): Promise<{ tagName: string; probability: number }[]> {
    const body = readFileSync(join(project.folder, "samples", sample));
    const response = await fetch(`${url}/image`, { method: "POST", body });
    const answer = (await response.json()) as { predictions: { tagName: string; probability: number }[] };
    return answer.predictions.toSorted((a, b) => b.probability - a.probability);
}

async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
    for (let tries = 0; tries < 150; tries++) {
        const found = await look().catch(() => undefined);
        if (found !== undefined) return found;
        await sleep(200);
    }
    throw new Error("What was waited for did not come within 30 s.");
}

test("up creates everything, and the module that the device pulled answers", async () => {
    const { changes, outputs } = await up();
    expect(changes).toEqual({ create: 18 });
    url = outputs.classifierUrl;
    expect((await classify("spotted-banana.png"))[0]?.tagName).toBe("ripe");
    expect((await classify("clean-banana.png"))[0]?.tagName).toBe("unripe");
    const [device] = (await status()).devices;
    expect(device).toMatchObject({
        deviceId: "edge-device",
        connected: true,
        modules: [{ name: "ImageClassifier", image: outputs.image, status: "running", url }],
    });
});

test("every resource keeps its URN: one that is renamed or moved needs an alias, or it is replaced for everybody", () => {
    const golden = readFileSync(join(__dirname, "urns.golden.txt"), "utf8");
    const urns = resourcesOf(stateFile())
        .map(({ urn }) => urn.replace("urn:pulumi:local::edge-classifier::", ""))
        .filter((urn) => !urn.startsWith("pulumi:"));
    expect(`${urns.sort().join("\n")}\n`).toBe(golden);
});

test("a preview without a change shows none, also after an edit outside the classifier", async () => {
    writeFileSync(join(project.folder, "README.md"), "another text\n");
    expect(await previewedChanges()).toEqual([]);
    expect((await up()).changes).toEqual({ same: 18 });
});

test("plain pulumi works in the environment that local env prints", async () => {
    const { exitCode, stdout } = await project.shell(
        'eval "$(node --require tsx/cjs cli/edge.ts local env)" && pulumi preview -s local --expect-no-changes --non-interactive',
        { ...process.env, AZURE_TENANT_ID: "somewhere-else", PULUMI_STACK: "production" },
    );
    expect(stdout).toMatch(/18 unchanged/);
    expect(exitCode).toBe(0);
});

test("nothing that should be secret is in clear in state, previews, logs or process arguments", async () => {
    const secrets = await knownSecrets(project);
    expect(secrets.length).toBeGreaterThanOrEqual(10);
    expect(await leaks(project, secrets)).toEqual({});
});

test("no key of the hub is in the state, not even encrypted, and no code of the program", async () => {
    const exported = await project.shell(inLocalEnvironment("pulumi stack export -s local --show-secrets"));
    const keys = (await knownSecrets(project)).filter(({ what }) => /^arm-secrets,.*IotHubs/i.test(what));
    expect(keys.length).toBeGreaterThanOrEqual(2);
    expect(keys.filter(({ value }) => exported.stdout.includes(value)).map(({ what }) => what)).toEqual([]);
    expect(exported.stdout).toContain("iotedge:index:Device");
    expect(exported.stdout).not.toMatch(/__provider|pulumi-nodejs/);
});

test("the device restarts the module from what it pulled, with the sources gone", async () => {
    const before = await modulePid();
    renameSync(join(project.folder, "classifier"), join(project.folder, "elsewhere"));
    process.kill(before, "SIGKILL");
    const after = await eventually(async () => {
        const pid = await modulePid();
        return pid === before ? undefined : pid;
    });
    await eventually(async () => (await classify("spotted-banana.png"))[0]?.tagName);
    expect(after).not.toBe(before);
    expect((await status()).devices[0]?.modules[0]?.restarts).toBe(1);
    renameSync(join(project.folder, "elsewhere"), join(project.folder, "classifier"));
});

test("another service is exactly another image, deployment and check", async () => {
    const source = join(project.folder, "classifier/src/predictions.ts");
    const before = readFileSync(source, "utf8");
    writeFileSync(source, `${before}\n/** Of another service. */\nexport const another = true;\n`);
    await project.compile();
    expect(await previewedChanges()).toEqual(["check", "classifier-image", "deployment"]);
    writeFileSync(source, before);
    await project.compile();
    expect(await previewedChanges()).toEqual([]);
});

test("another model is exactly another image, deployment and check, and other answers", async () => {
    const image = (await status()).devices[0]?.modules[0]?.image;
    // The samples beside the model would tell, rightly, that these labels are the wrong way round.
    rmSync(modelFile("samples"), { recursive: true, force: true });
    writeFileSync(modelFile("labels.txt"), "unripe\nripe\n");
    const yaml = readFileSync(modelFile("model.yaml"), "utf8");
    writeFileSync(
        modelFile("model.yaml"),
        yaml.replace(/labels:(\s+)- ripe(\s+)- unripe/, "labels:$1- unripe$2- ripe"),
    );
    const preview = await previewed();
    expect(changesOf(preview)).toEqual(["check", "classifier-image", "deployment"]);
    // A reviewer sees all of the manifest but the password, and that the image is not known yet.
    const { newState } = preview.steps.find(({ urn }) => urn.endsWith("::deployment")) ?? {};
    expect(newState?.inputs.manifest.modulesContent.$edgeAgent["properties.desired"]).toMatchObject({
        modules: { ImageClassifier: { settings: { image: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" } } },
        runtime: { settings: { registryCredentials: { registry: { password: "[secret]" } } } },
        systemModules: { edgeAgent: { settings: { image: "mcr.microsoft.com/azureiotedge-agent:1.6.8" } } },
    });
    // ... and which lines of it change: the image's, and no other.
    const { detailedDiff } = preview.steps.find(({ urn }) => urn.endsWith("::deployment")) ?? {};
    expect(Object.keys(detailedDiff ?? {})).toEqual([
        'manifest.modulesContent.$edgeAgent["properties.desired"].modules.ImageClassifier.settings.image',
    ]);
    const { outputs } = await up();
    expect((await classify("spotted-banana.png"))[0]?.tagName).toBe("unripe");
    expect(outputs.image).not.toBe(image);
    expect((await status()).devices[0]?.modules[0]?.image).toBe(outputs.image);
});

test("a local Azure that was killed is started again by the next command, modules and all", async () => {
    const { processes } = await status();
    const orphan = await modulePid();
    for (const { pid } of processes.filter(({ name }) => name === "local Azure"))
        process.kill(pid, "SIGKILL");
    expect((await up()).changes).toEqual({ same: 18 });
    await eventually(async () => (await classify("spotted-banana.png"))[0]?.tagName);
    expect(identify(orphan)).toBeUndefined();
});

test("a device that was deleted elsewhere is seen by refresh and created again", async () => {
    const { outputs } = await up();
    const hubId = resourcesOf(stateFile()).find(({ type }) => type.endsWith(":IotHubResource"))?.id ?? "";
    await askHub(project, hubId, { method: "DELETE", path: "/devices/edge-device", ifMatch: "*" });
    const refreshed = await project.shell(
        inLocalEnvironment("pulumi refresh -s local --yes --skip-preview --non-interactive"),
    );
    expect(refreshed.stdout).toMatch(/2 deleted/);
    expect(await previewedChanges()).toEqual(["deployment", "device"]);
    expect((await up()).changes).toMatchObject({ create: 2 });
    expect(outputs.deviceId).toBe("edge-device");
    await eventually(async () => (await classify("spotted-banana.png"))[0]?.tagName);
});

test("destroy leaves no resource, no device and no module; stop leaves no process", async () => {
    const { processes } = await status();
    document(await project.edge("local", "destroy", "--json"));
    expect(resourcesOf(stateFile())).toEqual([]);
    expect(await status()).toMatchObject({
        hub: null,
        registry: null,
        devices: [],
        processes: [{ name: "local Azure" }],
    });
    document(await project.edge("local", "stop", "--json"));
    expect(processes.filter(({ pid }) => identify(pid) !== undefined)).toEqual([]);
    expect((await project.edge("local", "status")).exitCode).toBe(3);
});

function stateFile(): string {
    return join(project.folder, ".local/stacks/local/state/.pulumi/stacks/edge-classifier/local.json");
}

function resourcesOf(file: string): { urn: string; type: string; id?: string }[] {
    return JSON.parse(readFileSync(file, "utf8")).checkpoint.latest.resources ?? [];
}
