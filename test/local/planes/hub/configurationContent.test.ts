import { startTestHub, type TestHub } from "./testHub";

let test1: TestHub;
const call: TestHub["call"] = (...request) => test1.call(...request);
let number = 0;
let deviceId: string;

beforeAll(async () => {
    test1 = await startTestHub();
});
afterAll(() => test1.close());

beforeEach(async () => {
    deviceId = `edge${++number}`;
    await call("PUT", `/devices/${deviceId}`, { body: { capabilities: { iotEdge: true } } });
});

const apply = (modulesContent: unknown) =>
    call("POST", `/devices/${deviceId}/applyConfigurationContent`, { body: { modulesContent } });
const desired = async (moduleId: string) =>
    (await call("GET", `/twins/${deviceId}/modules/${moduleId}`)).body.properties.desired;
const modules = async () =>
    (await call("GET", `/devices/${deviceId}/modules`)).body.map(
        (each: { moduleId: string }) => each.moduleId,
    );

const agent = (names: string[]) => ({
    "properties.desired": {
        schemaVersion: "1.1",
        modules: Object.fromEntries(names.map((name) => [name, { type: "docker" }])),
    },
});
const hub = {
    "properties.desired": { schemaVersion: "1.1", routes: { up: "FROM /messages/* INTO $upstream" } },
};

test("a manifest answers 204, replaces the desired properties and counts their version up", async () => {
    expect((await apply({ $edgeAgent: agent(["a"]), $edgeHub: hub })).status).toBe(204);
    expect(await desired("$edgeAgent")).toMatchObject({
        schemaVersion: "1.1",
        modules: { a: {} },
        $version: 2,
    });
    await apply({ $edgeAgent: { "properties.desired": { schemaVersion: "1.0" } }, $edgeHub: hub });
    const replaced = await desired("$edgeAgent");
    expect(Object.keys(replaced)).toEqual(["schemaVersion", "$metadata", "$version"]);
    expect(replaced.$version).toBe(3);
});

test("the modules of the device become those of the manifest, with twins, owned by the edge runtime", async () => {
    await call("PUT", `/devices/${deviceId}/modules/own`, { body: { managedBy: "me" } });
    await apply({ $edgeAgent: agent(["a", "b"]), $edgeHub: hub, a: { "properties.desired": { speed: 1 } } });
    expect(await modules()).toEqual(["$edgeAgent", "$edgeHub", "a", "b", "own"]);
    const created = (await call("GET", `/devices/${deviceId}/modules/a`)).body;
    expect([created.managedBy, (await desired("a")).speed]).toEqual(["iotEdge", 1]);
    await apply({ $edgeAgent: agent(["b", "c"]), $edgeHub: hub });
    expect(await modules()).toEqual(["$edgeAgent", "$edgeHub", "b", "c", "own"]);
    await apply({ $edgeAgent: agent(["a"]), $edgeHub: hub });
    const again = (await call("GET", `/devices/${deviceId}/modules/a`)).body;
    expect(again.generationId).not.toBe(created.generationId);
});

test("a layered manifest changes only the places that it names", async () => {
    await apply({ $edgeAgent: agent(["a"]), $edgeHub: hub });
    const layered = {
        $edgeAgent: { "properties.desired.modules.b": { type: "docker" } },
        $edgeHub: { "properties.desired.routes.extra": "FROM /* INTO $upstream" },
    };
    expect((await apply(layered)).status).toBe(204);
    expect((await desired("$edgeAgent")).modules).toEqual({ a: { type: "docker" }, b: { type: "docker" } });
    expect(Object.keys((await desired("$edgeHub")).routes)).toEqual(["up", "extra"]);
    expect(await modules()).toEqual(["$edgeAgent", "$edgeHub", "a", "b"]);
    const before = (await desired("$edgeAgent")).$version;
    await apply({ $edgeAgent: {}, $edgeHub: { "properties.desired.routes.extra": "none" } });
    expect((await desired("$edgeAgent")).$version).toBe(before);
});

test.each<[string, unknown, RegExp]>([
    ["without $edgeAgent", { $edgeHub: hub }, /no \$edgeAgent/],
    ["with tags", { $edgeAgent: { ...agent([]), "tags.a": 1 } }, /'tags.a' of \$edgeAgent does not begin/],
    [
        "with an empty path",
        { $edgeAgent: { "properties.desired.": 1 } },
        /does not begin with properties.desired/,
    ],
    [
        "with another word",
        { $edgeAgent: { "properties.desireds": {} } },
        /does not begin with properties.desired/,
    ],
    [
        "with desired properties that are no object",
        { $edgeAgent: { "properties.desired": 1 } },
        /not an object/,
    ],
    ["with a system module of its own", { $edgeAgent: agent([]), $mine: hub }, /begins with \$/],
    ["that is a list", [], /modulesContent/],
    ["with a module that is a string", { $edgeAgent: "all" }, /modulesContent/],
])("a manifest %s is refused with 400", async (_name, content, reason) => {
    const refused = await apply(content);
    expect([refused.status, refused.headers["iothub-errorcode"]]).toEqual([
        400,
        "InvalidConfigurationContent",
    ]);
    expect(refused.body.Message).toMatch(reason);
});

test("a manifest that breaks a limit in one module changes nothing in any", async () => {
    const tooLong = { "properties.desired": { text: "x".repeat(4097) } };
    expect((await apply({ $edgeAgent: agent(["a"]), $edgeHub: hub, a: tooLong })).status).toBe(400);
    expect((await desired("$edgeAgent")).$version).toBe(1);
    expect(await modules()).toEqual(["$edgeAgent", "$edgeHub"]);
});

test("a device that is no edge device is refused, and one that is not there is not found", async () => {
    await call("PUT", "/devices/plain", { body: {} });
    deviceId = "plain";
    const refused = await apply({ $edgeAgent: agent([]) });
    expect([refused.status, refused.body.Message]).toEqual([
        400,
        expect.stringMatching(/Not an Azure IoT Edge device/),
    ]);
    deviceId = "nobody";
    expect((await apply({ $edgeAgent: agent([]) })).headers["iothub-errorcode"]).toBe("DeviceNotFound");
});

test("content for devices, as automatic configurations have it, is refused beside that for modules", async () => {
    const path = `/devices/${deviceId}/applyConfigurationContent`;
    const modulesContent = { $edgeAgent: agent([]) };
    const both = { modulesContent, deviceContent: { "properties.desired.a": 1 } };
    expect((await call("POST", path, { body: both })).status).toBe(400);
    expect((await call("POST", path, { body: { modulesContent, deviceContent: null } })).status).toBe(204);
});
