import { newKey, startTestHub, type TestHub } from "./testHub";

let test1: TestHub;
const call: TestHub["call"] = (...request) => test1.call(...request);

beforeAll(async () => {
    test1 = await startTestHub();
});
afterAll(() => test1.close());

const edge = { capabilities: { iotEdge: true } };

describe("devices", () => {
    test("creating one answers 200 with keys of the hub's own, an ETag, and what a device starts with", async () => {
        const { status, body, headers } = await call("PUT", "/devices/plain", {
            body: { deviceId: "plain" },
        });
        expect(status).toBe(200);
        expect(body).toMatchObject({
            deviceId: "plain",
            status: "enabled",
            connectionState: "Disconnected",
            lastActivityTime: "0001-01-01T00:00:00Z",
            cloudToDeviceMessageCount: 0,
            capabilities: { iotEdge: false },
            authentication: { type: "sas" },
        });
        expect(body.deviceScope).toBeUndefined();
        const { primaryKey, secondaryKey } = body.authentication.symmetricKey;
        expect(Buffer.from(primaryKey, "base64")).toHaveLength(32);
        expect(primaryKey).not.toBe(secondaryKey);
        expect(headers.etag).toBe(`"${body.etag}"`);
        expect(headers["x-ms-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
        expect((await call("GET", "/devices/plain")).body).toEqual(body);
    });

    test("an edge device has a scope and the identities of its system modules, which have no keys", async () => {
        const { body } = await call("PUT", "/devices/edge1", { body: edge });
        expect(body.deviceScope).toBe(`ms-azure-iot-edge://edge1-${body.generationId}`);
        const modules = (await call("GET", "/devices/edge1/modules")).body;
        expect(modules.map((module: { moduleId: string }) => module.moduleId)).toEqual([
            "$edgeAgent",
            "$edgeHub",
        ]);
        expect(modules[0]).toMatchObject({
            deviceId: "edge1",
            managedBy: "iotEdge",
            authentication: { type: "none" },
        });
        expect((await call("GET", "/twins/edge1/modules/$edgeAgent")).status).toBe(200);
    });

    test("a device that exists is not created again, even with its current ETag in the body", async () => {
        const { body } = await call("PUT", "/devices/twice", { body: {} });
        const again = await call("PUT", "/devices/twice", { body });
        expect(again.status).toBe(409);
        expect(again.headers["iothub-errorcode"]).toBe("DeviceAlreadyExists");
        expect(again.body.Message).toBe("ErrorCode:DeviceAlreadyExists;twice");
        expect(again.body.ExceptionMessage).toMatch(
            /^Tracking ID:[0-9a-f]{32}-G:0-TimeStamp:\d\d\/\d\d\/\d{4} \d\d:\d\d:\d\d$/,
        );
    });

    test("an update needs the current ETag or *, quoted or not, and a device to be there", async () => {
        const { body } = await call("PUT", "/devices/updated", { body: {} });
        expect((await call("PUT", "/devices/updated", { body, ifMatch: '"AAAA"' })).status).toBe(412);
        const second = await call("PUT", "/devices/updated", { body, ifMatch: `"${body.etag}"` });
        expect(second.status).toBe(200);
        expect(second.body.etag).not.toBe(body.etag);
        expect((await call("PUT", "/devices/updated", { body, ifMatch: second.body.etag })).status).toBe(200);
        expect((await call("PUT", "/devices/updated", { body, ifMatch: "*" })).status).toBe(200);
        const missing = await call("PUT", "/devices/nowhere", { body: {}, ifMatch: "*" });
        expect([missing.status, missing.headers["iothub-errorcode"]]).toEqual([404, "DeviceNotFound"]);
    });

    test("an update that states the keys keeps them, one that leaves them out gets new ones", async () => {
        const { body } = await call("PUT", "/devices/keys", { body: {} });
        const kept = await call("PUT", "/devices/keys", { body, ifMatch: "*" });
        expect(kept.body.authentication).toEqual(body.authentication);
        expect(kept.body.generationId).toBe(body.generationId);
        const { authentication: _left, ...without } = body;
        const minted = await call("PUT", "/devices/keys", { body: without, ifMatch: "*" });
        expect(minted.body.authentication.symmetricKey.primaryKey).not.toBe(
            body.authentication.symmetricKey.primaryKey,
        );
        const emptied = { ...body, authentication: { symmetricKey: { primaryKey: "", secondaryKey: null } } };
        const again = await call("PUT", "/devices/keys", { body: emptied, ifMatch: "*" });
        expect(again.body.authentication.symmetricKey).not.toEqual(minted.body.authentication.symmetricKey);
    });

    test.each([
        ["one key of two", { primaryKey: newKey() }, /Either no keys or both keys can be set/],
        [
            "a key of 8 bytes",
            { primaryKey: newKey(), secondaryKey: "AAAAAAAAAAA=" },
            /Invalid device key length/,
        ],
        ["a key that is no base64", { primaryKey: newKey(), secondaryKey: "geheim!" }, /not base64/],
    ])("%s is refused", async (_name, symmetricKey, reason) => {
        const body = { authentication: { type: "sas", symmetricKey } };
        const refused = await call("PUT", "/devices/refused", { body });
        expect([refused.status, refused.headers["iothub-errorcode"]]).toEqual([400, "ArgumentInvalid"]);
        expect(refused.body.Message).toMatch(reason);
        expect((await call("GET", "/devices/refused")).status).toBe(404);
    });

    test.each([
        ["a status of another name", { status: "on" }],
        ["a number for a string", { statusReason: 1 }],
        ["a member that no device has", { capabilites: { iotEdge: true } }],
        ["a string for a capability", { capabilities: { iotEdge: "true" } }],
        ["another device's id", { deviceId: "other" }],
        ["authentication none", { authentication: { type: "none" } }],
        ["a list", []],
    ])("%s is refused with 400", async (_name, body) => {
        expect((await call("PUT", "/devices/typed", { body })).status).toBe(400);
    });

    test("a body that is no JSON, or none at all, is refused", async () => {
        const broken = await call("PUT", "/devices/broken", { rawBody: "{" });
        expect([broken.status, broken.headers["iothub-errorcode"]]).toEqual([400, "IotHubFormatError"]);
        expect((await call("PUT", "/devices/broken")).headers["iothub-errorcode"]).toBe("ArgumentNull");
    });

    test("an id may hold the characters that the service takes, and no others", async () => {
        const odd = "a-b:c.d+e_f@g;h'(i)";
        expect((await call("PUT", `/devices/${encodeURIComponent(odd)}`, { body: {} })).body.deviceId).toBe(
            odd,
        );
        expect((await call("PUT", `/devices/${encodeURIComponent("a b")}`, { body: {} })).status).toBe(400);
        expect((await call("PUT", `/devices/${"a".repeat(129)}`, { body: {} })).status).toBe(400);
    });

    test("the scope of an edge device cannot be changed or left out", async () => {
        const { body } = await call("PUT", "/devices/scoped", { body: edge });
        const { deviceScope: _left, ...without } = body;
        const refused = await call("PUT", "/devices/scoped", { body: without, ifMatch: "*" });
        expect([refused.status, refused.body.Message]).toEqual([
            400,
            expect.stringMatching(/Device scope is immutable/),
        ]);
        expect((await call("PUT", "/devices/scoped", { body, ifMatch: "*" })).body.deviceScope).toBe(
            body.deviceScope,
        );
    });

    test("a delete needs an ETag, takes modules and twins along, and finds nothing the second time", async () => {
        await call("PUT", "/devices/gone", { body: edge });
        const bare = await call("DELETE", "/devices/gone");
        expect([bare.status, bare.body.Message]).toEqual([412, expect.stringMatching(/Etag missing/)]);
        expect((await call("DELETE", "/devices/gone", { ifMatch: "*" })).status).toBe(204);
        expect((await call("DELETE", "/devices/gone", { ifMatch: "*" })).headers["iothub-errorcode"]).toBe(
            "DeviceNotFound",
        );
        expect((await call("GET", "/twins/gone/modules/$edgeAgent")).status).toBe(404);
        await call("PUT", "/devices/gone", { body: {} });
        expect((await call("GET", "/devices/gone/modules")).body).toEqual([]);
    });

    test("the list holds at most as many devices as are asked for", async () => {
        const all = (await call("GET", "/devices")).body;
        expect(all.length).toBeGreaterThan(3);
        expect((await call("GET", "/devices?top=2")).body).toEqual(all.slice(0, 2));
        expect((await call("GET", "/devices?top=0")).status).toBe(400);
        expect((await call("GET", "/devices?top=many")).status).toBe(400);
    });
});

describe("modules", () => {
    beforeAll(() => call("PUT", "/devices/host", { body: edge }));

    test("one is created, read, replaced with its ETag and deleted with it", async () => {
        const created = await call("PUT", "/devices/host/modules/m", { body: { managedBy: "me" } });
        expect(created.body).toMatchObject({ deviceId: "host", moduleId: "m", managedBy: "me" });
        expect(created.body.authentication.symmetricKey.primaryKey).toBeDefined();
        expect((await call("GET", "/devices/host/modules/m")).body).toEqual(created.body);
        const twice = await call("PUT", "/devices/host/modules/m", { body: {} });
        expect(twice.status).toBe(409);
        expect(twice.body).toEqual({
            errorCode: 409301,
            message: expect.any(String),
            trackingId: expect.any(String),
            timestampUtc: expect.any(String),
        });
        const replaced = await call("PUT", "/devices/host/modules/m", {
            body: {},
            ifMatch: created.body.etag,
        });
        expect(replaced.body.managedBy).toBeUndefined();
        expect(replaced.body.authentication).not.toEqual(created.body.authentication);
        expect((await call("DELETE", "/devices/host/modules/m")).status).toBe(412);
        expect(
            (await call("DELETE", "/devices/host/modules/m", { ifMatch: replaced.body.etag })).status,
        ).toBe(204);
        const gone = await call("GET", "/devices/host/modules/m");
        expect([gone.status, gone.headers["iothub-errorcode"]]).toEqual([404, "ModuleNotFound"]);
    });

    test("an id that begins with $ is the hub's own", async () => {
        expect((await call("PUT", "/devices/host/modules/$mine", { body: {} })).status).toBe(400);
    });

    test("those of a device that is missing or disabled answer 401 to a shared access policy", async () => {
        expect((await call("GET", "/devices/nobody/modules")).status).toBe(401);
        await call("PUT", "/devices/off", { body: { ...edge, status: "disabled" } });
        const refused = await call("GET", "/devices/off/modules/$edgeAgent");
        expect([refused.status, refused.headers["iothub-errorcode"]]).toEqual([
            401,
            "IotHubUnauthorizedAccess",
        ]);
        expect((await call("GET", "/twins/off/modules/$edgeAgent")).body.status).toBe("disabled");
    });
});
