import { signSas } from "../../../../local/planes/sas";
import { inAnHour, startTestHub, type TestHub } from "./testHub";

let test1: TestHub;
const call: TestHub["call"] = (...request) => test1.call(...request);
let number = 0;
let path: string;

beforeAll(async () => {
    test1 = await startTestHub();
});
afterAll(() => test1.close());

beforeEach(async () => {
    path = `/twins/d${++number}`;
    await call("PUT", path.replace("twins", "devices"), { body: {} });
});

const patch = (body: object, ifMatch?: string) => call("PATCH", path, { body, ifMatch });
const desired = (values: object) => ({ properties: { desired: values } });

test("a new twin is empty, at version 1, and mirrors its identity", async () => {
    const device = (await call("GET", path.replace("twins", "devices"))).body;
    const { status, body, headers } = await call("GET", path);
    expect(status).toBe(200);
    expect(body).toMatchObject({
        deviceId: device.deviceId,
        deviceEtag: device.etag,
        etag: "AAAAAAAAAAE=",
        version: 1,
        status: "enabled",
        authenticationType: "sas",
        tags: {},
        properties: {
            desired: { $version: 1, $metadata: { $lastUpdated: "0001-01-01T00:00:00Z" } },
            reported: { $version: 1 },
        },
    });
    expect(headers.etag).toBe('"AAAAAAAAAAE="');
    expect(body.generationId).toBeUndefined();
});

test("a patch merges, null removes, arrays are replaced, and the versions count up", async () => {
    await patch({
        tags: { site: "a", lab: { room: 1, desk: 2 } },
        ...desired({ a: { b: 1, c: 2 }, list: [1, 2] }),
    });
    const { body } = await patch({
        tags: { lab: { desk: null } },
        ...desired({ a: { b: null }, list: [3] }),
    });
    expect(body.tags).toEqual({ site: "a", lab: { room: 1 } });
    expect(body.properties.desired).toMatchObject({ a: { c: 2 }, list: [3], $version: 3 });
    expect(body.properties.desired.a).toEqual({ c: 2 });
    expect([body.version, body.etag]).toEqual([3, "AAAAAAAAAAM="]);
    const emptied = (await patch(desired({ a: { c: null } }))).body;
    expect(emptied.properties.desired.a).toEqual({});
});

test("the metadata mirrors the desired properties with time and version of each key's last change", async () => {
    await patch(desired({ a: { b: 1 }, c: 1 }));
    const { $metadata } = (await patch(desired({ c: 2 }))).body.properties.desired;
    expect($metadata.a.b.$lastUpdatedVersion).toBe(2);
    expect($metadata.c.$lastUpdatedVersion).toBe(3);
    expect($metadata.$lastUpdatedVersion).toBe(3);
    expect(Object.keys((await patch(desired({ c: null }))).body.properties.desired.$metadata)).not.toContain(
        "c",
    );
});

test("a change of tags alone leaves the version of the desired properties", async () => {
    const { body } = await patch({ tags: { site: "a" } });
    expect([body.version, body.properties.desired.$version]).toEqual([2, 1]);
    expect((await patch({})).body.version).toBe(2);
});

test("a replacement leaves nothing of what was there, and what was read can be sent back", async () => {
    await patch({ tags: { site: "a" }, ...desired({ a: 1, b: 2 }) });
    const read = (await call("GET", path)).body;
    read.properties.desired.a = 5;
    const sent = (await call("PUT", path, { body: read })).body;
    expect(sent.properties.desired).toMatchObject({ a: 5, b: 2, $version: 3 });
    const replaced = (await call("PUT", path, { body: desired({ only: 1 }) })).body;
    expect(replaced.tags).toEqual({});
    expect(Object.keys(replaced.properties.desired)).toEqual(["only", "$metadata", "$version"]);
});

test("a stale ETag is refused, a missing one, * and the current one are not", async () => {
    const first = (await call("GET", path)).body.etag;
    expect((await patch(desired({ a: 1 }), `"${first}"`)).status).toBe(200);
    const stale = await patch(desired({ a: 2 }), `"${first}"`);
    expect([stale.status, stale.headers["iothub-errorcode"]]).toEqual([412, "PreconditionFailed"]);
    expect((await patch(desired({ a: 3 }), "*")).status).toBe(200);
    expect((await patch(desired({ a: 4 }))).body.properties.desired.a).toBe(4);
});

const nested = (depth: number): object => (depth === 0 ? { scalar: 1 } : { deeper: nested(depth - 1) });

test.each<[string, object, RegExp]>([
    ["a key with a dot", desired({ "a.b": 1 }), /holds a control character/],
    ["a key with a space", { tags: { "a b": 1 } }, /holds a control character/],
    ["a key with a $", desired({ a: { $b: 1 } }), /holds a control character/],
    ["a key longer than 1024 bytes", desired({ ["ä".repeat(513)]: 1 }), /1026 bytes/],
    ["a string longer than 4096 bytes", desired({ a: "x".repeat(4097) }), /string of 4097 bytes/],
    ["an integer beyond 2^52", desired({ a: 2 ** 52 }), /beyond the range/],
    ["null inside a list", desired({ a: [null] }), /null/],
    ["objects eleven deep", desired(nested(11)), /more than 10 deep/],
    ["tags of more than 8 KB", { tags: { a: "x".repeat(4096), b: "x".repeat(4096) } }, /limit of 8192/],
    [
        "desired properties of more than 32 KB",
        desired(Object.fromEntries(Array.from("abcdefghi", (key) => [key, "x".repeat(4000)]))),
        /limit of 32768/,
    ],
    ["desired properties that are no object", { properties: { desired: "all" } }, /properties.desired/],
])("%s is refused, and the twin stays", async (_name, body, reason) => {
    const refused = await patch(body);
    expect([refused.status, refused.headers["iothub-errorcode"]]).toEqual([400, "ArgumentInvalid"]);
    expect(refused.body.Message).toMatch(reason);
    expect((await call("GET", path)).body.version).toBe(1);
});

test.each<[string, object]>([
    ["a key of 1024 bytes", desired({ ["ä".repeat(512)]: 1 })],
    ["a string of 4096 bytes", desired({ a: "x".repeat(4096) })],
    ["integers of 2^52 - 1", desired({ a: 2 ** 52 - 1, b: 1 - 2 ** 52 })],
    ["a number with a fraction", desired({ a: 0.5 })],
    ["tags of 8 KB", { tags: { a: "x".repeat(4096), b: "x".repeat(4079), c: 1, dd: true } }],
])("%s is kept", async (_name, body) => {
    expect((await patch(body)).status).toBe(200);
});

test("what is reported counts its version, names no version in its metadata, and leaves the twin's", async () => {
    const device = (await call("GET", path.replace("twins", "devices"))).body;
    await call("PUT", `${path.replace("twins", "devices")}/modules/m`, { body: {} });
    const { body: module } = await call("GET", `${path.replace("twins", "devices")}/modules/m`);
    const own = {
        resource: `${test1.description.hostName}/devices/${device.deviceId}/modules/m`,
        key: module.authentication.symmetricKey.primaryKey,
    };
    const token = signSas({ ...own, expiresAt: inAnHour() });
    const link = test1.hub.connectModule({ deviceId: device.deviceId, moduleId: "m", sas: token });
    link.report({ a: 1 });
    const twin = (await call("GET", `${path}/modules/m`)).body;
    expect(twin).toMatchObject({ moduleId: "m", deviceEtag: module.etag, version: 1 });
    expect(twin.properties.reported).toMatchObject({ a: 1, $version: 2 });
    expect(twin.properties.reported.$metadata.a).not.toHaveProperty("$lastUpdatedVersion");
    expect(twin.properties.desired.$version).toBe(1);
});

test("objects ten deep, with a value in the tenth, are kept", async () => {
    expect((await patch(desired(nested(10)))).status).toBe(200);
});

test("the twin of something that is not there is a missing device, also for a module", async () => {
    for (const missing of ["/twins/nobody", `${path}/modules/nobody`]) {
        for (const method of ["GET", "PATCH", "PUT"]) {
            const answer = await call(method, missing, { body: method === "GET" ? undefined : {} });
            expect([answer.status, answer.headers["iothub-errorcode"]]).toEqual([404, "DeviceNotFound"]);
        }
    }
});
