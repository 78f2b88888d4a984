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
    [500, "GetModuleLogs", { schemaVersion: "1.0", items: [{ id: "nut" }] }],
    [500, "UploadModuleLogs", { schemaVersion: "1.0", items: [{ id: "fruit" }] }],
    [500, "Ping", null],
    [500, "toString", null],
])("answers %i to %s %j", async (status, name, payload) => {
    expect((await invoke(name, payload)).status).toBe(status);
});
