import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { askHub, rotateKeys } from "../../support/hubCall";
import { inLocalEnvironment } from "../../support/knownSecrets";
import { changesOf, type PreviewDocument } from "../../support/previewDocument";
import { copyProject, document, type ProjectCopy } from "../../support/projectCopy";

// One stack with each resource of the provider and little else, taken through its life by the genuine engine; each test
// goes on where the one before ended.
let project: ProjectCopy;

beforeAll(async () => {
    project = await copyProject();
});
afterAll(() => project?.remove());

/** A manifest as people keep one in a file. */
const manifest = (image: string) => ({
    modulesContent: {
        $edgeAgent: {
            "properties.desired": {
                schemaVersion: "1.1",
                runtime: {
                    type: "docker",
                    settings: {
                        registryCredentials: {
                            theirs: { address: "r.example", username: "u", password: "a-password-in-a-file" },
                        },
                    },
                },
                systemModules: {
                    edgeAgent: {
                        type: "docker",
                        settings: { image: "mcr.microsoft.com/azureiotedge-agent:1.6.8" },
                    },
                    edgeHub: {
                        type: "docker",
                        status: "running",
                        restartPolicy: "always",
                        settings: { image: "mcr.microsoft.com/azureiotedge-hub:1.6.8" },
                    },
                },
                modules: {
                    camera: {
                        type: "docker",
                        version: "1.0",
                        status: "running",
                        restartPolicy: "always",
                        settings: { image, createOptions: '{"HostConfig":{}}' },
                    },
                },
            },
        },
        $edgeHub: {
            "properties.desired": {
                schemaVersion: "1.1",
                routes: { up: "FROM /messages/* INTO $upstream" },
                storeAndForwardConfiguration: { timeToLiveSecs: 7200 },
            },
        },
        camera: { "properties.desired": { interval: 5 } },
    },
});

/** Writes the program that the next command runs. */
function useProgram({ image = "r.example/camera:1", tags = {}, more = "" } = {}): void {
    const text = `// @ts-nocheck
        import * as resources from "@pulumi/azure-native/resources";
        import * as pulumi from "@pulumi/pulumi";
        import { ContainerRegistry } from "./containerRegistry";
        import { DeviceProvisioning } from "./deviceProvisioning";
        import * as iotedge from "./iotedge";
        import { IotHub } from "./iotHub";
        const resourceGroupName = new resources.ResourceGroup("rg").name;
        const hub = new IotHub("hub", { resourceGroupName, sku: "S1", provisioning: true });
        const { hubId, hostName: hubHostName } = hub;
        const provisioning = new DeviceProvisioning("dps", {
            resourceGroupName,
            hub: { provisioningConnectionString: hub.provisioningConnectionString, location: hub.location },
        });
        const { serviceId: provisioningServiceId } = provisioning;
        new ContainerRegistry("registry", { resourceGroupName, repository: "app" });
        const device = new iotedge.Device("device", { hubId, deviceId: "camera-1", tags: ${JSON.stringify(tags)} });
        const { deviceId } = device;
        new iotedge.Deployment("deployment", { hubId, deviceId, manifest: ${JSON.stringify(manifest(image))} });
        new iotedge.Enrollment("enrollment", { provisioningServiceId, registrationId: "camera-2", hubHostName });
        new iotedge.EnrollmentGroup("group", { provisioningServiceId, groupId: "cameras", hubHostName });
        ${more}
        export const ids = { hubId, provisioningServiceId };`;
    writeFileSync(join(project.folder, "infra/index.ts"), text);
}

const pulumi = (command: string) =>
    project.shell(inLocalEnvironment(`pulumi ${command} -s local --non-interactive`));

async function succeeds(command: string): Promise<string> {
    const { stdout, stderr, exitCode } = await pulumi(command);
    if (exitCode !== 0)
        throw new Error(`pulumi ${command} ended with exit code ${exitCode}:\n${stdout}\n${stderr}`);
    return stdout;
}

async function previewed(): Promise<PreviewDocument> {
    return document(await project.edge("local", "preview", "--json"));
}

interface Resource {
    urn: string;
    type: string;
    id: string;
    outputs: Record<string, unknown>;
}

async function resources(): Promise<Resource[]> {
    return JSON.parse(await succeeds("stack export")).deployment.resources;
}

async function resource(name: string): Promise<Resource> {
    const one = (await resources()).find(
        ({ urn, type }) => urn.endsWith(`::${name}`) && type.startsWith("iotedge:"),
    );
    if (!one) throw new Error(`No resource ${name} in the state.`);
    return one;
}

const ids = async () =>
    JSON.parse(await succeeds("stack output --json")).ids as { hubId: string; provisioningServiceId: string };

test("makes each of its resources, and has nothing to do the second time", async () => {
    useProgram();
    document(await project.edge("local", "up", "--json"));
    expect(changesOf(await previewed())).toEqual([]);
    await succeeds("refresh --yes --skip-preview --expect-no-changes");
});

test("keeps the password of a registry secret that stands in a manifest in clear", async () => {
    const state = await succeeds("stack export");
    expect(state).toContain("r.example/camera:1");
    expect(state).not.toContain("a-password-in-a-file");
});

test("shows a new image as its line, and no other", async () => {
    useProgram({ image: "r.example/camera:2" });
    const shown = await succeeds("preview --diff");
    const [change = ""] = /^ +~ iotedge:index:Deployment.*?(?=^\S|^Resources:)/ms.exec(shown) ?? [];
    const golden = readFileSync(join(__dirname, "newImage.golden.txt"), "utf8");
    expect(change.replaceAll(/[0-9a-f-]{36}|(?<=\/(?:rg|hub))[0-9a-f]{8}/g, "…")).toBe(golden);
    await succeeds("up --yes --skip-preview");
});

test("goes on after every key of hub and provisioning service was rotated by somebody else", async () => {
    const { hubId, provisioningServiceId } = await ids();
    await rotateKeys(project, hubId);
    await rotateKeys(project, provisioningServiceId);
    await succeeds("refresh --yes --skip-preview --expect-no-changes");
    await rotateKeys(project, hubId);
    useProgram({ image: "r.example/camera:2", tags: { site: "greenhouse" } });
    const { steps } = await previewed();
    // The link of the provisioning service to the hub holds a key of the hub, which the program hands it anew.
    expect(changesOf({ steps, changeSummary: {} })).toEqual(["device", "dps"]);
    await succeeds("up --yes --skip-preview");
    const twin = await askHub<{ tags: object }>(project, hubId, { method: "GET", path: "/twins/camera-1" });
    expect(twin.tags).toEqual({ site: "greenhouse" });
});

test("keeps a device and its deployment through a forced replacement, which has nowhere else to go", async () => {
    const before = await resource("device");
    const { urn } = await resource("deployment");
    await succeeds(`up --yes --skip-preview --replace '${before.urn}' --replace '${urn}'`);
    const { hubId } = await ids();
    const twin = await askHub<object>(project, hubId, {
        method: "GET",
        path: "/twins/camera-1/modules/$edgeAgent",
    });
    expect(twin).toMatchObject({ properties: { desired: { modules: { camera: { version: "1.0" } } } } });
    await succeeds("refresh --yes --skip-preview --expect-no-changes");
});

describe("imports by its id, so that the next preview shows no change,", () => {
    test.each(["deployment", "device", "enrollment", "group"])("the %s", async (name) => {
        const { urn, type, id, outputs } = await resource(name);
        await succeeds(`state delete --yes --target-dependents '${urn}'`);
        await succeeds(`import --yes --protect=false --generate-code=false ${type} ${name} '${id}'`);
        if (name === "device") {
            const deployment = `${id}/deployment`;
            await succeeds(
                `import --yes --protect=false --generate-code=false iotedge:index:Deployment deployment '${deployment}'`,
            );
        }
        expect(changesOf(await previewed())).toEqual([]);
        expect(Object.keys((await resource(name)).outputs).sort()).toEqual(Object.keys(outputs).sort());
    });

    test("a password, whose text the registry does not show again", async () => {
        const { urn, id } = await resource("registry-pull");
        const parent = (await resources()).find(({ type }) => type.endsWith(":ContainerRegistry"))?.urn;
        await succeeds(`state delete --yes '${urn}'`);
        const said = await succeeds(
            `import --yes --protect=false --generate-code=false iotedge:index:RegistryTokenPassword registry-pull '${id}' --parent 'parent=${parent}'`,
        );
        expect(said).toContain("does not show this password again");
        expect(changesOf(await previewed())).toEqual([]);
    });
});

test.each([
    [
        "Device",
        "camera-1",
        /Expected the id of a Device to be SERVICE\/devices\/DEVICEID, where SERVICE is the id of the IoT Hub/,
    ],
    [
        "Device",
        "/subscriptions/s/devices/camera-1",
        /Expected hubId to be an id of the form \/subscriptions\/…/,
    ],
    [
        "Deployment",
        "h.azure-devices.net/devices/camera-1",
        /Expected the id of a Deployment to be SERVICE\/devices\/DEVICEID\/deployment/,
    ],
    [
        "RegistryTokenPassword",
        "password1",
        /Expected the id of a RegistryTokenPassword to be TOKENID\/passwords\/passwordROTATION/,
    ],
])("says of an id that is none of a %s what it should be: %s", async (type, id, sentence) => {
    const { stdout, stderr, exitCode } = await pulumi(
        `import --yes --generate-code=false iotedge:index:${type} another '${id}'`,
    );
    expect(`${stdout}${stderr}`.replaceAll(/\s+/g, " ")).toMatch(sentence);
    expect(exitCode).not.toBe(0);
});

test("says that a device is not there that is to be imported", async () => {
    const { hubId } = await ids();
    const { stdout, stderr } = await pulumi(
        `import --yes --generate-code=false iotedge:index:Device another '${hubId}/devices/nobody'`,
    );
    expect(`${stdout}${stderr}`).toMatch(/resource '.*\/devices\/nobody' does not exist/);
});

test("destroys without the program, and with keys that were rotated in between", async () => {
    const { hubId, provisioningServiceId } = await ids();
    await rotateKeys(project, hubId);
    await rotateKeys(project, provisioningServiceId);
    writeFileSync(join(project.folder, "infra/index.ts"), 'throw new Error("not to be run");');
    await succeeds("destroy --yes --skip-preview");
    expect((await resources())?.length ?? 0).toBe(0);
});
