import type { JsonObject } from "../../../../local/base/mergePatch";
import type { ModuleLink } from "../../../../local/planes/hub/links/moduleLinks";
import { signSas } from "../../../../local/planes/sas";
import { inAnHour, newKey, startTestHub, type TestHub } from "./testHub";

let test1: TestHub;
let deviceKey: string;
const call: TestHub["call"] = (...request) => test1.call(...request);

beforeEach(async () => {
    test1 = await startTestHub();
    const { body } = await call("PUT", "/devices/e", { body: { capabilities: { iotEdge: true } } });
    deviceKey = body.authentication.symmetricKey.primaryKey;
});
afterEach(() => test1.close());

function sas(changes: { key?: string; path?: string; policy?: string; expiresAt?: Date } = {}): string {
    const { key = deviceKey, path = "/devices/e", policy, expiresAt = inAnHour() } = changes;
    return signSas({ resource: test1.description.hostName + path, key, policy, expiresAt });
}

function connect(token = sas(), moduleId = "$edgeAgent"): ModuleLink {
    return test1.hub.connectModule({ deviceId: "e", moduleId, sas: token });
}

const twin = async () => (await call("GET", "/twins/e/modules/$edgeAgent")).body;

test("a module connects with its device's key or its own, and the hub shows it as connected until it leaves", async () => {
    const own = (await call("PUT", "/devices/e/modules/m", { body: {} })).body.authentication.symmetricKey
        .primaryKey;
    connect(sas({ key: own, path: "/devices/e/modules/m" }), "m").close();
    const link = connect();
    expect((await twin()).connectionState).toBe("Connected");
    expect((await twin()).lastActivityTime).not.toMatch(/^0001/);
    expect((await call("GET", "/devices/e/modules/$edgeAgent")).body.connectionState).toBe("Connected");
    link.close();
    expect((await twin()).connectionState).toBe("Disconnected");
    expect(() => link.twin()).toThrow("The link of e/$edgeAgent is closed: it was closed by its own side.");
});

test.each<[string, () => string]>([
    ["another key", () => sas({ key: newKey() })],
    ["an expired token", () => sas({ expiresAt: new Date(0) })],
    ["a token for another device", () => sas({ path: "/devices/f" })],
    ["a token for the whole hub", () => sas({ path: "" })],
    ["a token of a policy", () => sas({ policy: "deployer" })],
    ["no token", () => ""],
])("a module with %s is refused", (_name, token) => {
    expect(() => connect(token())).toThrow("Unauthorized");
});

test("a device's token opens no route of the hub", async () => {
    expect((await call("GET", "/devices/e", { authorization: sas() })).status).toBe(401);
});

test("a module that is not there, or whose device is disabled, is refused", async () => {
    expect(() => connect(sas(), "nobody")).toThrow("Unauthorized");
    const device = (await call("GET", "/devices/e")).body;
    await call("PUT", "/devices/e", { body: { ...device, status: "disabled" }, ifMatch: "*" });
    expect(() => connect()).toThrow("Unauthorized");
});

test("a change of the desired properties reaches the module as a patch with its version", async () => {
    const link = connect();
    const pushed: [JsonObject, number][] = [];
    const stop = link.onDesired((patch, version) => void pushed.push([patch, version]));
    await call("PATCH", "/twins/e/modules/$edgeAgent", {
        body: { properties: { desired: { a: 1, b: { c: 1 } } } },
    });
    await call("PATCH", "/twins/e/modules/$edgeAgent", { body: { tags: { site: "x" } } });
    await call("POST", "/devices/e/applyConfigurationContent", {
        body: { modulesContent: { $edgeAgent: { "properties.desired": { b: { d: 2 } } } } },
    });
    expect(pushed).toEqual([
        [{ a: 1, b: { c: 1 } }, 2],
        [{ a: null, b: { c: null, d: 2 } }, 3],
    ]);
    expect(link.twin()).toEqual({
        desired: { b: { d: 2 } },
        desiredVersion: 3,
        reported: {},
        reportedVersion: 1,
    });
    stop();
    await call("PATCH", "/twins/e/modules/$edgeAgent", { body: { properties: { desired: { a: 1 } } } });
    expect(pushed).toHaveLength(2);
});

test("what a module reports is merged, null removes, and what is too large is refused whole", async () => {
    const link = connect();
    expect(link.report({ a: 1, b: { c: 1 } })).toBe(2);
    expect(link.report({ a: null, b: { d: 2 } })).toBe(3);
    expect((await twin()).properties.reported).toMatchObject({ b: { c: 1, d: 2 }, $version: 3 });
    const large = Object.fromEntries(Array.from("abcdefghi", (key) => [key, "x".repeat(4000)]));
    expect(() => link.report(large)).toThrow(/limit of 32768/);
    expect(link.twin().reportedVersion).toBe(3);
    expect((await twin()).version).toBe(1);
});

test("a second connection of the same module ends the first", () => {
    const first = connect();
    const reasons: string[] = [];
    first.onClosed((reason) => void reasons.push(reason));
    const second = connect();
    expect(reasons).toEqual(["the same identity connected again"]);
    expect(() => first.report({ a: 1 })).toThrow("is closed");
    expect(second.report({ a: 1 })).toBe(2);
});

test("new keys, a disabled device and a deleted one cut the links, another status reason does not", async () => {
    const reasons: string[] = [];
    const listen = () => connect().onClosed((reason) => void reasons.push(reason));
    listen();
    const device = (await call("GET", "/devices/e")).body;
    await call("PUT", "/devices/e", { body: { ...device, statusReason: "tested" }, ifMatch: "*" });
    expect(reasons).toEqual([]);
    const { authentication: _left, ...without } = device;
    const changed = (await call("PUT", "/devices/e", { body: without, ifMatch: "*" })).body;
    expect(reasons).toEqual(["the identity of its device was changed"]);
    expect(() => connect()).toThrow("Unauthorized");
    deviceKey = changed.authentication.symmetricKey.primaryKey;
    listen();
    await call("DELETE", "/devices/e", { ifMatch: "*" });
    expect(reasons[1]).toBe("its device was deleted");
});

test("a module that a manifest takes off the device loses its link", async () => {
    const apply = (modules: JsonObject) =>
        call("POST", "/devices/e/applyConfigurationContent", {
            body: { modulesContent: { $edgeAgent: { "properties.desired": { modules } } } },
        });
    await apply({ m: {} });
    const reasons: string[] = [];
    connect(sas(), "m").onClosed((reason) => void reasons.push(reason));
    await apply({});
    expect(reasons).toEqual(["its identity was deleted"]);
});
