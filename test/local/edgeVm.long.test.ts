import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { copyProject, document, type ProjectCopy } from "../support/projectCopy";

let project: ProjectCopy;

beforeAll(async () => {
    project = await copyProject();
    document(await project.edge("local", "start", "--json"));
    const settings = {
        edgeVm: '"true"',
        sshPublicKey:
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl you@laptop",
        shutdownTime: '"19:00"',
        httpFrom: '["198.51.100.0/24"]',
    };
    const lines = Object.entries(settings).map(([key, value]) => `  edge-classifier:${key}: ${value}\n`);
    const config = join(project.folder, "Pulumi.local.yaml");
    // The machine has an address that only Azure could route to, so the device's report has to do.
    const checked = readFileSync(config, "utf8").replace("check: http", "check: reported");
    writeFileSync(config, checked + lines.join(""));
});
afterAll(() => project?.remove());

test("a stack with a machine comes up, shows no change, holds no key in customData, and goes", async () => {
    const { changes, outputs } = document<{ changes: object; outputs: Record<string, string> }>(
        await project.edge("local", "up", "--json"),
    );
    expect(changes).toEqual({ create: 29 });
    expect(outputs.classifierUrl).toMatch(/^http:\/\/203\.0\.113\.\d+:\d+$/);

    const state = join(project.folder, ".local/stacks/local/state/.pulumi/stacks/edge-classifier/local.json");
    const { resources } = JSON.parse(readFileSync(state, "utf8")).checkpoint.latest;
    const vm = resources.find(({ urn }: { urn: string }) => urn.endsWith("VirtualMachine::vm"));
    const cloudInit = Buffer.from(vm.inputs.osProfile.customData, "base64").toString("utf8");
    expect(cloudInit).toMatch(/^#cloud-config\n/);
    expect(cloudInit).not.toMatch(/SharedAccessKey|[A-Za-z0-9+/]{43}=/);

    expect((await project.edge("local", "preview", "--json")).stdout).not.toMatch(
        /"op": "(create|update|replace|delete)"/,
    );
    document(await project.edge("local", "destroy", "--json"));
    expect(document(await project.edge("local", "status", "--json"))).toMatchObject({
        hub: null,
        devices: [],
    });
});
