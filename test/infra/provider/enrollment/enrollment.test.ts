import { newKey } from "../../../local/planes/hub/testHub";
import {
    askService,
    configuredProvider,
    provider,
    putHub,
    putProvisioningService,
    type TestService,
    useLocalServices,
} from "../localServices";
import { secretPaths } from "../secretMarks";
import { workOn } from "../stackedResource";

useLocalServices();
const enrollments = workOn(() => provider, "Enrollment");
const newKeys = () => ({ primaryKey: newKey(), secondaryKey: newKey() });

let hub: TestService;
let service: TestService;
beforeAll(async () => {
    hub = await putHub("hub-enrolled");
    service = await putProvisioningService("dps-enrolled", hub);
});

const news = (registrationId: string, more: object = {}) => ({
    provisioningServiceId: service.id,
    registrationId,
    hubHostName: hub.hostName,
    ...more,
});
const entryOf = async (id: string) => (await askService(service, "GET", `/enrollments/${id}`)).body;
const keysOf = async (id: string) =>
    (await askService(service, "POST", `/enrollments/${id}/attestationmechanism`)).body.symmetricKey;
const alreadyThere = (path: string) =>
    `Expected the provisioning service to have no ${path} yet, found another one. ` +
    "Choose another name, delete that entry, or import it: pulumi import.";

/** Writes an entry as somebody else does. */
async function write(id: string, changes: object): Promise<void> {
    const entry = await entryOf(id);
    const attestation = { type: "symmetricKey", symmetricKey: await keysOf(id) };
    const body = { ...entry, attestation, ...changes };
    expect((await askService(service, "PUT", `/enrollments/${id}`, { body, ifMatch: "*" })).status).toBe(200);
}

describe("an enrollment", () => {
    test("has the device's own keys, its hub and its capabilities, and shows no key in its entry", async () => {
        const symmetricKey = newKeys();
        const inputs = news("one", { symmetricKey, tags: { site: "greenhouse" } });
        const { id, state } = await enrollments.create(inputs);
        expect(id).toBe(`${service.id}/enrollments/one`);
        expect(state).toEqual({
            ...inputs,
            ...{ allocationPolicy: "static", edge: true, status: "enabled" },
            provisioningServiceHostName: service.hostName,
            ...symmetricKey,
        });
        const entry = await entryOf("ONE");
        expect(entry).toMatchObject({
            registrationId: "one",
            deviceId: "one",
            iotHubs: [hub.hostName],
            allocationPolicy: "static",
            capabilities: { iotEdge: true },
            provisioningStatus: "enabled",
            reprovisionPolicy: { updateHubAssignment: true, migrateDeviceData: true },
            initialTwin: { tags: { site: "greenhouse" } },
        });
        expect(JSON.stringify(entry)).not.toContain(symmetricKey.primaryKey);
        expect(await keysOf("one")).toEqual(symmetricKey);
    });

    test("gets keys from the service where none are given, which an update keeps", async () => {
        const made = await enrollments.create(news("keyless", { deviceId: "camera", edge: false }));
        expect(Buffer.from(made.state.primaryKey, "base64")).toHaveLength(64);
        expect(await entryOf("keyless")).toMatchObject({
            deviceId: "camera",
            capabilities: { iotEdge: false },
        });
        const { primaryKey, secondaryKey } = made.state;
        const changed = await enrollments.update(
            made,
            news("keyless", { deviceId: "camera", status: "disabled" }),
        );
        expect(changed.state).toMatchObject({ primaryKey, secondaryKey, status: "disabled", edge: true });
        expect(await keysOf("keyless")).toEqual({ primaryKey, secondaryKey });
        expect((await entryOf("keyless")).provisioningStatus).toBe("disabled");
    });

    test("gets other keys and tags by an update", async () => {
        const made = await enrollments.create(news("rekeyed", { symmetricKey: newKeys(), tags: { a: 1 } }));
        const symmetricKey = newKeys();
        const changed = await enrollments.update(made, news("rekeyed", { symmetricKey, tags: { b: 2 } }));
        expect(changed.state).toMatchObject(symmetricKey);
        expect(await keysOf("rekeyed")).toEqual(symmetricKey);
        expect((await entryOf("rekeyed")).initialTwin.tags).toEqual({ b: 2 });
    });

    test("is made with a connection string in a service that is named by its host", async () => {
        const settings = { provisioningServiceConnectionString: service.connectionString };
        const keyed = await configuredProvider(settings, { ARM_CLIENT_ID: "nobody" });
        const byVariable = await configuredProvider(
            {},
            { ARM_CLIENT_ID: "nobody", DPS_CONNECTION_STRING: service.connectionString },
        );
        const { provisioningServiceId: _, ...rest } = news("by-host");
        const inputs = { ...rest, provisioningServiceHostName: service.hostName };
        const made = await workOn(() => keyed, "Enrollment").create(inputs);
        expect(made.id).toBe(`${service.hostName}/enrollments/by-host`);
        expect(await workOn(() => byVariable, "Enrollment").refresh(made)).toEqual(made);
    });

    test("that was deleted elsewhere is seen, and deleting it again is no fault", async () => {
        const made = await enrollments.create(news("gone"));
        expect(await enrollments.refresh(made)).toEqual(made);
        await enrollments.remove(made);
        expect(await enrollments.refresh(made)).toBeUndefined();
        await enrollments.remove(made);
    });

    test("is refused by the service in its words", async () => {
        await expect(
            enrollments.create({ ...news("unlinked"), hubHostName: "x.azure-devices.net" }),
        ).rejects.toThrow(/to carry out PUT \/enrollments\/unlinked, found 400 /);
    });
});

describe("an entry that is in the service already", () => {
    test("is taken over when an interrupted creation is repeated", async () => {
        const inputs = news("again", { tags: { a: 1 } });
        const first = await enrollments.create(inputs);
        expect(await enrollments.create(inputs)).toEqual(first);
        const keyed = news("again-keyed", { symmetricKey: newKeys() });
        expect(await enrollments.create(keyed)).toEqual(await enrollments.create(keyed));
    });

    test.each([
        ["status", { status: "disabled" }],
        ["edge", { edge: false }],
        ["device", { deviceId: "another" }],
        ["allocation", { allocationPolicy: "hashed" }],
        ["tags", { tags: { a: 1 } }],
        ["keys", { symmetricKey: newKeys() }],
    ])("is not taken over with another %s", async (what, change) => {
        const id = `taken-${what}`;
        const { state } = await enrollments.create(news(id));
        await expect(enrollments.create(news(id, change))).rejects.toThrow(alreadyThere(`enrollments/${id}`));
        expect(await enrollments.create(news(id))).toMatchObject({ state });
    });
});

describe("what somebody else has changed in an entry shows under its own name, and an update mends it:", () => {
    test.each<[string, () => object, () => object, string[]]>([
        [
            "a disabled entry",
            () => ({ provisioningStatus: "disabled" }),
            () => ({ status: "disabled" }),
            ["status"],
        ],
        ["no edge", () => ({ capabilities: { iotEdge: false } }), () => ({ edge: false }), ["edge"]],
        ["another device", () => ({ deviceId: "another" }), () => ({ deviceId: "another" }), ["deviceId"]],
        [
            "hashed",
            () => ({ allocationPolicy: "hashed" }),
            () => ({ allocationPolicy: "hashed" }),
            ["allocationPolicy"],
        ],
        ["no hub", () => ({ iotHubs: [] }), () => ({ hubHostName: "" }), ["hubHostName"]],
        [
            "tags",
            () => ({ initialTwin: { tags: { by: "others" } } }),
            () => ({ tags: { by: "others" } }),
            ["tags.by", "tags.site"],
        ],
    ])("%s", async (what, changes, found, paths) => {
        const inputs = news(what.replaceAll(" ", "-"), { symmetricKey: newKeys(), tags: { site: "field" } });
        const made = await enrollments.create(inputs);
        await write(inputs.registrationId, changes());
        const read = await enrollments.refresh(made);
        expect(read?.inputs).toEqual({ ...made.inputs, ...found() });
        expect((await enrollments.diff(read ?? made, inputs)).changes).toEqual(paths);
        await enrollments.update(read ?? made, inputs);
        expect(await enrollments.refresh(made)).toEqual(made);
    });

    test("keys", async () => {
        const inputs = news("keys-of-others", { symmetricKey: newKeys() });
        const made = await enrollments.create(inputs);
        const theirs = newKeys();
        await write("keys-of-others", { attestation: { type: "symmetricKey", symmetricKey: theirs } });
        const read = await enrollments.refresh(made);
        expect(read?.inputs).toEqual({ ...made.inputs, symmetricKey: theirs });
        expect((await enrollments.diff(read ?? made, inputs)).changes).toEqual([
            "symmetricKey.primaryKey",
            "symmetricKey.secondaryKey",
        ]);
        await enrollments.update(read ?? made, inputs);
        expect(await enrollments.refresh(made)).toEqual(made);
    });

    test("tags of one that had none", async () => {
        const made = await enrollments.create(news("untagged"));
        await write("untagged", { initialTwin: { tags: { by: "others" } } });
        const read = await enrollments.refresh(made);
        expect((await enrollments.diff(read ?? made, news("untagged"))).changes).toEqual(["tags"]);
    });
});

describe("an import of an enrollment", () => {
    test("finds all that it has, keys excepted, as inputs", async () => {
        const made = await enrollments.create(
            news("here", { deviceId: "camera", tags: { a: 1 }, edge: false }),
        );
        expect(await enrollments.import(`${service.id}/enrollments/here`)).toEqual(made);
        const named = await enrollments.create(news("own-name"));
        expect(await enrollments.import(named.id)).toEqual(named);
        expect(await enrollments.import(`${service.id}/enrollments/nobody`)).toBeUndefined();
    });
});

describe("an enrollment's secrets and differences", () => {
    const urn = enrollments.urn();

    test("are marked in every answer", async () => {
        const inputs = news("secret", { symmetricKey: newKeys() });
        expect(secretPaths((await provider.check(urn, inputs)).inputs)).toEqual(["symmetricKey"]);
        const known = await enrollments.check(inputs);
        const all = ["primaryKey", "secondaryKey", "symmetricKey"];
        const { id, properties } = await provider.create(urn, known);
        expect(secretPaths(properties)).toEqual(all);
        expect(secretPaths((await provider.read(urn, id, known, known)).inputs)).toEqual(["symmetricKey"]);
        expect(secretPaths((await provider.read(urn, id, known, known)).properties)).toEqual(all);
        expect(secretPaths(await provider.update(urn, id, known, known))).toEqual(all);
    });

    test("are none for the same, and another entry for another name or service", async () => {
        const made = await enrollments.create(news("same"));
        const replaced = async (change: object) => {
            const { isChanged, replaces } = await enrollments.diff(made, { ...news("same"), ...change });
            return [isChanged, ...replaces];
        };
        expect(await replaced({})).toEqual([false]);
        expect(await replaced({ tags: { a: 1 } })).toEqual([true]);
        expect(await replaced({ registrationId: "other" })).toEqual([true, "registrationId"]);
        const elsewhere = service.id.replace("dps-enrolled", "dps-elsewhere");
        expect(await replaced({ provisioningServiceId: elsewhere })).toEqual([true, "provisioningServiceId"]);
    });

    test("are refused where they are wrong, each at its property", async () => {
        const wrong = { ...news("Camera 1"), allocationPolicy: "best", hubHostName: "", tags: { "a.b": 1 } };
        const nameRule =
            "1 to 128 lower-case letters, digits or any of - . _ :, ending with a letter or a digit";
        expect((await provider.check(urn, wrong)).refused).toEqual({
            registrationId: `Expected registrationId to be ${nameRule}, found "Camera 1".`,
            allocationPolicy: 'Expected allocationPolicy to be static, hashed or geoLatency, found "best".',
            hubHostName: 'Expected hubHostName to be the host name of a hub, found "".',
        });
        const tagged = (await provider.check(urn, news("camera", { tags: { "a.b": 1 } }))).refused;
        expect(tagged.tags).toMatch(/^Expected the keys of tags without dots/);
        const { provisioningServiceId: _, ...nowhere } = news("camera");
        expect((await provider.check(urn, nowhere)).refused).toEqual({
            provisioningServiceId:
                "Expected either provisioningServiceId or provisioningServiceHostName, found neither.",
        });
    });
});
