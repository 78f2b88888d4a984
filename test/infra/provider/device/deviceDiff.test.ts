import {
    arm,
    azure,
    configuredProvider,
    provider,
    putHub,
    type TestService,
    useLocalServices,
} from "../localServices";
import { secretPaths } from "../secretMarks";
import { workOn } from "../stackedResource";

const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const symmetricKey = {
    primaryKey: Buffer.alloc(32, 1).toString("base64"),
    secondaryKey: Buffer.alloc(32, 2).toString("base64"),
};
const outputs = ["connectionString", "hubHostName", "primaryKey", "secondaryKey"];

useLocalServices();
const devices = workOn(() => provider, "Device");
const urn = devices.urn();

let hub: TestService;
let hubId: string;
beforeAll(async () => {
    hub = await putHub("hub-diffs");
    hubId = hub.id;
});

describe("a check of a device", () => {
    const rule = "1 to 128 letters, digits or any of - : . + % _ # * ? ! ( ) , = @ ; $ '";
    const place =
        "an id of the form /subscriptions/…/resourceGroups/…/providers/Microsoft.Devices/IotHubs/NAME";
    const print = "a thumbprint of 40 or 64 hexadecimal digits";

    test("fills in what has a default", async () => {
        const { inputs, failures } = await provider.check(urn, { hubId, deviceId: "d" });
        expect(failures).toEqual([]);
        expect(inputs).toEqual({ hubId, deviceId: "d", edge: true, status: "enabled" });
    });

    test.each<[string, object, Record<string, string>]>([
        [
            "a name with a space",
            { deviceId: "a b" },
            { deviceId: `Expected deviceId to be ${rule}, found "a b".` },
        ],
        ["no name", { deviceId: undefined }, { deviceId: `Expected deviceId to be ${rule}, found none.` }],
        ["no hub", { hubId: undefined }, { hubId: "Expected either hubId or hubHostName, found neither." }],
        [
            "two hubs",
            { hubHostName: "hub.azure-devices.net" },
            { hubId: "Expected either hubId or hubHostName, found both." },
        ],
        ["a wrong id", { hubId: "hub" }, { hubId: `Expected hubId to be ${place}, found "hub".` }],
        [
            "a URL for a host",
            { hubId: undefined, hubHostName: "https://hub" },
            {
                hubHostName:
                    'Expected hubHostName to be a host name such as my-hub.azure-devices.net, without a scheme, found "https://hub".',
            },
        ],
        [
            "another status",
            { status: "off" },
            { status: 'Expected status to be enabled or disabled, found "off".' },
        ],
        [
            "another kind of edge",
            { edge: "yes" },
            { edge: 'Expected edge to be true or false, found "yes".' },
        ],
        [
            "a wrong thumbprint",
            { thumbprints: ["AB"] },
            { "thumbprints[0]": `Expected thumbprints[0] to be ${print}, found "AB".` },
        ],
        [
            "three thumbprints",
            { thumbprints: ["A".repeat(40), "B".repeat(40), "C".repeat(40)] },
            {
                thumbprints: expect.stringContaining(
                    "Expected thumbprints to be a list of one thumbprint or two",
                ),
            },
        ],
        [
            "a key and a thumbprint",
            { symmetricKey, thumbprints: ["A".repeat(40)] },
            { thumbprints: "Expected either symmetricKey or thumbprints, found both. Remove one of them." },
        ],
        [
            "a tag with a dot",
            { tags: { "a.b": 1 } },
            {
                tags: 'Expected the keys of tags without dots, $, #, spaces and control characters, found "a.b".',
            },
        ],
        [
            "another property",
            { name: "d" },
            {
                name: "Expected name to be one of hubId, hubHostName, deviceId, edge, status, symmetricKey, thumbprints, tags.",
            },
        ],
    ])("refuses %s at its property", async (_, change, refused) => {
        const news = Object.entries({ hubId, deviceId: "d", ...change });
        const given = Object.fromEntries(news.filter(([, value]) => value !== undefined));
        expect((await provider.check(urn, given)).refused).toEqual(refused);
    });

    test("refuses a key that is none without quoting it", async () => {
        const wrong = { hubId, deviceId: "d", symmetricKey: { ...symmetricKey, primaryKey: "hunter2" } };
        expect((await provider.check(urn, wrong)).refused).toEqual({
            "symmetricKey.primaryKey":
                "Expected symmetricKey.primaryKey to be base64 of 16 to 64 bytes, found something else.",
        });
    });

    test("takes what is not known yet for right, and refuses the rest all the same", async () => {
        for (const property of ["hubId", "deviceId", "edge", "status", "symmetricKey", "thumbprints", "tags"])
            expect(
                (await provider.check(urn, { hubId, deviceId: "d", [property]: unknown })).refused,
            ).toEqual({});
        const nested = { symmetricKey: { ...symmetricKey, primaryKey: unknown }, tags: { a: unknown } };
        expect((await provider.check(urn, { hubId, deviceId: "d", ...nested })).refused).toEqual({});
        const wrong = { hubId: unknown, deviceId: "d", tags: { "a.b": 1 } };
        expect(Object.keys((await provider.check(urn, wrong)).refused)).toEqual(["tags"]);
    });
});

describe("a preview of a device", () => {
    test("has its inputs, and outputs that are not known", async () => {
        const news = { hubId, deviceId: "d", edge: true, status: "enabled" };
        const { id, properties } = await provider.create(urn, news, true);
        expect(id).toBe("");
        expect(properties).toEqual({
            ...news,
            ...Object.fromEntries(outputs.map((name) => [name, unknown])),
        });
    });

    test("of an update keeps the outputs, unless what they are made of changes", async () => {
        const known = { hubHostName: "h", primaryKey: "p", secondaryKey: "s", connectionString: "c" };
        const inputs = { hubId, deviceId: "d", edge: true, status: "enabled" };
        const planned = (news: object) =>
            provider.update(urn, "id", { ...inputs, ...known }, { ...inputs, ...news }, true);
        expect(await planned({ status: "disabled" })).toMatchObject({
            status: "disabled",
            hubHostName: "h",
            primaryKey: { value: "p" },
        });
        expect(await planned({ symmetricKey })).toMatchObject({ hubHostName: "h", primaryKey: unknown });
    });
});

describe("a difference of a device", () => {
    const olds = () => ({ hubId, deviceId: "d", edge: true, status: "enabled" });
    const state = () => ({ ...olds(), hubHostName: hub.hostName, primaryKey: "p" });
    const diff = (news: object, before: object = olds()) =>
        provider.diff(urn, { ...before }, { ...olds(), ...news }, state());
    const byHost = (hubHostName: string) => {
        const { hubId: _, ...rest } = olds();
        return { ...rest, hubHostName };
    };

    test("is none for the same, nor for a hub's id in other letters; --replace deletes first then", async () => {
        for (const news of [{}, { hubId: hubId.replace("IotHubs", "iothubs").toUpperCase() }])
            expect(await diff(news)).toEqual({
                ...{ isChanged: false, changes: [], replaces: [], kinds: {} },
                deleteBeforeReplace: true,
            });
    });

    test.each([
        ["status", { status: "disabled" }],
        ["edge", { edge: false }],
        ["tags", { tags: { a: 1 } }],
        ["thumbprints", { thumbprints: ["A".repeat(40)] }],
        ["symmetricKey", { symmetricKey }],
    ])("is an update for another %s", async (path, news) => {
        expect(await diff(news)).toMatchObject({
            isChanged: true,
            changes: [path],
            replaces: [],
            deleteBeforeReplace: true,
        });
    });

    test.each([
        ["another name", { deviceId: "other" }, "deviceId"],
        ["another hub", { hubId: "/another" }, "hubId"],
        ["a hub that is not known yet", { hubId: unknown }, "hubId"],
        ["a name that is not known yet", { deviceId: unknown }, "deviceId"],
    ])("is a replacement for %s, which is made before the old one goes", async (_, news, path) => {
        expect(await diff(news)).toEqual({
            isChanged: true,
            changes: [path],
            replaces: [path],
            deleteBeforeReplace: false,
            kinds: { [path]: "UPDATE_REPLACE" },
        });
    });

    test("is an update where the same hub is named in another way, and a replacement where it is another", async () => {
        const named = (hubHostName: string) =>
            provider.diff(urn, olds(), byHost(hubHostName), { ...state() });
        expect(await named(hub.hostName.toUpperCase())).toMatchObject({
            changes: ["hubHostName", "hubId"],
            replaces: [],
            kinds: { hubHostName: "ADD", hubId: "DELETE" },
        });
        expect(await named("other.azure-devices.net")).toMatchObject({ replaces: ["hubId", "hubHostName"] });
        // The other way round the provider asks ARM for the hub's host name.
        const other = await putHub("hub-other");
        const by = (id: string) =>
            provider.diff(
                urn,
                byHost(hub.hostName),
                { ...olds(), hubId: id },
                { ...byHost(hub.hostName), primaryKey: "p" },
            );
        expect(await by(hubId)).toMatchObject({ isChanged: true, replaces: [] });
        expect(await by(other.id)).toMatchObject({ replaces: ["hubId", "hubHostName"] });
        expect(await by(unknown)).toMatchObject({ replaces: ["hubId", "hubHostName"] });
        await arm("DELETE", other.id);
    });

    test("of a tag within others is named by its path", async () => {
        expect((await diff({ tags: { a: 1, b: 2 } }, { ...olds(), tags: { a: 1, b: 3 } })).changes).toEqual([
            "tags.b",
        ]);
    });
});

describe("secrets of a device", () => {
    test("are marked in every answer", async () => {
        const news = { hubId, deviceId: "secret", symmetricKey };
        const inOutputs = ["connectionString", "primaryKey", "secondaryKey", "symmetricKey"];
        expect(secretPaths((await provider.check(urn, news)).inputs)).toEqual(["symmetricKey"]);
        const made = await provider.create(urn, await devices.check(news));
        expect(secretPaths(made.properties)).toEqual(inOutputs);
        const state = { ...(await devices.check(news)), hubHostName: hub.hostName, primaryKey: "p" };
        const read = await provider.read(urn, made.id, await devices.check(news), state);
        expect(secretPaths(read.inputs)).toEqual(["symmetricKey"]);
        expect(secretPaths(read.properties)).toEqual(inOutputs);
        const changed = await devices.check({ ...news, status: "disabled" });
        expect(secretPaths(await provider.update(urn, made.id, state, changed))).toEqual(inOutputs);
        expect(secretPaths(await provider.update(urn, made.id, state, changed, true))).toEqual([
            "primaryKey",
            "symmetricKey",
        ]);
    });

    test("are no part of a refusal", async () => {
        const hubConnectionString = hub.connectionString.replace(hub.key, symmetricKey.primaryKey);
        const wrong = await configuredProvider({ hubConnectionString });
        const made = workOn(() => wrong, "Device").create({ hubHostName: hub.hostName, deviceId: "refused" });
        const message = await made.catch((error: Error) => error.message);
        expect(message).toMatch(
            new RegExp(
                `Expected ${hub.hostName} to carry out PUT /devices/refused, found 401 IotHubUnauthorizedAccess: .*` +
                    "Check the rights of the policy iothubowner, and hubConnectionString\\.$",
            ),
        );
        expect(message).not.toContain(symmetricKey.primaryKey);
        expect(azure.environment).not.toHaveProperty("IOTHUB_CONNECTION_STRING");
    });
});
