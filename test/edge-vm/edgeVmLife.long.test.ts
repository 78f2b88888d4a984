import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { copyProject, document, type ProjectCopy } from "../support/projectCopy";

// One machine, taken through its life by the genuine engine; each test goes on where the one before ended.
let project: ProjectCopy;

interface Step {
    readonly op: string;
    readonly urn: string;
    readonly newState?: { readonly inputs: Record<string, unknown> };
}

/** A program that is a group and a machine, as the file `machine.json` describes it. */
const program = `
import * as resources from "@pulumi/azure-native/resources";
import * as pulumi from "@pulumi/pulumi";
import { readFileSync } from "node:fs";
import { EdgeVm } from "../edge-vm/edgeVm";

const { key, deviceId } = JSON.parse(readFileSync("machine.json", "utf8"));
const group = new resources.ResourceGroup("rg");
const vm = new EdgeVm("vm", {
    resourceGroupName: group.name,
    identity: { method: "sas", hubHostName: "hub.azure-devices.net", deviceId, key: pulumi.secret(key) },
    sshPublicKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPublicKeyOfTheAdministrator admin",
    dnsLabel: "my-edge",
    sshFrom: ["198.51.100.7/32"],
    autoShutdown: { time: "19:00", timeZone: "UTC" },
});
export const { publicIp, fqdn, ssh, classifierUrl } = vm;
`;

const firstKey = Buffer.from("the first key of the device 0000").toString("base64");
const secondKey = Buffer.from("the second key of the device 111").toString("base64");

beforeAll(async () => {
    project = await copyProject();
    writeFileSync(join(project.folder, "infra/index.ts"), program);
});
afterAll(() => project?.remove());

function describeMachine(key: string, deviceId = "edge-device"): void {
    writeFileSync(join(project.folder, "machine.json"), JSON.stringify({ key, deviceId }));
}

async function up() {
    return document<{ changes: Record<string, number>; outputs: Record<string, string> }>(
        await project.edge("local", "up", "--json"),
    );
}

interface Preview {
    readonly steps: Step[];
}

async function preview(): Promise<Preview> {
    return document(await project.edge("local", "preview", "--json"));
}

/** The changes of a preview, such as `replace vm`. */
function changesOf({ steps }: Preview): string[] {
    const changes = steps.filter(({ op }) => !["same", "create-replacement", "delete-replaced"].includes(op));
    return changes.map(({ op, urn }) => `${op} ${urn.split("::").at(-1)}`).sort();
}

/** Everything that lies in the project's folder for the local stack, as one text. */
function everythingKept(): string {
    const folder = join(project.folder, ".local");
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
        entry.isFile(),
    );
    return files.map((file) => readFileSync(join(file.parentPath, file.name), "latin1")).join("\n");
}

test("up creates the machine with all its parts", async () => {
    describeMachine(firstKey);
    const { changes, outputs } = await up();
    expect(changes).toEqual({ create: 13 });
    expect(outputs).toEqual({
        publicIp: expect.stringMatching(/^203\.0\.113\.\d+$/),
        fqdn: "my-edge.westeurope.cloudapp.azure.com",
        ssh: "ssh edge@my-edge.westeurope.cloudapp.azure.com",
        classifierUrl: "http://my-edge.westeurope.cloudapp.azure.com",
    });
});

test("a second up changes nothing", async () => {
    expect((await up()).changes).toEqual({ same: 13 });
});

test("another device is another machine, and a review says so and reads its customData, but not the key", async () => {
    describeMachine(firstKey, "other-device");
    const review = await preview();
    expect(changesOf(review)).toEqual(["replace vm", "replace vm-shutdown"]);
    const vm = review.steps.find(({ op, urn }) => op === "replace" && urn.endsWith("VirtualMachine::vm"));
    const osProfile = vm?.newState?.inputs.osProfile as { customData: string } | undefined;
    const cloudConfig = Buffer.from(osProfile?.customData ?? "", "base64").toString();
    expect(cloudConfig).toContain('device_id = "other-device"');
    expect(cloudConfig).toMatch(/https:\/\/vm-kv[0-9a-f]{8}\.vault\.azure\.net\/secrets\/vm-key/);

    const everything = everythingKept() + JSON.stringify(review) + cloudConfig;
    expect(everything).toContain("secretUriWithVersion");
    for (const form of [firstKey, Buffer.from(firstKey).toString("base64"), atob(firstKey)]) {
        expect(everything).not.toContain(form);
    }
});

test("another key is another machine, which takes over interface, address and name", async () => {
    describeMachine(secondKey);
    expect(changesOf(await preview())).toEqual(["replace vm", "replace vm-shutdown", "update vm-key"]);
    const { changes, outputs } = await up();
    expect(changes).toEqual({ same: 10, update: 1, replace: 2 });
    expect(outputs.fqdn).toBe("my-edge.westeurope.cloudapp.azure.com");
});

test("destroy leaves nothing, and the name of its vault keeps no new one from coming", async () => {
    document(await project.edge("local", "destroy", "--json"));
    expect((await up()).changes).toEqual({ create: 13 });
});
