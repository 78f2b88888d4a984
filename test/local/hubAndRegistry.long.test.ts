import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { copyProject, document, type ProjectCopy } from "../support/projectCopy";

// One stack of hub and registry alone, taken through its changes by the genuine engine; each test goes on where the
// one before ended.
let project: ProjectCopy;

interface Update {
    changes: Record<string, number>;
}

interface Preview {
    steps: { op: string; urn: string; newState?: { inputs: unknown } }[];
}

/** What the stack shows to this test alone. */
interface Shown {
    hubId: string;
    registryId: string;
    loginServer: string;
    pull: { username: string; password: string };
    push: { username: string; password: string };
    deviceKey: string;
}

beforeAll(async () => {
    project = await copyProject();
});
afterAll(() => project?.remove());

/** The registry as it was before it had tokens. */
const olderRegistry = `
class OlderRegistry extends pulumi.ComponentResource {
    constructor(name, args) {
        super("edge-classifier:index:ContainerRegistry", name, {});
        const { resourceGroupName } = args;
        const registry = new containerregistry.Registry(
            name, { resourceGroupName, sku: { name: "Basic" }, adminUserEnabled: true }, { parent: this });
        const credentials = containerregistry.listRegistryCredentialsOutput(
            { resourceGroupName, registryName: registry.name }, { parent: this });
        const password = pulumi.secret(credentials.apply(({ passwords }) => passwords[0].value));
        this.loginServer = registry.loginServer;
        this.pull = this.push = { username: credentials.username, password };
    }
}
const registry = new OlderRegistry("registry", { resourceGroupName });
`;

/** Writes the program that the next command runs. */
function useProgram(parts: { registry?: string; hub?: string; more?: string }): void {
    const { registry = "rotation: 1", hub = "", more = "" } = parts;
    const present = `const registry = new ContainerRegistry("registry", { resourceGroupName, repository: "app", ${registry} });`;
    const text = `// @ts-nocheck
        import * as containerregistry from "@pulumi/azure-native/containerregistry";
        import * as resources from "@pulumi/azure-native/resources";
        import * as pulumi from "@pulumi/pulumi";
        import { ContainerRegistry } from "./containerRegistry";
        import * as iotedge from "./iotedge";
        import { IotHub } from "./iotHub";
        const group = new resources.ResourceGroup("rg");
        const resourceGroupName = group.name;
        const hub = new IotHub("hub", { resourceGroupName, sku: "S1", ${hub} });
        const device = new iotedge.Device("device", { hubId: hub.hubId, deviceId: "d" });
        ${registry === "older" ? olderRegistry : present}
        ${more}
        export const shown = pulumi.secret({
            loginServer: registry.loginServer, pull: registry.pull, push: registry.push, deviceKey: device.primaryKey,
        });`;
    writeFileSync(join(project.folder, "infra/index.ts"), text);
}

async function up(): Promise<Record<string, number>> {
    return document<Update>(await project.edge("local", "up", "--json")).changes;
}

async function pulumi(command: string): Promise<string> {
    const { stdout, stderr, exitCode } = await project.shell(
        `eval "$(node --require tsx/cjs cli/edge.ts local env)" && pulumi ${command} -s local --non-interactive`,
    );
    if (exitCode !== 0) throw new Error(`${stdout}\n${stderr}`);
    return stdout;
}

async function shown(): Promise<Shown> {
    const outputs = JSON.parse(await pulumi("stack output --json --show-secrets")) as { shown: Shown };
    const state = JSON.parse(await pulumi("stack export")) as {
        deployment: { resources: { type: string; id: string }[] };
    };
    const idOf = (type: string) =>
        state.deployment.resources.find((resource) => resource.type === type)?.id ?? "";
    return {
        ...outputs.shown,
        hubId: idOf("azure-native:iothub:IotHubResource"),
        registryId: idOf("azure-native:containerregistry:Registry"),
    };
}

/** The changed resources, as the preview's document names them. */
async function previewed(): Promise<string[]> {
    const { steps } = document<Preview>(await project.edge("local", "preview", "--json"));
    return steps
        .filter(({ op }) => op !== "same" && op !== "read")
        .map(({ op, urn }) => `${op} ${urn.split("::").slice(2).join("::").split("$").at(-1)}`)
        .sort();
}

async function signIn(loginServer: string, account: { username: string; password: string }) {
    const basic = Buffer.from(`${account.username}:${account.password}`).toString("base64");
    const headers = { Authorization: `Basic ${basic}`, Connection: "close" };
    return (await fetch(`http://${loginServer}/v2/`, { headers })).status;
}

const passwordType = "iotedge:index:RegistryTokenPassword";

test("a stack whose registry had an admin account gets tokens without anything being made anew", async () => {
    useProgram({ registry: "older" });
    await up();
    const before = await shown();
    expect(await signIn(before.loginServer, before.pull)).toBe(200);
    useProgram({});
    const changes = await up();
    expect(changes).toMatchObject({ create: 6, update: 1 });
    expect(Object.keys(changes).filter((op) => /delete|replace/.test(op))).toEqual([]);
    const after = await shown();
    expect(after.registryId).toBe(before.registryId);
    expect(await signIn(after.loginServer, before.pull)).toBe(401);
    expect([
        await signIn(after.loginServer, after.pull),
        await signIn(after.loginServer, after.push),
    ]).toEqual([200, 200]);
    expect(await previewed()).toEqual([]);
});

test("a rotation is an update of the two passwords, and the ones before stay good", async () => {
    const before = await shown();
    useProgram({ registry: "rotation: 2" });
    expect(await previewed()).toEqual([
        `update ${passwordType}::registry-pull`,
        `update ${passwordType}::registry-push`,
    ]);
    await up();
    const after = await shown();
    expect(after.pull.password).not.toBe(before.pull.password);
    for (const account of [before.pull, before.push, after.pull, after.push])
        expect(await signIn(after.loginServer, account)).toBe(200);
    expect(await previewed()).toEqual([]);
});

test("no password of a token is in clear in state, previews or logs", async () => {
    const { pull, push } = await shown();
    useProgram({ registry: "rotation: 3" });
    const places = [
        await pulumi("stack export"),
        (await project.edge("local", "preview", "--json")).stdout,
        (await project.edge("local", "preview")).stdout,
        (await project.edge("local", "logs")).stdout,
    ];
    for (const text of places) {
        expect(text.length).toBeGreaterThan(0);
        expect([pull, push].filter(({ password }) => text.includes(password))).toEqual([]);
    }
    useProgram({ registry: "rotation: 2" });
});

test("a token that was deleted elsewhere is seen by refresh and made again, with a password of its own", async () => {
    const { registryId, pull } = await shown();
    const remove = `require("./local/arm/managementCall").callManagement(process.env.EDGE_LOCAL_AZURE, "DELETE", "${registryId}/tokens/${pull.username}")`;
    await project.shell(
        `eval "$(node --require tsx/cjs cli/edge.ts local env)" && node --require tsx/cjs -e '${remove}'`,
    );
    await pulumi("refresh --yes --skip-preview");
    expect(await previewed()).toEqual([
        "create azure-native:containerregistry:Token::registry-pull",
        `create ${passwordType}::registry-pull`,
    ]);
    await up();
    const after = await shown();
    expect(await signIn(after.loginServer, after.pull)).toBe(200);
});

test.each(["entra", "key"])(
    "a hub whose auth becomes %s is updated, and its device does not notice",
    async (auth) => {
        const { deviceKey } = await shown();
        useProgram({ registry: "rotation: 2", hub: `auth: "${auth}"` });
        expect(await previewed()).toEqual(["update azure-native:iothub:IotHubResource::hub"]);
        await up();
        expect((await shown()).deviceKey).toBe(deviceKey);
        await pulumi("refresh --yes --skip-preview --expect-no-changes");
    },
);

test("a hub and a registry that exist are used and not touched, by key and by Entra", async () => {
    const { hubId, registryId } = await shown();
    const more = (access: string, deviceId: string) => `
        const theirs = new IotHub("their-hub", { resourceGroupName, sku: "S1", existingId: "${hubId}" });
        const provider = new iotedge.Provider("theirs", { ${access} });
        new iotedge.Device("their-device", { hubId: theirs.hubId, deviceId: "${deviceId}" }, { provider });
        new ContainerRegistry("their-registry", { resourceGroupName, repository: "theirs", existingId: "${registryId}" });`;
    useProgram({ registry: "rotation: 2", more: more('hubPolicyName: "iothubowner"', "by-key") });
    // Two components, a provider, a device, and two tokens with their scope maps and passwords.
    expect(await up()).toMatchObject({ create: 10 });
    useProgram({ registry: "rotation: 2", more: more('hubAuth: "entra"', "by-entra") });
    expect(await previewed()).toContain("replace iotedge:index:Device::their-device");
    await up();
    useProgram({ registry: "rotation: 2" });
    expect(await up()).toMatchObject({ delete: 10 });
    expect(await signIn((await shown()).loginServer, (await shown()).pull)).toBe(200);
    document(await project.edge("local", "destroy", "--json"));
});
