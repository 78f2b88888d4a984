import { deleteEnrollments } from "../../../../local/planes/dps/enrollments";
import { signSas } from "../../../../local/planes/sas";
import { inAnHour, newKey } from "../hub/testHub";
import { type Answer, sendJson, startTestProvisioning, type TestProvisioning } from "./testProvisioning";

const keys = () => ({ primaryKey: newKey(), secondaryKey: newKey() });

let dps: TestProvisioning;
beforeAll(async () => {
    dps = await startTestProvisioning();
});
afterAll(() => dps?.close());

const body = (changes: object = {}) => ({
    registrationId: "refused",
    attestation: { type: "symmetricKey", symmetricKey: keys() },
    ...changes,
});
const put = (changes: object, path = "/enrollments/refused", policy?: string) =>
    dps.manage("PUT", path, body(changes), policy);

function wrongKey(): Promise<Answer> {
    const { hostName } = dps.settings;
    const authorization = signSas({
        resource: hostName,
        key: newKey(),
        policy: "all",
        expiresAt: inAnHour(),
    });
    return sendJson({
        ...{ port: Number(hostName.split(":")[1]), ca: dps.test.certificates.caPem, authorization },
        ...{ method: "GET", path: "/enrollments/one?api-version=2021-10-01" },
    });
}

describe("the provisioning service refuses", () => {
    const wrongKeys = { type: "symmetricKey", symmetricKey: { primaryKey: "a", secondaryKey: "b" } };
    test.each<[string, () => Promise<Answer>, number, number]>([
        ["an unknown policy", () => dps.manage("GET", "/enrollments/one", undefined, "nobody"), 401, 401002],
        ["a wrong key", wrongKey, 401, 401002],
        ["writing with a right to read", () => put({}, "/enrollments/refused", "reader"), 401, 401002],
        ["what it does not have", () => dps.manage("GET", "/enrollments/nobody"), 404, 404201],
        ["a hub that is not linked", () => put({ iotHubs: ["x"] }), 400, 400004],
        ["an unknown member", () => put({ hub: "h" }), 400, 400004],
        ["a key that is no base64", () => put({ attestation: wrongKeys }), 400, 400004],
        ["an address that cannot be decoded", () => dps.manage("GET", "/enrollments/%zz"), 400, 400004],
        ["the name of another", () => put({}, "/enrollments/other"), 400, 400004],
    ])("%s", async (_, asking, status, errorCode) => {
        expect(await asking()).toMatchObject({ status, body: { errorCode } });
    });

    test("to write over an entry without its ETag, or with an old one", async () => {
        const { status, body: entry } = await put({});
        expect(status).toBe(200);
        expect(await put({})).toMatchObject({
            status: 409,
            body: { errorCode: 409201, message: "Enrollment already exists" },
        });
        const over = () => dps.manage("PUT", "/enrollments/refused", body(), "all", entry.etag);
        expect((await over()).status).toBe(200);
        expect((await over()).status).toBe(412);
    });
});

describe.each([
    ["enrollments", "registrationId"],
    ["enrollmentGroups", "enrollmentGroupId"],
])("an entry of %s", (kind, idMember) => {
    let count = 0;
    const entry = (changes: object = {}) => {
        const id = `${kind}-${++count}`;
        const symmetricKey = keys();
        const attestation = { type: "symmetricKey", symmetricKey };
        const path = `/${kind}/${id}`;
        return { id, path, symmetricKey, body: { [idMember]: id, attestation, ...changes } };
    };
    const write = (path: string, body: object, ifMatch?: string) =>
        dps.manage("PUT", path, body, "all", ifMatch);

    test("shows no keys, and tells them to whoever may write", async () => {
        const { path, body, symmetricKey } = entry({ iotHubHostName: dps.test.hub.hostName });
        const written = await write(path, body);
        expect(written.body).toMatchObject({
            attestation: { type: "symmetricKey" },
            provisioningStatus: "enabled",
            createdDateTimeUtc: written.body.lastUpdatedDateTimeUtc,
        });
        expect((await dps.manage("GET", path, undefined, "reader")).body).toEqual(written.body);
        expect(JSON.stringify(written.body)).not.toContain(symmetricKey.secondaryKey);
        const mechanism = (policy: string) =>
            dps.manage("POST", `${path}/attestationmechanism`, undefined, policy);
        expect((await mechanism("all")).body).toEqual({ type: "symmetricKey", symmetricKey });
        expect((await mechanism("reader")).status).toBe(401);
    });

    test("gets two keys of 64 bytes where none are stated, and others when it is replaced without", async () => {
        const { path, body } = entry({ attestation: { type: "symmetricKey" } });
        const tell = async () =>
            (await dps.manage("POST", `${path}/attestationmechanism`)).body.symmetricKey as Record<
                string,
                string
            >;
        const { etag } = (await write(path, body)).body;
        const made = await tell();
        expect(Object.values(made).map((key) => Buffer.from(key, "base64").length)).toEqual([64, 64]);
        expect(made.primaryKey).not.toBe(made.secondaryKey);
        await write(path, body, etag);
        expect(Object.values(await tell())).not.toContain(made.primaryKey);
    });

    test("is replaced and deleted by its ETag alone, or by any, and keeps the time of its creation", async () => {
        const { path, body } = entry();
        expect((await write(path, body, "*")).status).toBe(404);
        const first = (await write(path, body)).body;
        const second = (await write(path, { ...body, provisioningStatus: "disabled" }, first.etag)).body;
        expect(second).toMatchObject({
            provisioningStatus: "disabled",
            createdDateTimeUtc: first.createdDateTimeUtc,
        });
        expect(second.etag).not.toBe(first.etag);
        const third = (await write(path, body, "*")).body;
        const remove = (ifMatch?: string) => dps.manage("DELETE", path, undefined, "all", ifMatch);
        expect((await remove(second.etag)).status).toBe(412);
        expect((await remove(third.etag)).status).toBe(204);
        expect((await remove()).status).toBe(404);
        await write(path, body);
        expect((await dps.manage("DELETE", path, undefined, "reader")).status).toBe(401);
        expect((await remove()).status).toBe(204);
    });

    test("is the same in any letter case of its name, which has the service's characters", async () => {
        const { id, path, body } = entry();
        const upper = id.toUpperCase();
        expect((await write(path.replace(id, upper), { ...body, [idMember]: upper })).status).toBe(200);
        expect((await write(path, body)).status).toBe(409);
        expect((await dps.manage("GET", path)).body[idMember]).toBe(upper);
        for (const [name, status] of [
            ["a", 200],
            ["a-", 400],
            [".a", 400],
            ["a b", 400],
            ["b".repeat(128), 200],
            ["b".repeat(129), 400],
        ] as const) {
            const answer = await write(`/${kind}/${encodeURIComponent(name)}`, { ...body, [idMember]: name });
            expect([name, answer.status]).toEqual([name, status]);
        }
    });

    test.each([
        [15, 400],
        [16, 200],
        [64, 200],
        [65, 400],
    ])("takes keys of %i bytes with %i", async (bytes, status) => {
        const key = Buffer.alloc(bytes, 1).toString("base64");
        for (const symmetricKey of [
            { ...keys(), primaryKey: key },
            { ...keys(), secondaryKey: key },
        ]) {
            const { path, body } = entry({ attestation: { type: "symmetricKey", symmetricKey } });
            expect((await write(path, body)).status).toBe(status);
        }
    });
});

test("another api-version, and a missing one, is refused", async () => {
    const { hostName, policies } = dps.settings;
    const key = policies[0]?.primaryKey ?? "";
    const authorization = signSas({ resource: hostName, key, policy: "all", expiresAt: inAnHour() });
    const get = (query: string) =>
        sendJson({
            ...{ port: Number(hostName.split(":")[1]), ca: dps.test.certificates.caPem, authorization },
            ...{ method: "GET", path: `/enrollments/none${query}` },
        });
    expect(await get("?api-version=2019-03-31")).toMatchObject({ status: 400, body: { errorCode: 400004 } });
    expect((await get("")).status).toBe(400);
    expect((await get("?api-version=2021-10-01")).status).toBe(404);
});

test("a service that is deleted forgets its entries and registrations, its neighbour keeps its own", () => {
    const { store } = dps.test;
    for (const service of ["gone", "stays"])
        for (const kind of ["enrollments", "enrollmentGroups", "registrations"])
            store.collection(`dps/${service}/${kind}`).put("a", 1);
    deleteEnrollments("gone", store);
    const left = (service: string) =>
        ["enrollments", "enrollmentGroups", "registrations"].map(
            (kind) => store.collection(`dps/${service}/${kind}`).entries().length,
        );
    expect([left("gone"), left("stays")]).toEqual([
        [0, 0, 0],
        [1, 1, 1],
    ]);
});
