import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EdgeDeviceInputs } from "../../../infra/hub/src/edgeDevice";
import { type Certificates, localCertificates } from "../../../local/base/certificates";
import { claimPort } from "../../../local/base/ports";
import { openStore, type Store } from "../../../local/base/store";
import { hubPlane, type LocalHub } from "../../../local/planes/hub/plane";
import { servePlane } from "../../../local/planes/servePlane";
import { askHub, callHubPackage } from "../../support/hubPackage";

const key = Buffer.alloc(32, 7).toString("base64");
const owner = "Created by Pulumi: edge-classifier/test";

let folder: string;
let store: Store;
let certificates: Certificates;
let hub: LocalHub;
let connectionString: string;

beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "hub-"));
    store = openStore(join(folder, "store"));
    certificates = await localCertificates(store);
    writeFileSync(join(folder, "ca.pem"), certificates.caPem);
    const port = await claimPort(join(folder, "ports"), { stackFolder: folder, what: "test" }, 18_443);
    const hostName = `localhost:${port}`;
    const rights = "RegistryRead, RegistryWrite, ServiceConnect";
    const policies = [{ keyName: "edge-classifier", rights, primaryKey: key, secondaryKey: key }];
    const host = { store, folder, certificates };
    hub = await servePlane(hubPlane(), { id: "/hub", name: "hub", hostName, policies }, host);
    connectionString = `HostName=${hostName};SharedAccessKeyName=edge-classifier;SharedAccessKey=${key}`;
});
afterAll(async () => {
    await hub?.close();
    await store?.close();
    rmSync(folder, { recursive: true });
});

const call = (subpath: string, name: string, ...args: unknown[]) =>
    callHubPackage(join(folder, "ca.pem"), subpath, name, ...args);

function inputs(deviceId: string): EdgeDeviceInputs {
    return { hubConnectionString: connectionString, deviceId, owner };
}

function deviceOf(deviceId: string) {
    return hub.devices().find((device) => device.deviceId === deviceId);
}

function keysOf(deviceId: string): unknown {
    return deviceOf(deviceId)?.authentication.symmetricKey;
}

describe("an edge device's identity", () => {
    test("is created as an edge device, and its outputs hold the connection string of its own key", async () => {
        const { value } = (await call("edgeDevice", "create", inputs("created"))) as {
            value: { id: string; outs: { connectionString: string } };
        };
        expect(value.id).toBe("created");
        const { primaryKey } = keysOf("created") as { primaryKey: string };
        expect(value.outs.connectionString).toBe(
            `HostName=${hub.hostName};DeviceId=created;SharedAccessKey=${primaryKey}`,
        );
        expect(hub.devices().find(({ deviceId }) => deviceId === "created")?.capabilities.iotEdge).toBe(true);
    });

    test("is taken over, keys and all, when an interrupted creation is repeated", async () => {
        const first = await call("edgeDevice", "create", inputs("repeated"));
        expect(await call("edgeDevice", "create", inputs("repeated"))).toEqual(first);
    });

    test("of somebody else is not taken over", async () => {
        await call("edgeDevice", "create", { ...inputs("foreign"), owner: "somebody" });
        const { error } = await call("edgeDevice", "create", inputs("foreign"));
        expect(error).toMatch(
            /Expected the hub to have no device "foreign" yet, found one that this stack did not create/,
        );
    });

    test("takes keys that were made elsewhere, and returns to the hub's own", async () => {
        const symmetricKey = {
            primaryKey: Buffer.alloc(32, 1).toString("base64"),
            secondaryKey: Buffer.alloc(32, 2).toString("base64"),
        };
        const given = { ...inputs("given"), symmetricKey };
        const { value } = (await call("edgeDevice", "create", given)) as { value: { outs: object } };
        expect(value.outs).toMatchObject(symmetricKey);
        expect(keysOf("given")).toEqual(symmetricKey);
        await call("edgeDevice", "update", "given", given, inputs("given"));
        expect(keysOf("given")).not.toEqual(symmetricKey);
    });

    test("proves itself by a certificate instead of keys, and the other way round", async () => {
        const thumbprints = ["A".repeat(64), "B".repeat(64)];
        const given = { ...inputs("certified"), thumbprints };
        const created = (await call("edgeDevice", "create", given)) as { value: { outs: object } };
        expect(created.value.outs).toMatchObject({
            thumbprints,
            primaryKey: "",
            connectionString: `HostName=${hub.hostName};DeviceId=certified;x509=true`,
        });
        expect(deviceOf("certified")?.authentication).toMatchObject({
            type: "selfSigned",
            x509Thumbprint: { primaryThumbprint: thumbprints[0], secondaryThumbprint: thumbprints[1] },
        });
        const back = (await call("edgeDevice", "update", "certified", given, inputs("certified"))) as {
            value: { outs: { primaryKey: string } };
        };
        expect(back.value.outs.primaryKey).toHaveLength(44);
        expect(deviceOf("certified")?.authentication.type).toBe("sas");
    });

    test("whose keys or certificate somebody else has changed is seen by a refresh, and mended by an update", async () => {
        const symmetricKey = { primaryKey: key, secondaryKey: key };
        const derived = { ...inputs("mended"), symmetricKey };
        const { value: created } = (await call("edgeDevice", "create", derived)) as {
            value: { outs: object };
        };
        const path = "/devices/mended";
        const ask = (method: string, body?: object) =>
            askHub(join(folder, "ca.pem"), connectionString, { method, path, body, ifMatch: body && "*" });
        const change = async (authentication: object) => {
            const { value } = (await ask("GET")) as { value: object };
            await ask("PUT", { ...value, authentication });
            return (await call("edgeDevice", "read", "mended", created.outs)) as {
                value: { inputs: object; props: object };
            };
        };
        const thumbprint = "A".repeat(64);
        const certified = await change({
            type: "selfSigned",
            x509Thumbprint: { primaryThumbprint: thumbprint, secondaryThumbprint: thumbprint },
        });
        expect(certified.value.inputs).toEqual({ ...inputs("mended"), thumbprints: [thumbprint] });
        await call("edgeDevice", "update", "mended", certified.value.props, derived);
        expect(keysOf("mended")).toEqual(symmetricKey);
        const other = Buffer.alloc(32, 9).toString("base64");
        const rekeyed = await change({
            type: "sas",
            symmetricKey: { primaryKey: other, secondaryKey: other },
        });
        expect(rekeyed.value.inputs).toMatchObject({ symmetricKey: { primaryKey: other } });
        await call("edgeDevice", "update", "mended", rekeyed.value.props, derived);
        expect(keysOf("mended")).toEqual(symmetricKey);
    });

    test("is disabled and enabled again without losing its keys", async () => {
        await call("edgeDevice", "create", inputs("switched"));
        const before = keysOf("switched");
        const disabled = { ...inputs("switched"), status: "disabled" as const };
        await call("edgeDevice", "update", "switched", inputs("switched"), disabled);
        expect(deviceOf("switched")?.status).toBe("disabled");
        await call("edgeDevice", "update", "switched", disabled, inputs("switched"));
        expect(deviceOf("switched")?.status).toBe("enabled");
        expect(keysOf("switched")).toEqual(before);
    });

    test("has tags, of which an update changes its own and leaves those of others; a refresh shows an edit", async () => {
        const tagged = { ...inputs("tagged"), tags: { site: "greenhouse", place: { row: 1, shelf: 2 } } };
        // What others put beside a tag of ours, within the same object, is theirs.
        await call("edgeDevice", "create", tagged);
        const path = "/twins/tagged";
        const ask = (method: string, body?: object) =>
            askHub(join(folder, "ca.pem"), connectionString, { method, path, body });
        await ask("PATCH", { tags: { owner: "others", site: "field", place: { room: 7 } } });
        const { value: found } = (await call("edgeDevice", "read", "tagged", tagged)) as {
            value: { inputs: object };
        };
        expect(found.inputs).toEqual({ ...tagged, tags: { site: "field", place: { row: 1, shelf: 2 } } });
        const news = { ...inputs("tagged"), tags: { place: { row: 1 } } };
        await call("edgeDevice", "update", "tagged", tagged, news);
        expect(await ask("GET")).toMatchObject({
            value: { tags: { owner: "others", place: { row: 1, room: 7 } } },
        });
        expect(JSON.stringify(await ask("GET"))).not.toMatch(/"(site|shelf)":[^{]/);
    });

    test("shows no change for a device of before there was a choice", async () => {
        const state = { ...inputs("old"), primaryKey: key, connectionString: "secret" };
        expect(await call("edgeDevice", "diff", "old", state, inputs("old"))).toEqual({
            value: { changes: false, replaces: [], deleteBeforeReplace: false },
        });
        for (const change of [
            { status: "disabled" },
            { tags: { a: 1 } },
            { thumbprints: ["A".repeat(40)] },
        ]) {
            expect(
                await call("edgeDevice", "diff", "old", state, { ...inputs("old"), ...change }),
            ).toMatchObject({ value: { changes: true, replaces: [] } });
        }
    });

    test("keeps its keys when it is updated", async () => {
        await call("edgeDevice", "create", inputs("updated"));
        const before = keysOf("updated");
        const news = { ...inputs("updated"), owner: "Created by Pulumi: edge-classifier/renamed" };
        await call("edgeDevice", "update", "updated", inputs("updated"), news);
        expect(keysOf("updated")).toEqual(before);
        expect(hub.devices().find(({ deviceId }) => deviceId === "updated")?.statusReason).toBe(news.owner);
    });

    test("that is gone is read as gone, and deleting it again is no fault", async () => {
        await call("edgeDevice", "create", inputs("gone"));
        expect(await call("edgeDevice", "remove", "gone", inputs("gone"))).toEqual({});
        expect(await call("edgeDevice", "read", "gone", inputs("gone"))).toEqual({
            value: { id: "", props: {} },
        });
        expect(await call("edgeDevice", "remove", "gone", inputs("gone"))).toEqual({});
    });

    test.each([
        ["another device id", { deviceId: "other" }, ["deviceId"]],
        [
            "another hub",
            { hubConnectionString: "HostName=other;SharedAccessKeyName=a;SharedAccessKey=b" },
            ["hubConnectionString"],
        ],
    ])("is replaced for %s", async (_, change, replaces) => {
        const { value } = (await call("edgeDevice", "diff", "d", inputs("d"), {
            ...inputs("d"),
            ...change,
        })) as { value: unknown };
        expect(value).toMatchObject({ changes: true, replaces });
    });

    test("is updated, not replaced, for another key of the same hub or one that is not known yet", async () => {
        const rotated = connectionString.replace(key, Buffer.alloc(32, 8).toString("base64"));
        for (const hubConnectionString of [rotated, "04da6b54-80e4-46f7-96ec-b56ff0331ba9"]) {
            const diff = await call("edgeDevice", "diff", "d", inputs("d"), {
                ...inputs("d"),
                hubConnectionString,
            });
            expect(diff).toEqual({ value: { changes: true, replaces: [], deleteBeforeReplace: false } });
        }
    });
});

describe("a deployment", () => {
    const manifest = (version: string) => ({
        modulesContent: {
            $edgeAgent: {
                "properties.desired": {
                    schemaVersion: "1.1",
                    runtime: {
                        type: "docker",
                        settings: {
                            registryCredentials: { r: { address: "a", username: "u", password: "p" } },
                        },
                    },
                    systemModules: {},
                    modules: {
                        ImageClassifier: {
                            version,
                            type: "docker",
                            settings: { image: "a/b", createOptions: "{}" },
                        },
                    },
                },
            },
            $edgeHub: {
                "properties.desired": {
                    schemaVersion: "1.1",
                    routes: { up: "FROM /* INTO $upstream" },
                    storeAndForwardConfiguration: { timeToLiveSecs: 1 },
                },
            },
        },
    });
    const deployment = (version = "1.0") => ({
        hubConnectionString: connectionString,
        deviceId: "deployed",
        manifest: manifest(version),
    });

    beforeAll(() => call("edgeDevice", "create", inputs("deployed")));

    test("is read back as it was applied", async () => {
        await call("edgeDeployment", "create", deployment());
        const { value } = (await call("edgeDeployment", "read", "deployed", deployment())) as {
            value: { props: unknown };
        };
        expect(value.props).toEqual(deployment());
    });

    test("shows an edit made elsewhere as a difference", async () => {
        await call("edgeDeployment", "create", deployment("edited"));
        const { value } = (await call("edgeDeployment", "read", "deployed", deployment())) as {
            value: { props: unknown };
        };
        const diff = await call("edgeDeployment", "diff", "deployed", value.props, deployment());
        expect(diff).toMatchObject({ value: { changes: true, replaces: [] } });
        expect(await call("edgeDeployment", "diff", "deployed", deployment(), deployment())).toMatchObject({
            value: { changes: false },
        });
    });

    test("that no longer sets a module's desired properties takes them off the module", async () => {
        const withTwin = deployment();
        const twin = { ImageClassifier: { "properties.desired": { threshold: 0.8 } } };
        Object.assign(withTwin.manifest.modulesContent, twin);
        await call("edgeDeployment", "update", "deployed", deployment(), withTwin);
        const read = async () =>
            (await call("edgeDeployment", "read", "deployed", withTwin)) as { value: { props: unknown } };
        expect((await read()).value.props).toEqual(withTwin);
        await call("edgeDeployment", "update", "deployed", withTwin, deployment());
        expect((await read()).value.props).toEqual(deployment());
    });

    test("that is deleted takes modules, routes and pull credentials off the device and leaves its runtime", async () => {
        await call("edgeDeployment", "create", deployment());
        await call("edgeDeployment", "remove", "deployed", deployment());
        const { value } = (await call("edgeDeployment", "read", "deployed", deployment())) as {
            value: { props: { manifest: unknown } };
        };
        expect(value.props.manifest).toMatchObject({
            modulesContent: {
                $edgeAgent: {
                    "properties.desired": {
                        schemaVersion: "1.1",
                        runtime: { type: "docker", settings: {} },
                        modules: {},
                    },
                },
                $edgeHub: { "properties.desired": { routes: {} } },
            },
        });
        expect(JSON.stringify(value)).not.toContain('"password"');
    });

    test("on a device that is gone is deleted without a fault, and read as gone", async () => {
        const nowhere = { ...deployment(), deviceId: "nowhere" };
        expect(await call("edgeDeployment", "remove", "nowhere", nowhere)).toEqual({});
        expect(await call("edgeDeployment", "read", "nowhere", nowhere)).toEqual({
            value: { id: "", props: {} },
        });
    });
});

describe("the client's errors", () => {
    test("name the hub's refusal and never the key", async () => {
        const wrong = connectionString.replace(key, Buffer.alloc(32, 9).toString("base64"));
        const { error } = await call("edgeDevice", "create", {
            ...inputs("refused"),
            hubConnectionString: wrong,
        });
        expect(error).toMatch(/Expected localhost:\d+ to carry out PUT \/devices\/refused, found 401/);
        expect(error).not.toContain(Buffer.alloc(32, 9).toString("base64"));
    });

    test("say what a connection string should look like without quoting it", async () => {
        const { error } = await call("edgeDevice", "create", {
            ...inputs("d"),
            hubConnectionString: "HostName=h;SharedAccessKey=very-secret",
        });
        expect(error).toMatch(/Expected a hub connection string of the form/);
        expect(error).not.toContain("very-secret");
    });
});
