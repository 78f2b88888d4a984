import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stackFindings } from "../../../cli/doctor/stackFindings";
import { callArm } from "../../../infra/provider/azure/armClient";
import type { ArmRequest } from "../../../infra/provider/azure/armRequest";
import { publicCloud } from "../../../infra/provider/azure/azureCloud";
import type { AzureSettings } from "../../../infra/provider/azure/azureSettings";
import { type FakeEngine, startFakeEngine } from "../../local/docker/fakeEngine";
import { freePort } from "../../support/freePort";
import { project } from "../edge";
import { runCommand } from "../runCommand";

/** Opening and probing the model takes a second, and only one test is about that and about what is compiled. */
let isModelKnown = false;
jest.mock("../../../infra/assertCompiled", () => {
    const { assertCompiled } = jest.requireActual("../../../infra/assertCompiled");
    return { assertCompiled: () => isModelKnown || assertCompiled() };
});
jest.mock("../../../infra/checkedModel", () => {
    const { checkedModel } = jest.requireActual("../../../infra/checkedModel");
    return {
        checkedModel: (folder: string) =>
            isModelKnown ? { title: "A model", version: "1.0.0" } : checkedModel(folder),
    };
});

/** Signing in has tests of its own, in processes of their own; here somebody is signed in, or nobody. */
let isSignedIn = true;
const settingsSeen: AzureSettings[] = [];
jest.mock("../../../infra/provider/azure/azureAccount", () => ({
    azureAccount: (settings: AzureSettings) => {
        settingsSeen.push(settings);
        const { subscriptionId = subscription } = settings;
        return {
            identity: async () => {
                if (!isSignedIn) throw new Error("Expected somebody to be signed in, found nobody.");
                return { method: "the Azure CLI", subscriptionId, tenantId: "a-tenant", cloud: publicCloud };
            },
            callArm: (request: ArmRequest) =>
                callArm(publicCloud.resourceManager, async () => "t0ken", request),
        };
    },
}));

const home = process.cwd();
const path = process.env.PATH;
const before = { ...process.env };
let folder: string;
beforeEach(() => {
    for (const name of Object.keys(process.env)) if (/^(ARM|AZURE)_/.test(name)) delete process.env[name];
    folder = mkdtempSync(join(tmpdir(), "edge-doctor-"));
});
afterEach(() => {
    process.chdir(home);
    Object.assign(process.env, before);
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    jest.restoreAllMocks();
    rmSync(folder, { recursive: true });
});

/** Puts tools in front of the machine's own: each prints its text, and writes down how it was called. */
function withTools(tools: Record<string, string>): () => string[] {
    for (const [name, body] of Object.entries(tools)) {
        const log = `echo "${name} $* $PULUMI_SKIP_UPDATE_CHECK" >>"${folder}/asked"`;
        writeFileSync(join(folder, name), `#!/bin/sh\n${log}\n${body}\n`, { mode: 0o755 });
    }
    process.env.PATH = `${folder}:${path}`;
    return () => readFileSync(join(folder, "asked"), "utf8").trim().split("\n");
}

const subscription = "11111111-2222-3333-4444-555555555555";
const good = { npm: "echo 11.0.0", pulumi: "echo v3.259.0", docker: "exit 1" };

/** Answers as ARM does where everything is well; collects what was asked. */
function withArm(change: Record<string, unknown> = {}): { url: URL; authorization: string }[] {
    const asked: { url: URL; authorization: string }[] = [];
    const answers: Record<string, unknown> = {
        "-555555555555": { displayName: "Class", state: "Enabled" },
        "/locations": { value: [{ name: "westeurope" }, { name: "northeurope" }] },
        "/IotHubs": { value: [] },
        "/skus": {
            value: [
                {
                    resourceType: "virtualMachines",
                    name: "Standard_B2ls_v2",
                    family: "standardBsv2Family",
                    capabilities: [{ name: "vCPUs", value: "2" }],
                },
            ],
        },
        "/usages": { value: [] },
        ...change,
    };
    jest.spyOn(globalThis, "fetch").mockImplementation(async (address, init) => {
        const url = new URL(String(address));
        asked.push({ url, authorization: new Headers(init?.headers).get("authorization") ?? "" });
        const found = Object.entries(answers).find(([end]) => url.pathname.endsWith(end))?.[1];
        return new Response(JSON.stringify(found ?? { registrationState: "Registered" }));
    });
    return asked;
}

const states = (stdout: string) =>
    Object.fromEntries(
        JSON.parse(stdout).findings.map((finding: { name: string; state: string }) => [
            finding.name,
            finding.state,
        ]),
    );
const ofProject = ["project", "model"];

describe("edge doctor", () => {
    let engine: FakeEngine;
    const dockerHost = process.env.DOCKER_HOST;
    beforeAll(async () => {
        engine = await startFakeEngine();
    });
    beforeEach(() => {
        isModelKnown = true;
        process.env.DOCKER_HOST = engine.engine.host;
    });
    afterEach(() => {
        isSignedIn = true;
        isModelKnown = false;
        delete process.env.DOCKER_HOST;
        if (dockerHost !== undefined) process.env.DOCKER_HOST = dockerHost;
    });
    afterAll(() => engine.close());

    test("tells what is well with tools, stack and Azure in one document, and ends with 0", async () => {
        const called = withTools(good);
        const asked = withArm();
        const { exitCode, stdout } = await runCommand("doctor", "--json");
        expect(exitCode).toBe(0);
        expect(JSON.parse(stdout)).toMatchObject({ stack: "dev", for: "cloud" });
        expect(states(stdout)).toEqual(
            Object.fromEntries(
                [
                    ...["node", "npm", "pulumi", "docker", "project", "config", "model"],
                    ...["login", "subscription", "region"],
                    ...["Microsoft.Devices", "Microsoft.ContainerRegistry", "free hub"],
                ].map((name) => [name, "good"]),
            ),
        );
        expect(new Set(asked.map(({ authorization }) => authorization))).toEqual(new Set(["Bearer t0ken"]));
        expect(new Set(asked.map(({ url }) => url.origin))).toEqual(
            new Set(["https://management.azure.com"]),
        );
        expect(new Set(called())).toEqual(new Set(["npm --version true", "pulumi version true"]));
    });

    test("says each finding in a line with its fix below, counts what must be mended, and ends with 1", async () => {
        withTools({ ...good, npm: "exit 1" });
        process.env.DOCKER_HOST = "unix:///nowhere";
        withArm({
            "/locations": { value: [{ name: "eastus" }] },
            "/IotHubs": { value: [{ name: "mine", sku: { name: "F1" } }] },
        });
        const { exitCode, stdout, stderr } = await runCommand("doctor");
        expect(exitCode).toBe(1);
        expect(stderr).toBe("3 things must be mended before an update.\n");
        const lines = stdout.split("\n");
        const at = (name: string) => lines.findIndex((line) => line.slice(2).startsWith(`${name} `));
        expect(lines[at("pulumi")]).toBe(`✔ ${"pulumi".padEnd(28)} 3.259.0`);
        expect(lines[at("npm")]).toBe(`✖ ${"npm".padEnd(28)} not on the PATH`);
        expect(lines[at("npm") + 1]).toBe(`${"".padEnd(31)}Install it with Node from https://nodejs.org`);
        expect(lines[at("free hub")]).toMatch(/^! free hub +mine is the one free hub/);
        expect(lines[at("docker")]).toMatch(
            /^✖ docker +no engine answers at unix:\/\/\/nowhere, which DOCKER_HOST names$/,
        );
        expect(lines[at("region")]).toMatch(/^✖ region +westeurope is not among the 1 of the subscription$/);
    });

    test("does not ask Azure where nobody is signed in", async () => {
        withTools(good);
        isSignedIn = false;
        const asked = withArm();
        const { exitCode, stdout, stderr } = await runCommand("doctor", "--json");
        expect([exitCode, stderr]).toEqual([1, "1 thing must be mended before an update.\n"]);
        expect(JSON.parse(stdout).findings).toContainEqual({
            name: "login",
            state: "failed",
            found: "Expected somebody to be signed in, found nobody.",
            fix: "See docs/access.md",
        });
        expect(asked).toEqual([]);
    });

    test("looks with the account that the environment configures, and says whose it is", async () => {
        withTools(good);
        const asked = withArm();
        const another = "22222222-2222-3333-4444-555555555555";
        Object.assign(process.env, { ARM_SUBSCRIPTION_ID: another, ARM_USE_MSI: "true" });
        const { stdout } = await runCommand("doctor", "--json");
        expect(JSON.parse(stdout).findings).toContainEqual({
            name: "login",
            state: "good",
            found: `by the Azure CLI: subscription ${another}, tenant a-tenant, at https://management.azure.com`,
        });
        expect(settingsSeen.at(-1)).toMatchObject({ subscriptionId: another, useMsi: true });
        expect(asked.every(({ url }) => url.pathname.startsWith(`/subscriptions/${another}`))).toBe(true);
    });

    test("for a machine looks at its size and quota in the stack's region too, and wants it set", async () => {
        withTools(good);
        const asked = withArm();
        const { exitCode, stdout } = await runCommand("doctor", "--json", "--for", "edge-vm");
        expect(exitCode).toBe(1);
        expect(JSON.parse(stdout).findings).toContainEqual({
            name: "config",
            state: "failed",
            found: "edgeVm is false",
            fix: "Set it with: pulumi config set edgeVm true",
        });
        expect(states(stdout)).toMatchObject({ "machine size": "good", "Microsoft.Compute": "good" });
        expect(asked.map(({ url }) => url.pathname)).toContain(
            `/subscriptions/${subscription}/providers/Microsoft.Compute/locations/westeurope/usages`,
        );
    });

    test("for the local Azure is about the stack local, and asks for no account", async () => {
        withTools(good);
        isSignedIn = false;
        const { stdout } = await runCommand("doctor", "--json", "--for", "local");
        expect(JSON.parse(stdout)).toMatchObject({ stack: "local", for: "local" });
        const found = states(stdout);
        expect(Object.keys(found)).not.toContain("login");
        expect(Object.keys(found)).toContain("port");
    });

    test("knows only what an update may be for", async () => {
        const { exitCode, stderr } = await runCommand("doctor", "--for", "fun");
        expect([exitCode, stderr]).toEqual([2, expect.stringContaining("cloud, local, edge-vm")]);
    });
});

describe("what is found in a stack's configuration", () => {
    const findings = async (config: string | undefined, purpose: "cloud" | "local" | "edge-vm") => {
        if (config !== undefined) writeFileSync(join(folder, "Pulumi.s.yaml"), `config:\n${config}`);
        process.chdir(folder);
        const { findings: all, checked } = await stackFindings("s", purpose, {});
        return { checked, all, config: all.filter(({ name }) => name === "config") };
    };

    test.each([
        ["cloud", "failed", "Write it with: npm run edge -- init --stack s"],
        ["edge-vm", "failed", "Write it with: npm run edge -- init --stack s"],
        ["local", "warning", "Nothing to do: npm run local writes it"],
    ] as const)("without a file, for %s: %s", async (purpose, state, fix) => {
        const { config, checked } = await findings(undefined, purpose);
        expect(config).toEqual([{ name: "config", state, found: "Pulumi.s.yaml is not there", fix }]);
        expect(checked).toBeUndefined();
    });

    test("every problem is a finding with its fix, and the region is read", async () => {
        const { config, checked } = await findings(
            "  azure-native:location: northeurope\n  edge-classifier:hubSku: B1\n  edge-classifier:colour: red\n",
            "cloud",
        );
        expect(config).toEqual([
            expect.objectContaining({ state: "failed", fix: "Remove it with: pulumi config rm colour" }),
            expect.objectContaining({
                state: "failed",
                found: expect.stringContaining('found "B1"'),
                fix: "Set it with: pulumi config set hubSku VALUE",
            }),
        ]);
        expect(checked?.stackFile.azure.location).toBe("northeurope");
    });

    test("a machine's stack is complete for a machine", async () => {
        const { config } = await findings(
            "  edge-classifier:edgeVm: true\n  edge-classifier:sshPublicKey: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2u\n" +
                "  edge-classifier:check: none\n",
            "edge-vm",
        );
        expect(config).toEqual([{ name: "config", state: "good", found: "Pulumi.s.yaml is complete" }]);
    });

    test("what is not compiled, and a model that is not there, are named with the way out", async () => {
        const { all } = await findings(undefined, "cloud");
        expect(all.filter(({ name }) => ofProject.includes(name))).toEqual([
            expect.objectContaining({
                name: "project",
                state: "failed",
                fix: "Compile it with: npm run setup",
            }),
            expect.objectContaining({
                name: "model",
                state: "failed",
                fix: expect.stringContaining("model --help"),
            }),
        ]);
        process.chdir(project);
        const model = (await stackFindings("s", "cloud", {})).findings.find(({ name }) => name === "model");
        expect(model).toMatchObject({ state: "good", found: expect.stringMatching(/^\S.* \d/) });
    });

    test("a port of this machine that is in use is a warning for the local stack alone", async () => {
        const port = await freePort();
        const taken = createServer().listen(port, "127.0.0.1");
        await once(taken, "listening");
        const config = `  edge-classifier:hostPort: ${port}\n`;
        const portOf = (all: { name: string }[]) => all.find(({ name }) => name === "port");
        expect(portOf((await findings(config, "local")).all)).toMatchObject({
            state: "warning",
            found: `${port} is in use`,
        });
        expect(portOf((await findings(config, "cloud")).all)).toBeUndefined();
        taken.close();
        await once(taken, "close");
        expect(portOf((await findings(config, "local")).all)).toMatchObject({
            state: "good",
            found: `${port} is free`,
        });
        // It was looked at and given back.
        taken.listen(port, "127.0.0.1");
        await once(taken, "listening");
        taken.close();
    });
});
