import { putConfiguration } from "../../../../local/planes/hub/configurations/configurations";
import { configurationTargets } from "../../../../local/planes/hub/configurations/configurationTargets";
import { hubData } from "../../../../local/planes/hub/hubData";
import { putDevice } from "../../../../local/planes/hub/identities/devices";
import { reportProperties, updateTwin } from "../../../../local/planes/hub/twins/twins";
import { signSas } from "../../../../local/planes/sas";
import { until } from "../../../support/waiting";
import { inAnHour, newKey, policyToken, startTestHub, type TestHub } from "./testHub";

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
    ["an id of 129 characters", "a".repeat(129), { content: base("a") }, "ArgumentInvalid"],
    ["the id of another", "a", { content: base("a"), id: "b" }, "ArgumentInvalid"],
    ["a priority beyond 2^31", "a", { content: base("a"), priority: 2 ** 31 }, "ArgumentInvalid"],
    ["a label with a space", "a", { content: base("a"), labels: { a: "b c" } }, "ArgumentInvalid"],
    ["a label whose name is empty", "a", { content: base("a"), labels: { "": "b" } }, "ArgumentInvalid"],
    [
        "deployments without $edgeAgent",
        "a",
        { content: { modulesContent: { $edgeHub: {} } } },
        "InvalidConfigurationContent",
    ],
    [
        "a system module of its own",
        "a",
        { content: { modulesContent: { ...base("a").modulesContent, $mine: {} } } },
        "InvalidConfigurationContent",
    ],
    [
        "what no twin could hold",
        "a",
        { content: { deviceContent: { "properties.desired.a": "x".repeat(4097) } } },
        "InvalidConfigurationContent",
    ],
    [
        "a condition on a module's id, for devices",
        "a",
        { content: { deviceContent: {} }, targetCondition: "moduleId = 'm'" },
        "InvalidConfigurationTargetCondition",
    ],
    [
        "modules that a condition of devices targets",
        "a",
        { content: { moduleContent: {} }, targetCondition: "tags.a = 1" },
        "InvalidConfigurationTargetCondition",
    ],
    [
        "all modules",
        "a",
        { content: { moduleContent: {} }, targetCondition: "FROM devices.modules" },
        "InvalidConfigurationTargetCondition",
    ],
    [
        "devices that a condition of modules targets",
        "a",
        { content: { deviceContent: {} }, targetCondition: "FROM devices.modules WHERE moduleId = 'm'" },
        "InvalidConfigurationTargetCondition",
    ],
    [
        "more than five metrics",
        "a",
        {
            content: base("a"),
            metrics: {
                queries: Object.fromEntries(Array.from("abcdef", (m) => [m, "SELECT * FROM devices"])),
            },
        },
        "InvalidConfigurationCustomMetricsQuery",
    ],
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

test("one that is not there is not replaced, one that changed meanwhile neither replaced nor deleted", async () => {
    const missing = await put("raced", { content: base("a") }, "*");
    expect([missing.status, missing.headers["iothub-errorcode"]]).toEqual([404, "ConfigurationNotFound"]);
    const { etag } = (await put("raced", { content: base("a") })).headers;
    await put("raced", { content: base("a"), priority: 2 }, etag);
    const del = (ifMatch?: string) => call("DELETE", "/configurations/raced", { ifMatch });
    expect((await del(etag)).status).toBe(412);
    expect((await del("*")).status).toBe(204);
    expect((await del()).status).toBe(404);
});

test("writing configurations takes the rights to write devices and twins, reading them one to read", async () => {
    const as = async (policy: string) => {
        const authorization = policyToken(test1, policy);
        const content = { body: { content: base("a") } };
        return [
            (await call("GET", "/configurations", { authorization })).status,
            (await call("PUT", `/configurations/${policy.toLowerCase()}`, { ...content, authorization }))
                .status,
            (await call("DELETE", "/configurations/none", { authorization })).status,
        ];
    };
    expect(await as("registryReader")).toEqual([200, 401, 401]);
    expect(await as("service")).toEqual([401, 401, 401]);
    expect(await as("owner")).toEqual([200, 200, 404]);
    const key = newKey();
    const writer = { keyName: "writer", rights: "RegistryWrite", primaryKey: key, secondaryKey: key };
    const description = { ...test1.description, policies: [...test1.description.policies, writer] };
    test1.hub.update(description);
    const sas = { resource: description.hostName, key, policy: "writer", expiresAt: inAnHour() };
    const authorization = signSas(sas);
    const body = { content: base("a") };
    expect((await call("GET", "/configurations", { authorization })).status).toBe(200);
    expect((await call("PUT", "/configurations/w", { body, authorization })).status).toBe(401);
    expect((await call("DELETE", "/configurations/owner", { authorization })).status).toBe(401);
});

test("a hub keeps a hundred configurations", async () => {
    const data = hubData(test1.description.name, test1.store);
    for (let n = 0; n < 99; n++)
        putConfiguration(data, `c${n}`, { body: { content: { deviceContent: {} } } });
    expect((await put("hundredth", { content: base("a") })).status).toBe(200);
    const refused = await put("more", { content: base("a") });
    expect([refused.status, refused.headers["iothub-errorcode"]]).toEqual([
        413,
        "ConfigurationCountLimitExceeded",
    ]);
});

test("of two deployments of one priority the later one applies", async () => {
    await put("first", { content: base("first"), targetCondition: "*", priority: 1 });
    const { createdTimeUtc } = (await call("GET", "/configurations/first")).body;
    await until("another time", () => Date.now() > Date.parse(createdTimeUtc));
    await put("second", { content: base("second"), targetCondition: "*", priority: 1 });
    expect(await modules()).toEqual(["second"]);
});

test("a layer lies over a base of lower priority alone", async () => {
    await put("base", { content: base("a"), targetCondition: "*", priority: 5 });
    await put("equal", { content: layer, targetCondition: "*", priority: 5 });
    expect(await modules()).toEqual(["a"]);
    await put("above", { content: layer, targetCondition: "*", priority: 6 });
    expect(await modules()).toEqual(["a", "extra"]);
});

test("metrics count the twins that they select, the service's own and those of the configuration", async () => {
    await call("PUT", "/devices/plain", { body: {} });
    const queries = { all: "SELECT deviceId FROM devices", none: "SELECT * FROM devices WHERE tags.a = 1" };
    await put("edge", { content: base("a"), targetCondition: "*", metrics: { queries } });
    const version = (await call("GET", "/twins/e/modules/$edgeAgent")).body.properties.desired.$version;
    const results = async (id: string) => {
        const { systemMetrics, metrics } = (await call("GET", `/configurations/${id}`)).body;
        return { ...systemMetrics.results, ...metrics.results };
    };
    const expected = { targetedCount: 1, appliedCount: 1, all: 2, none: 0 };
    expect(await results("edge")).toEqual({
        ...expected,
        reportedSuccessfulCount: 0,
        reportedFailedCount: 0,
    });
    const data = hubData(test1.description.name, test1.store);
    const report = (code: number) =>
        reportProperties(data, "e/$edgeAgent", { lastDesiredVersion: version, lastDesiredStatus: { code } });
    report(200);
    expect(await results("edge")).toMatchObject({ reportedSuccessfulCount: 1, reportedFailedCount: 0 });
    report(500);
    expect(await results("edge")).toMatchObject({ reportedSuccessfulCount: 0, reportedFailedCount: 1 });
    await put("of-devices", { content: { deviceContent: {} }, targetCondition: "deviceId = 'plain'" });
    expect(await results("of-devices")).toEqual({ targetedCount: 1, appliedCount: 1 });
    const condition = "FROM devices.modules WHERE moduleId = '$edgeHub'";
    await put("modules", { content: { moduleContent: {} }, targetCondition: condition });
    expect(await results("modules")).toEqual({ targetedCount: 1, appliedCount: 1 });
});

test("a configuration that a twin could not hold is targeted and not applied", async () => {
    const large = Object.fromEntries(Array.from("abcdefg", (key) => [key, "x".repeat(4000)]));
    await call("PATCH", "/twins/e", { body: { properties: { desired: large } } });
    const more = { "properties.desired.more": { a: "x".repeat(4000), b: "x".repeat(4000) } };
    await put("d", { content: { deviceContent: more }, targetCondition: "*" });
    expect((await call("GET", "/configurations/d")).body.systemMetrics.results).toEqual({
        targetedCount: 1,
        appliedCount: 0,
    });
    expect((await call("GET", "/twins/e")).body.properties.desired.more).toBeUndefined();
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
