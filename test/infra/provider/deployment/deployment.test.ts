import { goodManifest } from "../../manifest/badManifests";
import { askService, provider, putHub, type TestService, useLocalServices } from "../localServices";
import { secretPaths } from "../secretMarks";
import { workOn } from "../stackedResource";

useLocalServices();
const deployments = workOn(() => provider, "Deployment");
const account =
    "manifest.modulesContent.$edgeAgent.properties.desired.runtime.settings.registryCredentials.registry";

// biome-ignore lint/suspicious/noExplicitAny: a manifest is changed at will
type Manifest = any;

let hub: TestService;
beforeAll(async () => {
    hub = await putHub("hub-deployed");
});

/** A device of its own, and what is deployed on it. */
async function onDevice(deviceId: string, change: (content: Manifest) => void = () => {}) {
    const body = { deviceId, capabilities: { iotEdge: true } };
    await askService(hub, "PUT", `/devices/${deviceId}`, { body });
    return news(deviceId, change);
}

function news(deviceId: string, change: (content: Manifest) => void = () => {}) {
    const manifest: Manifest = structuredClone(goodManifest());
    change(manifest.modulesContent);
    return { hubId: hub.id, deviceId, manifest };
}

const twinOf = async (deviceId: string, moduleId: string) =>
    (await askService(hub, "GET", `/twins/${deviceId}/modules/${moduleId}`)).body;
const imageOf = (content: Manifest) =>
    content.$edgeAgent["properties.desired"].modules.ImageClassifier.settings.image;
const setImage = (image: string) => (content: Manifest) => {
    content.$edgeAgent["properties.desired"].modules.ImageClassifier.settings.image = image;
};

describe("a deployment", () => {
    test("is applied, and read back as it was applied", async () => {
        const inputs = await onDevice("applied");
        const made = await deployments.create(inputs);
        expect(made.id).toBe(`${hub.id}/devices/applied/deployment`);
        expect(made.state).toEqual({ ...inputs, hubHostName: hub.hostName });
        expect(await twinOf("applied", "$edgeHub")).toMatchObject({
            properties: { desired: { routes: { upstream: "FROM /messages/* INTO $upstream" } } },
        });
        expect(await deployments.refresh(made)).toEqual(made);
    });

    test("with an empty twin of a module is read back as it was applied", async () => {
        const inputs = await onDevice("empty-twin", (content) => {
            content.ImageClassifier = { "properties.desired": {} };
        });
        const made = await deployments.create(inputs);
        expect(await deployments.refresh(made)).toEqual(made);
    });

    test("shows an edit made elsewhere, at its place", async () => {
        const made = await deployments.create(await onDevice("edited"));
        const edited = news("edited", setImage("registry.invalid/other:1"));
        const { status } = await askService(hub, "POST", "/devices/edited/applyConfigurationContent", {
            body: edited.manifest,
        });
        expect(status).toBe(204);
        const read = await deployments.refresh(made);
        expect(imageOf((read?.inputs.manifest as Manifest)?.modulesContent)).toBe("registry.invalid/other:1");
        const path =
            'manifest.modulesContent.$edgeAgent["properties.desired"].modules.ImageClassifier.settings.image';
        expect(await deployments.diff(read ?? made, news("edited"))).toEqual({
            isChanged: true,
            changes: [path],
            replaces: [],
            deleteBeforeReplace: true,
            kinds: { [path]: "UPDATE" },
        });
        expect((await deployments.diff(made, news("edited"))).isChanged).toBe(false);
    });

    test("that no longer sets a module's desired properties takes them off the module", async () => {
        const withTwin = await onDevice("twin", (content) => {
            content.ImageClassifier = { "properties.desired": { threshold: 0.8 } };
        });
        const made = await deployments.create(withTwin);
        expect(await deployments.refresh(made)).toEqual(made);
        const without = await deployments.update(made, news("twin"));
        expect((await twinOf("twin", "ImageClassifier")).properties.desired).not.toHaveProperty("threshold");
        expect(await deployments.refresh(without)).toEqual(without);
    });

    test("that is deleted takes modules, routes and pull credentials off the device and leaves its runtime", async () => {
        const made = await deployments.create(await onDevice("deleted"));
        await deployments.remove(made);
        const { desired } = (await twinOf("deleted", "$edgeAgent")).properties;
        expect(desired).toMatchObject({
            schemaVersion: "1.1",
            runtime: { type: "docker" },
            systemModules: { edgeAgent: { type: "docker" }, edgeHub: { type: "docker" } },
        });
        expect(desired.modules ?? {}).toEqual({});
        expect(JSON.stringify(desired)).not.toContain('"password"');
        expect((await twinOf("deleted", "$edgeHub")).properties.desired.routes ?? {}).toEqual({});
    });

    test("on a device that is gone is deleted without a fault, and read as gone", async () => {
        const made = await deployments.create(await onDevice("passing"));
        await askService(hub, "DELETE", "/devices/passing", { ifMatch: "*" });
        expect(await deployments.refresh(made)).toBeUndefined();
        await deployments.remove(made);
    });

    test("on a device that is not there says what has to be first", async () => {
        await expect(deployments.create(news("nowhere"))).rejects.toThrow(
            /found 404 .*\. The device "nowhere" has to be in the hub before its deployment\.$/,
        );
    });

    test("is replaced for another device", async () => {
        const made = await deployments.create(await onDevice("first"));
        expect(await deployments.diff(made, news("second"))).toMatchObject({
            replaces: ["deviceId"],
            deleteBeforeReplace: false,
        });
    });
});

describe("an import of a deployment", () => {
    test("finds every module that has desired properties", async () => {
        const inputs = await onDevice("here", (content) => {
            content.ImageClassifier = { "properties.desired": { threshold: 0.8 } };
            content.$edgeAgent["properties.desired"].modules.quiet =
                content.$edgeAgent["properties.desired"].modules.ImageClassifier;
            delete content.$edgeAgent["properties.desired"].modules.ImageClassifier.settings.createOptions;
        });
        const made = await deployments.create(inputs);
        expect(await deployments.import(made.id)).toEqual(made);
        const byHost = await deployments.import(`${hub.hostName}/devices/here/deployment`);
        expect(byHost?.inputs).toEqual({
            hubHostName: hub.hostName,
            deviceId: "here",
            manifest: inputs.manifest,
        });
    });

    test("finds nothing on a device without a deployment, and on none", async () => {
        await onDevice("bare");
        expect(await deployments.import(`${hub.id}/devices/bare/deployment`)).toBeUndefined();
        expect(await deployments.import(`${hub.id}/devices/nobody/deployment`)).toBeUndefined();
    });
});

describe("passwords of registries in a manifest", () => {
    test("are marked as secret in every answer, and nothing else", async () => {
        const urn = deployments.urn();
        const inputs = await onDevice("secret");
        const password = [`${account}.password`];
        expect(secretPaths((await provider.check(urn, inputs)).inputs)).toEqual(password);
        const { id, properties } = await provider.create(urn, inputs);
        expect(secretPaths(properties)).toEqual(password);
        expect(secretPaths((await provider.create(urn, inputs, true)).properties)).toEqual(password);
        const read = await provider.read(urn, id, inputs, inputs);
        expect(secretPaths(read.inputs)).toEqual(password);
        expect(secretPaths(read.properties)).toEqual(password);
        expect(secretPaths((await provider.read(urn, id, {}, {})).inputs)).toEqual(password);
        expect(secretPaths(await provider.update(urn, id, inputs, inputs))).toEqual(password);
        expect(secretPaths(await provider.update(urn, id, inputs, inputs, true))).toEqual(password);
    });
});
