import { lagging } from "../../../../local/planes/hub/query/laggingCollection";
import { policyToken, startTestHub, type TestHub } from "./testHub";

let test1: TestHub;
const call: TestHub["call"] = (...request) => test1.call(...request);

beforeAll(async () => {
    test1 = await startTestHub({ queryLag: 0 });
    for (const id of ["a", "b", "c"])
        await call("PUT", `/devices/${id}`, { body: { capabilities: { iotEdge: id === "a" } } });
    await call("PATCH", "/twins/a", { body: { tags: { site: "x" } } });
    const device = (await call("GET", "/devices/c")).body;
    await call("PUT", "/devices/c", { body: { ...device, status: "disabled" }, ifMatch: "*" });
});
afterAll(() => test1.close());

const query = (text: string, headers: Record<string, string> = {}) =>
    call("POST", "/devices/query", { body: { query: text }, headers });

test("a query answers the twins that its condition selects, as they are read alone", async () => {
    const { status, body, headers } = await query("SELECT * FROM devices WHERE tags.site = 'x'");
    expect([status, headers["x-ms-item-type"]]).toEqual([200, "Twin"]);
    expect(body).toEqual([(await call("GET", "/twins/a")).body]);
    const modules = await query("SELECT * FROM devices.modules WHERE moduleId = '$edgeAgent'");
    expect(modules.body).toEqual([(await call("GET", "/twins/a/modules/$edgeAgent")).body]);
    expect((await query("SELECT * FROM devices WHERE capabilities.iotEdge = true")).body).toHaveLength(1);
});

test("an answer comes in pages, each of which names the next", async () => {
    const all = "SELECT deviceId FROM devices";
    const first = await query(all, { "x-ms-max-item-count": "2" });
    expect(first.body).toEqual([{ deviceId: "a" }, { deviceId: "b" }]);
    expect(first.headers["x-ms-item-type"]).toBe("Raw");
    const continuation = String(first.headers["x-ms-continuation"]);
    const last = await query(all, { "x-ms-max-item-count": "2", "x-ms-continuation": continuation });
    expect([last.body, last.headers["x-ms-continuation"]]).toEqual([[{ deviceId: "c" }], undefined]);
    expect((await query(all, { "x-ms-continuation": "x" })).status).toBe(400);
    expect((await query(all, { "x-ms-max-item-count": "0" })).status).toBe(400);
});

test("a query that cannot be read is refused with 400, one without the right to read with 401", async () => {
    const refused = await query("SELECT * FROM devices WHERE site = 'x'");
    expect([refused.status, refused.body.Message]).toEqual([400, expect.stringMatching(/position 28/)]);
    expect((await call("POST", "/devices/query", { body: {} })).status).toBe(400);
    const authorization = policyToken(test1, "service");
    const body = { query: "SELECT * FROM devices" };
    expect((await call("POST", "/devices/query", { body, authorization })).status).toBe(401);
});

test("devices are counted by their state", async () => {
    expect((await call("GET", "/statistics/devices")).body).toEqual({
        totalDeviceCount: 3,
        enabledDeviceCount: 2,
        disabledDeviceCount: 1,
    });
    expect((await call("GET", "/statistics/service")).body).toEqual({ connectedDeviceCount: 0 });
});

test("queries see writes only after the lag of the index, and deleted entries until then", () => {
    let now = 0;
    const index = lagging(test1.store.collection<number>("lagging"), 1_400, () => now);
    index.put("a", 1);
    index.put("b", 1);
    now = 1_400;
    expect(index.past()).toEqual([
        ["a", 1],
        ["b", 1],
    ]);
    index.put("a", 2);
    index.put("a", 3);
    index.remove("b");
    index.put("c", 1);
    expect(index.get("a")).toBe(3);
    now = 2_799;
    expect(index.past()).toEqual([
        ["a", 1],
        ["b", 1],
    ]);
    now = 2_800;
    expect(index.past()).toEqual([
        ["a", 3],
        ["c", 1],
    ]);
});
