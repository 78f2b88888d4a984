import { gunzipSync } from "node:zlib";
import { agentMethods } from "../../../../local/device/agent/agentMethods";

const log = [
    "<6> 2026-11-25 20:00:00.000 +00:00 [INF] - started",
    "<4> 2026-11-25 20:30:00.000 +00:00 [WRN] - slow",
    "    a second line of it",
    "<3> 2026-11-25 21:00:00.000 +00:00 [ERR] - broken",
    "",
].join("\n");

let restarted: string[];
const invoke = agentMethods({
    modules: () => ["fruit", "vegetable"],
    restart: async (moduleId) => void restarted.push(moduleId),
    log: (moduleId) => (moduleId === "fruit" ? log : ""),
    now: () => Date.parse("2026-11-25T21:10:00Z"),
});
beforeEach(() => {
    restarted = [];
});

const logs = async (filter: object, more: object = {}) => {
    const { status, payload } = await invoke("GetModuleLogs", {
        schemaVersion: "1.0",
        items: [{ id: "fruit", filter }],
        ...more,
    });
    expect(status).toBe(200);
    return payload as { id: string; payload: string; payloadBytes: string }[];
};
const texts = async (filter: object) => (await logs(filter))[0]?.payload.trimEnd().split("\n");

test("ping answers 200 with nothing", async () => {
    expect(await invoke("ping", null)).toEqual({ status: 200, payload: null });
});

test("RestartModule restarts the module that it names, and no other", async () => {
    expect(await invoke("RestartModule", { schemaVersion: "1.0", id: "fruit" })).toEqual({
        status: 200,
        payload: null,
    });
    expect(restarted).toEqual(["fruit"]);
    expect((await invoke("RestartModule", { schemaVersion: "1.0", id: "nut" })).status).toBe(500);
});

test("GetModuleLogs filters by tail, times, level and expression", async () => {
    const [started, slow, second, broken] = log.split("\n");
    expect(await texts({})).toEqual([started, slow, second, broken]);
    expect(await texts({ tail: 1 })).toEqual([broken]);
    expect(await texts({ since: "45m" })).toEqual([slow, second, broken]);
    expect(await texts({ until: "2026-11-25T20:15:00Z" })).toEqual([started]);
    expect(await texts({ since: 1_795_638_600, until: 1_795_638_600 })).toEqual([slow, second]);
    expect(await texts({ loglevel: 3 })).toEqual([broken]);
    expect(await texts({ regex: "slow|broken", tail: 2 })).toEqual([slow, broken]);
});

test.each([
    "2700s",
    "2700 seconds",
    "45m",
    "45 Minutes",
    "45minute",
    "1795638600",
    1_795_638_600,
    "2026-11-25T20:25:00Z",
])("since %p means the same time or one before the second line", async (since) => {
    const [, slow, second, broken] = log.split("\n");
    expect(await texts({ since })).toEqual([slow, second, broken]);
});

test.each([
    ["1h", 3],
    ["2 hours", 4],
    ["1d", 4],
    ["0d", 0],
    ["2 days", 4],
])("since %s lets %i lines through", async (since, count) => {
    expect((await texts({ since }))?.filter(Boolean)).toHaveLength(count);
});

test("a line without a severity counts as information", async () => {
    const [started, , second] = log.split("\n");
    expect(await texts({ loglevel: 6 })).toContain(second);
    expect(await texts({ loglevel: 5 })).not.toContain(second);
    expect(await texts({ loglevel: 5 })).not.toContain(started);
});

test("GetModuleLogs encodes as it is asked", async () => {
    const [zipped] = await logs({ tail: 1 }, { encoding: "gzip", contentType: "json" });
    const entries = JSON.parse(gunzipSync(Buffer.from(zipped?.payloadBytes ?? "", "base64")).toString());
    expect(entries).toEqual([
        {
            id: "fruit",
            stream: "stdout",
            loglevel: 3,
            timestamp: "2026-11-25T21:00:00.000Z",
            text: "<3> 2026-11-25 21:00:00.000 +00:00 [ERR] - broken",
        },
    ]);
});

test("an id is an expression over the modules and edgeAgent", async () => {
    const { payload } = await invoke("GetModuleLogs", { schemaVersion: "1.0", items: [{ id: ".*" }] });
    expect((payload as { id: string }[]).map(({ id }) => id)).toEqual(["edgeAgent", "fruit", "vegetable"]);
});

test.each([
    [400, "RestartModule", { schemaVersion: "1.1", id: "fruit" }],
    [400, "RestartModule", { schemaVersion: "1.0" }],
    [400, "RestartModule", null],
    [400, "GetModuleLogs", { schemaVersion: "1.0", items: [] }],
    [400, "GetModuleLogs", { schemaVersion: "1.0", items: [{ id: "fruit" }], encoding: "zip" }],
    [400, "GetModuleLogs", { schemaVersion: "1.0", items: [{ id: "fruit", filter: { regex: "(" } }] }],
    [400, "GetModuleLogs", { schemaVersion: "1.0", items: [{ id: "fruit", filter: { since: "soon" } }] }],
    [400, "GetModuleLogs", { schemaVersion: "1.0", items: [{ id: "fruit", filter: { tail: 0 } }] }],
    [400, "GetModuleLogs", { schemaVersion: "1.0", items: [{ id: "fruit", filter: { loglevel: 8 } }] }],
    [400, "GetModuleLogs", { schemaVersion: "1.0", items: [{ id: "fruit" }], contentType: "xml" }],
    [400, "GetModuleLogs", { schemaVersion: "1.0", items: [{ id: "(" }] }],
    [500, "GetModuleLogs", { schemaVersion: "1.0", items: [{ id: "frui" }] }],
    [500, "GetModuleLogs", { schemaVersion: "1.0", items: [{ id: "nut" }] }],
    [500, "UploadModuleLogs", { schemaVersion: "1.0", items: [{ id: "fruit" }] }],
    [500, "Ping", null],
    [500, "toString", null],
])("answers %i to %s %j", async (status, name, payload) => {
    expect((await invoke(name, payload)).status).toBe(status);
});
