import {
    askService,
    configuredProvider,
    provider,
    putHub,
    type TestService,
    useLocalServices,
} from "../localServices";
import { workOn } from "../stackedResource";

useLocalServices();
const devices = workOn(() => provider, "Device");
const thumbprints = ["A".repeat(64), "B".repeat(64)];
const newKeys = (fill: number) => ({
    primaryKey: Buffer.alloc(32, fill).toString("base64"),
    secondaryKey: Buffer.alloc(32, fill + 1).toString("base64"),
});

let hub: TestService;
let hubId: string;
beforeAll(async () => {
    hub = await putHub("hub-devices");
    hubId = hub.id;
});

const identityOf = async (deviceId: string) => (await askService(hub, "GET", `/devices/${deviceId}`)).body;
const keysOf = async (deviceId: string) => (await identityOf(deviceId)).authentication.symmetricKey;
const twinOf = async (deviceId: string) => (await askService(hub, "GET", `/twins/${deviceId}`)).body;

/** Changes an identity as somebody else does. */
async function change(deviceId: string, changes: object): Promise<void> {
    const body = { ...(await identityOf(deviceId)), ...changes };
    const { status } = await askService(hub, "PUT", `/devices/${deviceId}`, { body, ifMatch: "*" });
    expect(status).toBe(200);
}

describe("a device", () => {
    test("is made as an edge device, with the connection string of its own key", async () => {
        const { id, state } = await devices.create({ hubId, deviceId: "made" });
        const { primaryKey, secondaryKey } = await keysOf("made");
        expect(id).toBe(`${hubId}/devices/made`);
        expect(state).toEqual({
            hubId,
            deviceId: "made",
            edge: true,
            status: "enabled",
            hubHostName: hub.hostName,
            primaryKey,
            secondaryKey,
            connectionString: `HostName=${hub.hostName};DeviceId=made;SharedAccessKey=${primaryKey}`,
        });
        expect(await identityOf("made")).toMatchObject({
            capabilities: { iotEdge: true },
            status: "enabled",
            statusReason: "Created by Pulumi: edge-classifier/test/it",
        });
    });

    test.each([
        ["the configuration", () => ({ hubConnectionString: hub.connectionString }), () => ({})],
        ["the environment", () => ({}), () => ({ IOTHUB_CONNECTION_STRING: hub.connectionString })],
    ])("is made in a hub that is named by its host, with the key of %s", async (where, settings, env) => {
        // Whoever deploys has no account that ARM or the hub would know.
        const keyed = await configuredProvider(settings(), { ...env(), ARM_CLIENT_ID: "nobody" });
        const deviceId = where.replace(" ", "-");
        const inputs = { hubHostName: hub.hostName, deviceId };
        const made = await workOn(() => keyed, "Device").create(inputs);
        expect(made.id).toBe(`${hub.hostName}/devices/${deviceId}`);
        expect((await identityOf(deviceId)).deviceId).toBe(deviceId);
    });

    test("is made by Entra in a hub that is named by its host and of which there is no key", async () => {
        await devices.create({ hubHostName: hub.hostName, deviceId: "by-entra" });
        expect((await identityOf("by-entra")).deviceId).toBe("by-entra");
    });

    test("may be one without IoT Edge, and become one", async () => {
        const plain = await devices.create({ hubId, deviceId: "switched-edge", edge: false });
        expect((await identityOf("switched-edge")).capabilities.iotEdge).toBe(false);
        const before = await keysOf("switched-edge");
        expect(await devices.diff(plain, { hubId, deviceId: "switched-edge" })).toMatchObject({
            changes: ["edge"],
            replaces: [],
        });
        await devices.update(plain, { hubId, deviceId: "switched-edge" });
        expect((await identityOf("switched-edge")).capabilities.iotEdge).toBe(true);
        expect(await keysOf("switched-edge")).toEqual(before);
    });

    test("is disabled and enabled again without losing its keys", async () => {
        const inputs = { hubId, deviceId: "switched" };
        const enabled = await devices.create(inputs);
        const before = await keysOf("switched");
        const disabled = await devices.update(enabled, { ...inputs, status: "disabled" });
        expect((await identityOf("switched")).status).toBe("disabled");
        await devices.update(disabled, inputs);
        expect(await identityOf("switched")).toMatchObject({
            status: "enabled",
            authentication: { symmetricKey: before },
        });
    });

    test("takes keys that were made elsewhere, and returns to the hub's own", async () => {
        const inputs = { hubId, deviceId: "given" };
        const symmetricKey = newKeys(1);
        const given = await devices.create({ ...inputs, symmetricKey });
        expect(given.state).toMatchObject(symmetricKey);
        expect(await keysOf("given")).toEqual(symmetricKey);
        const back = await devices.update(given, inputs);
        expect(await keysOf("given")).not.toEqual(symmetricKey);
        expect(await keysOf("given")).toMatchObject({ primaryKey: back.state.primaryKey });
    });

    test("proves itself by certificates instead of keys, and the other way round", async () => {
        const inputs = { hubId, deviceId: "certified" };
        const certified = await devices.create({ ...inputs, thumbprints });
        expect(certified.state).toMatchObject({
            thumbprints,
            primaryKey: "",
            secondaryKey: "",
            connectionString: `HostName=${hub.hostName};DeviceId=certified;x509=true`,
        });
        expect((await identityOf("certified")).authentication).toMatchObject({
            type: "selfSigned",
            x509Thumbprint: { primaryThumbprint: thumbprints[0], secondaryThumbprint: thumbprints[1] },
        });
        expect(await devices.refresh(certified)).toEqual(certified);
        const back = await devices.update(certified, inputs);
        expect(back.state.primaryKey).toHaveLength(44);
        expect((await identityOf("certified")).authentication.type).toBe("sas");
    });

    test("of one certificate stays as it is when it is read", async () => {
        const [thumbprint] = thumbprints;
        const one = await devices.create({ hubId, deviceId: "one-print", thumbprints: [thumbprint] });
        expect(await devices.refresh(one)).toEqual(one);
        const twice = await devices.create({
            ...{ hubId, deviceId: "same-prints" },
            thumbprints: [thumbprint, thumbprint],
        });
        expect(await devices.refresh(twice)).toEqual(twice);
    });

    test("that is gone is read as gone, and deleting it again is no fault", async () => {
        const gone = await devices.create({ hubId, deviceId: "gone" });
        await devices.remove(gone);
        expect((await askService(hub, "GET", "/devices/gone")).status).toBe(404);
        expect(await devices.refresh(gone)).toBeUndefined();
        await devices.remove(gone);
    });
});

describe("what somebody else has made of a device shows after a refresh, and an update mends it:", () => {
    const certificate = {
        type: "selfSigned",
        x509Thumbprint: { primaryThumbprint: thumbprints[0], secondaryThumbprint: thumbprints[0] },
    };
    test.each([
        [
            "a certificate",
            { authentication: certificate },
            { thumbprints: [thumbprints[0]] },
            ["symmetricKey", "thumbprints"],
        ],
        [
            "other keys",
            { authentication: { type: "sas", symmetricKey: newKeys(9) } },
            { symmetricKey: newKeys(9) },
            ["symmetricKey.primaryKey", "symmetricKey.secondaryKey"],
        ],
        [
            "a disabled one",
            { status: "disabled" },
            { status: "disabled", symmetricKey: newKeys(1) },
            ["status"],
        ],
        [
            "one without IoT Edge",
            { capabilities: { iotEdge: false } },
            { edge: false, symmetricKey: newKeys(1) },
            ["edge"],
        ],
    ])("%s", async (what, changes, found, paths) => {
        const deviceId = what.replaceAll(" ", "-");
        const news = { hubId, deviceId, symmetricKey: newKeys(1) };
        const made = await devices.create(news);
        await change(deviceId, changes);
        const read = await devices.refresh(made);
        const { symmetricKey: _, ...unchanged } = made.inputs;
        expect(read?.inputs).toEqual({ ...unchanged, ...found });
        expect((await devices.diff(read ?? made, news)).changes).toEqual(paths);
        await devices.update(read ?? made, news);
        expect(await devices.refresh(made)).toEqual(made);
    });
});

describe("tags of a device", () => {
    const tags = { site: "greenhouse", place: { row: 1, shelf: 2 } };

    test("are the stack's own, beside those of others, which an update leaves; a refresh shows an edit", async () => {
        const inputs = { hubId, deviceId: "tagged", tags };
        const made = await devices.create(inputs);
        // What others put beside a tag of ours, within the same object, is theirs.
        const theirs = { owner: "others", site: "field", place: { room: 7 } };
        await askService(hub, "PATCH", "/twins/tagged", { body: { tags: theirs } });
        const read = await devices.refresh(made);
        expect(read?.inputs.tags).toEqual({ site: "field", place: { row: 1, shelf: 2 } });
        expect(await devices.diff(read ?? made, inputs)).toMatchObject({ changes: ["tags.site"] });
        await devices.update(made, { ...inputs, tags: { place: { row: 1 } } });
        expect((await twinOf("tagged")).tags).toEqual({ owner: "others", place: { row: 1, room: 7 } });
    });

    test("that a stack does not set are none of its business", async () => {
        const made = await devices.create({ hubId, deviceId: "untagged" });
        await askService(hub, "PATCH", "/twins/untagged", { body: { tags: { owner: "others" } } });
        expect(await devices.refresh(made)).toEqual(made);
        const changed = await devices.update(made, { hubId, deviceId: "untagged", status: "disabled" });
        expect((await twinOf("untagged")).tags).toEqual({ owner: "others" });
        expect(changed.inputs).not.toHaveProperty("tags");
    });
});

describe("an import of a device", () => {
    test("finds all that it has, keys excepted, as inputs", async () => {
        const news = { hubId, deviceId: "here", status: "disabled", tags: { a: 1 } };
        const made = await devices.create(news);
        expect(await devices.import(`${hubId}/devices/here`)).toEqual(made);
        const byHost = await devices.import(`${hub.hostName}/devices/here`);
        expect(byHost?.inputs).toMatchObject({ hubHostName: hub.hostName, deviceId: "here" });
        expect(byHost?.inputs).not.toHaveProperty("hubId");
        const prints = await devices.create({ hubId, deviceId: "printed", edge: false, thumbprints });
        expect(await devices.import(prints.id)).toEqual(prints);
    });

    test("finds nothing where there is none", async () => {
        expect(await devices.import(`${hubId}/devices/nobody`)).toBeUndefined();
    });

    test("refuses one of a certificate authority", async () => {
        const body = { deviceId: "by-ca", authentication: { type: "certificateAuthority" } };
        await askService(hub, "PUT", "/devices/by-ca", { body });
        await expect(devices.import(`${hubId}/devices/by-ca`)).rejects.toThrow(
            'Expected device "by-ca" to prove itself by keys or by thumbprints, found certificateAuthority. ' +
                "Such a device cannot be imported.",
        );
    });
});
