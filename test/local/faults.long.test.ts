import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { LocalStatus } from "../../local/status";
import { inLocalEnvironment } from "../support/knownSecrets";
import { changesOf, type PreviewDocument } from "../support/previewDocument";
import { copyProject, document, type ProjectCopy } from "../support/projectCopy";

// Stacks by the genuine engine on a local Azure that fails; each test leaves nothing behind.
let project: ProjectCopy;

/** The seed lets the provisioning service do its first work and lose the answer. */
const fifth = "hub=0.2,dps=0.2,registry=0.2,seed=37";

interface Update {
    changes: Record<string, number>;
    outputs: { classifierUrl: string };
}

beforeAll(async () => {
    project = await copyProject();
});
afterAll(() => project?.remove());

/** What the local Azure has logged of faults since `from`, which counts its lines. */
function faultsSince(from: number): string[] {
    return logLines()
        .slice(from)
        .filter((line) => / fault of the /.test(line));
}

function logLines(): string[] {
    return readFileSync(join(project.folder, ".local/stacks/local/azure/log"), "utf8").split("\n");
}

async function status(): Promise<LocalStatus> {
    return document(await project.edge("local", "status", "--json"));
}

test("with a fifth of all calls to hub and registry failing, up and destroy succeed", async () => {
    const { changes, outputs } = document<Update>(
        await project.edge("local", "up", "--json", "--faults", fifth),
    );
    expect(changes).toEqual({ create: 18 });
    const faults = faultsSince(0);
    expect(faults).toContainEqual(expect.stringMatching(/fault of the hub, (throttled|unavailable|cut)/));
    expect(faults).toContainEqual(
        expect.stringMatching(/fault of the registry, (throttled|unavailable|cut)/),
    );
    const body = readFileSync(join(project.folder, "samples/spotted-banana.png"));
    const answer = await fetch(`${outputs.classifierUrl}/image`, { method: "POST", body });
    expect(await answer.json()).toMatchObject({ predictions: expect.any(Array) });
    expect((await status()).faults).toBe(fifth);
    const preview = document<PreviewDocument>(await project.edge("local", "preview", "--json"));
    expect(changesOf(preview)).toEqual([]);
    document(await project.edge("local", "destroy", "--json"));
    expect(await status()).toMatchObject({ hub: null, registry: null, devices: [] });
});

test("with a fifth of all calls to the provisioning service failing, a stack with it comes up and goes", async () => {
    document(await project.edge("local", "start", "--json", "--faults", fifth));
    const from = logLines().length;
    const run = async (command: string) => {
        const { exitCode, stdout, stderr } = await project.shell(inLocalEnvironment(command));
        if (exitCode !== 0) throw new Error(`${command}\n${stdout}\n${stderr}`);
    };
    await run("pulumi stack init dps");
    const file = join(project.folder, "Pulumi.dps.yaml");
    const config = {
        "azure-native:location": "westeurope",
        "edge-classifier:check": "none",
        "edge-classifier:provisioning": "dps-group",
        "edge-classifier:deviceId": "dps-group",
    };
    writeFileSync(file, `${readFileSync(file, "utf8")}${stringify({ config })}`);
    await run("pulumi up -s dps --yes --skip-preview --non-interactive");
    expect(faultsSince(from)).toContainEqual(
        expect.stringMatching(/fault of the dps, cut after: PUT \/enrollmentGroups\//),
    );
    await run("pulumi preview -s dps --expect-no-changes --non-interactive");
    await run("pulumi destroy -s dps --yes --skip-preview --non-interactive");
    await run("pulumi stack rm -s dps --yes");
});

test("in an unfriendly Azure up, no change and destroy succeed, however often ARM refuses calls", async () => {
    const unfriendly = "unfriendly=1,hurry=30,seed=7";
    const { changes } = document<Update>(await project.edge("local", "up", "--json", "--faults", unfriendly));
    expect(changes).toEqual({ create: 18 });
    expect((await status()).faults).toBe(unfriendly);
    expect(logLines()).toContainEqual(expect.stringMatching(/fault of ARM, throttled: /));
    const preview = document<PreviewDocument>(await project.edge("local", "preview", "--json"));
    expect(changesOf(preview)).toEqual([]);
    document(await project.edge("local", "destroy", "--json"));
    expect(await status()).toMatchObject({ hub: null, registry: null, devices: [] });
});

const sentence = /Code="Conflict" Message="The request failed due to conflict with a concurrent request/;

test("a change that a resource provider refuses fails the command with its sentence, and the same command converges", async () => {
    const up = (...more: string[]) => project.edge("local", "up", "--json", ...more);
    const failed = await up("--faults", "provider=Microsoft.Devices/IotHubs");
    expect(failed).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(sentence) });
    expect((await status()).hub).toBeNull();
    const { changes } = document<Update>(await up());
    expect(changes.create).toBeGreaterThan(0);
    expect(Object.values(changes).reduce((sum, count) => sum + count)).toBe(18);
    const destroy = (...more: string[]) => project.edge("local", "destroy", "--json", ...more);
    const kept = await destroy("--faults", "provider=Microsoft.ContainerRegistry/registries");
    expect(kept).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(sentence) });
    expect((await status()).registry).not.toBeNull();
    document(await destroy());
    expect(await status()).toMatchObject({ hub: null, registry: null, devices: [] });
});

test("however many changes are refused, repeating the command converges", async () => {
    const failures: string[] = [];
    for (const command of ["up", "destroy"]) {
        let finished = await project.edge("local", command, "--json", "--faults", "provider=0.3,seed=1");
        for (let again = 0; finished.exitCode !== 0 && again < 20; again++) {
            failures.push(finished.stderr);
            finished = await project.edge("local", command, "--json");
        }
        document(finished);
    }
    expect(failures.length).toBeGreaterThan(0);
    for (const stderr of failures) expect(stderr).toMatch(sentence);
    document(await project.edge("local", "start", "--json", "--faults", "none"));
    expect(await status()).toMatchObject({ hub: null, registry: null, devices: [], faults: null });
});
