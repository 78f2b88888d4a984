import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { identify } from "../../setup/processIdentity";
import { inLocalEnvironment, type KnownSecret, knownSecrets, leaks } from "../support/knownSecrets";
import { changesOf } from "../support/previewDocument";
import { document } from "../support/projectCopy";
import { type LocalStack, localStack } from "./localStack";

// One stack, taken through its life by the genuine engine; each test goes on where the one before ended. What goes
// wrong on its way is in recovery.long.test.ts.
let stack: LocalStack;
/** What the preview for people printed. */
let shown: string;
beforeAll(async () => {
    stack = await localStack();
});
afterAll(() => stack?.project.remove());

const nameOf = ({ urn }: { urn: string }) => urn.replace("urn:pulumi:local::edge-classifier::", "");

test("the first run creates everything, and the module that the device pulled answers", async () => {
    const ran = document<{ device: string; image: string; url: string; predictions: { tagName: string }[] }>(
        await stack.project.edge("first-run", "--json"),
    );
    expect(ran.predictions.map(({ tagName }) => tagName)).toEqual(["ripe", "unripe"]);
    const [device] = (await stack.status()).devices;
    expect(device).toMatchObject({
        deviceId: ran.device,
        connected: true,
        modules: [{ name: "ImageClassifier", image: ran.image, status: "running", url: ran.url }],
    });
});

test("every resource keeps its URN: one that is renamed or moved needs an alias, or it is replaced for everybody", () => {
    const golden = readFileSync(join(__dirname, "urns.golden.txt"), "utf8");
    const urns = stack
        .resources()
        .map(nameOf)
        .filter((urn) => !urn.startsWith("pulumi:"));
    expect(`${urns.sort().join("\n")}\n`).toBe(golden);
});

test("plain pulumi sees no change in the environment that local env prints, whatever the shell had before", async () => {
    const { exitCode, stdout, stderr } = await stack.project.shell(
        inLocalEnvironment("pulumi preview -s local --diff --expect-no-changes --non-interactive"),
        { ...process.env, AZURE_TENANT_ID: "somewhere-else", PULUMI_STACK: "production" },
    );
    shown = stdout + stderr;
    expect(stdout).toMatch(/18 unchanged/);
    expect(exitCode).toBe(0);
});

describe("of everything that should be secret", () => {
    let secrets: KnownSecret[];
    beforeAll(async () => {
        secrets = await knownSecrets(stack.project);
    });

    test("nothing is in clear in state, previews, logs or process arguments", async () => {
        expect(secrets.length).toBeGreaterThanOrEqual(10);
        expect(await leaks(stack.project, secrets, "local", shown)).toEqual({});
    });

    test("no key of the hub is in the state, not even encrypted, and no code of the program", async () => {
        const exported = await stack.project.shell(
            inLocalEnvironment("pulumi stack export -s local --show-secrets"),
        );
        const keys = secrets.filter(({ what }) => /^arm-secrets,.*IotHubs/i.test(what));
        expect(keys.length).toBeGreaterThanOrEqual(2);
        expect(keys.filter(({ value }) => exported.stdout.includes(value)).map(({ what }) => what)).toEqual(
            [],
        );
        expect(exported.stdout).toContain("iotedge:index:Device");
        expect(exported.stdout).not.toMatch(/__provider|pulumi-nodejs/);
    });
});

test("another model is exactly another image, deployment and check, and other answers", async () => {
    const image = (await stack.status()).devices[0]?.modules[0]?.image;
    // The samples beside the model would tell, rightly, that these labels are the wrong way round.
    rmSync(stack.modelFile("samples"), { recursive: true, force: true });
    writeFileSync(stack.modelFile("labels.txt"), "unripe\nripe\n");
    const yaml = readFileSync(stack.modelFile("model.yaml"), "utf8");
    writeFileSync(
        stack.modelFile("model.yaml"),
        yaml.replace("labels: [ripe, unripe]", "labels: [unripe, ripe]"),
    );
    const preview = await stack.previewed();
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
    const { outputs } = await stack.up();
    expect(await stack.classify("spotted-banana.png")).toBe("unripe");
    expect(outputs.image).not.toBe(image);
    expect((await stack.status()).devices[0]?.modules[0]?.image).toBe(outputs.image);
});

test("destroy leaves no resource, no device and no module; stop leaves no process", async () => {
    const { processes } = await stack.status();
    document(await stack.project.edge("local", "destroy", "--json"));
    expect(stack.resources()).toEqual([]);
    expect(await stack.status()).toMatchObject({
        hub: null,
        registry: null,
        devices: [],
        processes: [{ name: "local Azure" }],
    });
    document(await stack.project.edge("local", "stop", "--json"));
    expect(processes.filter(({ pid }) => identify(pid) !== undefined)).toEqual([]);
    expect((await stack.project.edge("local", "status")).exitCode).toBe(3);
});
