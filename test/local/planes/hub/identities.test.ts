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
        const { etag } = (await call("GET", "/devices/updated")).body;
        expect((await call("PUT", "/devices/updated", { body, ifMatch: `W/"${etag}"` })).status).toBe(200);
        expect((await call("PUT", "/devices/updated", { body, ifMatch: `W/"${etag}"` })).status).toBe(412);
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

    test.each([
        [15, 400],
        [16, 200],
        [64, 200],
        [65, 400],
    ])("a key of %i bytes is answered with %i, whichever of the two it is", async (bytes, status) => {
        const key = Buffer.alloc(bytes, 7).toString("base64");
        for (const symmetricKey of [
            { primaryKey: key, secondaryKey: newKey() },
            { primaryKey: newKey(), secondaryKey: key },
        ]) {
            const path = `/devices/length-${bytes}-${symmetricKey.primaryKey === key}`;
            expect((await call("PUT", path, { body: { authentication: { symmetricKey } } })).status).toBe(
                status,
            );
        }
    });

    test("thumbprints prove a device where they are stated, and whatever is no thumbprint is refused", async () => {
        const [sha1, sha256] = ["a".repeat(40), "B".repeat(64)];
        const put = (id: string, authentication: object) =>
            call("PUT", `/devices/${id}`, { body: { authentication } });
        const both = { primaryThumbprint: sha1, secondaryThumbprint: sha256 };
        const stated = { type: "selfSigned", x509Thumbprint: both };
        expect((await put("x509", stated)).body.authentication).toEqual(stated);
        expect((await call("GET", "/twins/x509")).body).toMatchObject({
            authenticationType: "selfSigned",
            x509Thumbprint: both,
        });
        const alone = { x509Thumbprint: { primaryThumbprint: sha1 } };
        expect((await put("x509-alone", alone)).body.authentication).toEqual({
            type: "selfSigned",
            ...alone,
        });
        for (const thumbprint of ["a".repeat(39), "a".repeat(41), "g".repeat(40), "a".repeat(63)])
            for (const which of ["primaryThumbprint", "secondaryThumbprint"])
                expect(
                    (await put("x509-wrong", { ...stated, x509Thumbprint: { [which]: thumbprint } })).status,
                ).toBe(400);
        const authority = { type: "certificateAuthority" };
        expect((await put("x509-ca", authority)).body.authentication).toEqual(authority);
    });

    test("the time of a status moves with the status alone, and what an update leaves out goes", async () => {
        const { body } = await call("PUT", "/devices/times", { body: { statusReason: "new" } });
        expect(body.statusUpdatedTime).toMatch(/^0001/);
        const update = async (change: object) =>
            (await call("PUT", "/devices/times", { body: { ...body, ...change }, ifMatch: "*" })).body;
        expect((await update({ statusReason: "other" })).statusUpdatedTime).toMatch(/^0001/);
        const disabled = await update({ status: "disabled", statusReason: null });
        expect(disabled).toMatchObject({
            status: "disabled",
            statusUpdatedTime: expect.stringMatching(/^2/),
        });
        expect(disabled).not.toHaveProperty("statusReason");
        expect((await update({ status: null })).status).toBe("enabled");
        const long = (length: number) =>
            call("PUT", "/devices/times", {
                body: { ...body, statusReason: "x".repeat(length) },
                ifMatch: "*",
            });
        expect([(await long(128)).status, (await long(129)).status]).toEqual([200, 400]);
    });

    test("a device that becomes an edge device gets its modules, one that ceases to be loses them", async () => {
        const { body } = await call("PUT", "/devices/becomes", { body: {} });
        await call("PUT", "/devices/becomes/modules/own", { body: {} });
        const modules = async () =>
            (await call("GET", "/devices/becomes/modules")).body.map(
                (module: { moduleId: string }) => module.moduleId,
            );
        const became = await call("PUT", "/devices/becomes", { body: { ...body, ...edge }, ifMatch: "*" });
        expect(became.body.deviceScope).toBe(`ms-azure-iot-edge://becomes-${body.generationId}`);
        expect(await modules()).toEqual(["$edgeAgent", "$edgeHub", "own"]);
        const ceased = await call("PUT", "/devices/becomes", {
            body: { ...became.body, capabilities: {} },
            ifMatch: "*",
        });
        expect(ceased.body).toMatchObject({ capabilities: { iotEdge: false } });
        expect(ceased.body).not.toHaveProperty("deviceScope");
        expect(await modules()).toEqual(["own"]);
    });

    test("a device may name the scope of its parent", async () => {
        const { deviceScope } = (await call("PUT", "/devices/parent", { body: edge })).body;
        const child = (await call("PUT", "/devices/child", { body: { deviceScope } })).body;
        expect(child).toMatchObject({ deviceScope, parentScopes: [deviceScope] });
        const nested = { ...edge, parentScopes: [deviceScope] };
        expect((await call("PUT", "/devices/nested", { body: nested })).body.parentScopes).toEqual([
            deviceScope,
        ]);
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
        expect((await call("PUT", `/devices/${"a".repeat(128)}`, { body: {} })).status).toBe(200);
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
        expect((await call("DELETE", "/devices/gone", { ifMatch: '"AAAA"' })).status).toBe(412);
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
        expect((await call("GET", "/devices?top=1000")).body).toEqual(all);
        for (const top of [0, 1001, -1]) expect((await call("GET", `/devices?top=${top}`)).status).toBe(400);
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

    test("one that is not there is not replaced, and one that changed meanwhile neither", async () => {
        const path = "/devices/host/modules/raced";
        const missing = await call("PUT", path, { body: {}, ifMatch: "*" });
        expect([missing.status, missing.headers["iothub-errorcode"]]).toEqual([404, "ModuleNotFound"]);
        const { etag } = (await call("PUT", path, { body: {} })).body;
        await call("PUT", path, { body: {}, ifMatch: etag });
        expect((await call("PUT", path, { body: {}, ifMatch: etag })).status).toBe(412);
        expect((await call("DELETE", path, { ifMatch: etag })).status).toBe(412);
        expect((await call("DELETE", path, { ifMatch: "*" })).status).toBe(204);
        expect((await call("DELETE", path, { ifMatch: "*" })).status).toBe(404);
        expect((await call("GET", path.replace("devices", "twins"))).status).toBe(404);
    });

    test("one keeps its generation when it is replaced, and has keys also where it asks for none", async () => {
        const path = "/devices/host/modules/kept";
        const created = (await call("PUT", path, { body: { authentication: { type: "none" } } })).body;
        expect(created.authentication).toMatchObject({
            type: "sas",
            symmetricKey: { primaryKey: expect.any(String) },
        });
        const replaced = (await call("PUT", path, { body: created, ifMatch: "*" })).body;
        expect(replaced).toMatchObject({
            generationId: created.generationId,
            authentication: created.authentication,
        });
        expect(replaced.etag).not.toBe(created.etag);

        const { symmetricKey } = created.authentication;
        const body = { authentication: { type: "none", symmetricKey } };
        const brought = (await call("PUT", "/devices/host/modules/brought", { body })).body;
        expect(brought.authentication).toMatchObject({ type: "sas", symmetricKey });
    });

    test.each([
        ["another device's id", { deviceId: "other" }],
        ["another module's id", { moduleId: "other" }],
        ["a member that no module has", { status: "enabled" }],
    ])("a body with %s is refused with 400", async (_name, body) => {
        expect((await call("PUT", "/devices/host/modules/typed", { body })).status).toBe(400);
    });

    test("an id that begins with $ is the hub's own", async () => {
        expect((await call("PUT", "/devices/host/modules/$mine", { body: {} })).status).toBe(400);
    });

    test("those of a device that is missing or disabled answer 401 to a shared access policy", async () => {
        expect((await call("GET", "/devices/nobody/modules")).status).toBe(401);
        expect((await call("PUT", "/devices/nobody/modules/m", { body: {} })).status).toBe(401);
        await call("PUT", "/devices/off", { body: { ...edge, status: "disabled" } });
        const refused = await call("GET", "/devices/off/modules/$edgeAgent");
        expect([refused.status, refused.headers["iothub-errorcode"]]).toEqual([
            401,
            "IotHubUnauthorizedAccess",
        ]);
        expect((await call("GET", "/twins/off/modules/$edgeAgent")).body.status).toBe("disabled");
    });
});
