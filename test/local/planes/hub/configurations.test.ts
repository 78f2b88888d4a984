import { putConfiguration } from "../../../../local/planes/hub/configurations/configurations";
import { configurationTargets } from "../../../../local/planes/hub/configurations/configurationTargets";
import { hubData } from "../../../../local/planes/hub/hubData";
import { putDevice } from "../../../../local/planes/hub/identities/devices";
import { reportProperties, updateTwin } from "../../../../local/planes/hub/twins/twins";
import { startTestHub, type TestHub } from "./testHub";

let test1: TestHub;
const call: TestHub["call"] = (...request) => test1.call(...request);

beforeEach(async () => {
    test1 = await startTestHub({ queryLag: 0 });
    await call("PUT", "/devices/e", { body: { capabilities: { iotEdge: true } } });
});
afterEach(() => test1.close());

const base = (image: string) => ({
    modulesContent: {
        $edgeAgent: {
            "properties.desired": { schemaVersion: "1.1", modules: { [image]: { type: "docker" } } },
        },
    },
});
const layer = {
    modulesContent: { $edgeAgent: { "properties.desired.modules.extra": { type: "docker" } } },
};
const put = (id: string, body: object, ifMatch?: string) =>
    call("PUT", `/configurations/${id}`, { body, ifMatch });
const modules = async () =>
    Object.keys((await call("GET", "/twins/e/modules/$edgeAgent")).body.properties.desired.modules ?? {});
const tag = (tags: object) => call("PATCH", "/twins/e", { body: { tags } });

test("a configuration is created, read, listed, updated except for its content, and deleted", async () => {
    const created = await put("c-1", { content: base("a"), labels: { a: "b" } });
    expect([created.status, created.body.priority, created.headers.etag]).toEqual([200, 0, '"MQ=="']);
    expect((await put("c-1", { content: base("a") })).headers["iothub-errorcode"]).toBe(
        "ConfigurationAlreadyExists",
    );
    expect((await put("c-1", { content: base("a") }, "MQ==")).status).toBe(409);
    const updated = await put("c-1", { content: base("b"), priority: 3 }, '"MQ=="');
    expect(updated.body).toMatchObject({ content: base("a"), priority: 3 });
    expect((await put("c-1", { content: base("a") }, '"MQ=="')).status).toBe(412);
    expect((await call("GET", "/configurations?top=1")).body).toEqual([
        (await call("GET", "/configurations/c-1")).body,
    ]);
    expect((await call("DELETE", "/configurations/c-1")).status).toBe(204);
    expect((await call("GET", "/configurations/c-1")).headers["iothub-errorcode"]).toBe(
        "ConfigurationNotFound",
    );
});

test.each<[string, string, object, string]>([
    ["an id in capitals", "A", { content: base("a") }, "ArgumentInvalid"],
    ["a negative priority", "a", { content: base("a"), priority: -1 }, "ArgumentInvalid"],
    ["no content", "a", {}, "InvalidConfigurationContent"],
    ["mixed content", "a", { content: { ...base("a"), deviceContent: {} } }, "InvalidConfigurationContent"],
    ["tags in content", "a", { content: { deviceContent: { "tags.a": 1 } } }, "InvalidConfigurationContent"],
    [
        "a condition on desired properties",
        "a",
        { content: base("a"), targetCondition: "properties.desired.a = 1" },
        "InvalidConfigurationTargetCondition",
    ],
    [
        "a metric that is no query",
        "a",
        { content: base("a"), metrics: { queries: { m: "SELEC" } } },
        "InvalidConfigurationCustomMetricsQuery",
    ],
])("%s is refused with 400", async (_name, id, body, code) => {
    const refused = await put(id, body);
    expect([refused.status, refused.headers["iothub-errorcode"]]).toEqual([400, code]);
});

test("queries are tested, and * is no condition there", async () => {
    const body = { targetCondition: "*", customMetricQueries: { good: "SELECT * FROM devices", bad: "x" } };
    const { targetConditionError, customMetricQueryErrors } = (
        await call("POST", "/configurations/testQueries", { body })
    ).body;
    expect([typeof targetConditionError, Object.keys(customMetricQueryErrors)]).toEqual(["string", ["bad"]]);
});

test("of the deployments of a device the highest priority applies, then the next, then none changes anything", async () => {
    await put("low", { content: base("low"), targetCondition: "*", priority: 1 });
    await put("high", { content: base("high"), targetCondition: "tags.site = 'x'", priority: 2 });
    expect(await modules()).toEqual(["low"]);
    await tag({ site: "x" });
    expect(await modules()).toEqual(["high"]);
    const { systemMetrics } = (await call("GET", "/configurations/low")).body;
    expect(systemMetrics.results).toMatchObject({ targetedCount: 1, appliedCount: 0 });
    await tag({ site: null });
    expect(await modules()).toEqual(["low"]);
    await call("DELETE", "/configurations/low");
    expect(await modules()).toEqual(["low"]);
});

test("layers above the base are laid over it and taken away again, and queries see who applies", async () => {
    await put("layer", { content: layer, targetCondition: "deviceId = 'e'", priority: 5 });
    expect(await modules()).toEqual([]);
    await put("base", { content: base("a"), targetCondition: "*", priority: 1 });
    expect(await modules()).toEqual(["a", "extra"]);
    expect((await call("GET", "/devices/e/modules/extra")).body.managedBy).toBe("iotEdge");
    const query =
        "SELECT deviceId FROM devices.modules WHERE moduleId = '$edgeAgent' AND configurations.[[layer]].status = 'Applied'";
    expect((await call("POST", "/devices/query", { body: { query } })).body).toEqual([{ deviceId: "e" }]);
    await call("DELETE", "/configurations/layer");
    expect(await modules()).toEqual(["a"]);
});

test("a manifest that is applied by hand stays until the deployment is evaluated again", async () => {
    const { etag } = (await put("base", { content: base("auto"), targetCondition: "*" })).headers;
    await call("POST", "/devices/e/applyConfigurationContent", { body: base("hand") });
    await tag({ other: 1 });
    expect(await modules()).toEqual(["hand"]);
    await put("base", { content: base("auto"), targetCondition: "*" }, etag);
    expect(await modules()).toEqual(["auto"]);
});

test("settings of devices and modules come with their target and go with it", async () => {
    await put("d", {
        content: { deviceContent: { "properties.desired.a.b": 1 } },
        targetCondition: "tags.x = 1",
    });
    await call("PUT", "/devices/e/modules/m", { body: {} });
    await put("m", {
        content: { moduleContent: { "properties.desired.speed": 2 } },
        targetCondition: "FROM devices.modules WHERE moduleId = 'm'",
    });
    await tag({ x: 1 });
    expect((await call("GET", "/twins/e")).body.properties.desired.a).toEqual({ b: 1 });
    expect((await call("GET", "/twins/e/modules/m")).body.properties.desired.speed).toBe(2);
    await tag({ x: 2 });
    expect((await call("GET", "/twins/e")).body.properties.desired.a).toEqual({});
});

test("a changed twin is held only against conditions that look at what changed, a changed priority against none", () => {
    const data = hubData("incremental", test1.store);
    const evaluated: string[] = [];
    const targets = configurationTargets(data, (id, key) => evaluated.push(`${id} ${key}`));
    const write = (id: string, targetCondition: string, ifMatch?: string, priority = 0) => {
        const content = { deviceContent: { [`properties.desired.${id}`]: 1 } };
        const before = data.configurations.get(id);
        const body = { content, targetCondition, priority };
        targets.changed(putConfiguration(data, id, { body, ifMatch }), before);
    };
    for (const deviceId of ["d1", "d2", "d3"]) putDevice(data, deviceId, {});
    write("tagged", "tags.a = 1");
    write("reporting", "properties.reported.a = 1");
    targets.settle();
    evaluated.length = 0;
    updateTwin(data, { deviceId: "d2", body: { tags: { a: 1 } }, replace: false });
    targets.settle();
    expect(evaluated).toEqual(["tagged d2"]);
    reportProperties(data, "d2", { a: 1 });
    targets.settle();
    expect(evaluated).toEqual(["tagged d2", "reporting d2"]);
    updateTwin(data, { deviceId: "d2", body: { properties: { desired: { z: 1 } } }, replace: false });
    write("tagged", "tags.a = 1", "*", 9);
    targets.settle();
    expect(evaluated).toHaveLength(2);
    expect(data.twins.get("d2")?.desired.values).toEqual({ tagged: 1, reporting: 1, z: 1 });
});
