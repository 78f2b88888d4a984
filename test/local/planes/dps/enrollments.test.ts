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
