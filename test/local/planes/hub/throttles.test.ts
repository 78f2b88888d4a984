import { HubError } from "../../../../local/planes/hub/errors";
import type { HubTier } from "../../../../local/planes/hub/settings";
import { throttles } from "../../../../local/planes/hub/throttles";
import { startTestHub, type TestHub } from "./testHub";

/** How many calls in a row a hub takes while no time passes, at most `most`. */
function taken(tier: HubTier, method: string, path: string, body?: unknown, most = 50_000): number {
    const throttle = throttles(
        () => tier,
        () => 0,
    );
    for (let calls = 0; calls < most; calls++) {
        try {
            throttle({ method, path }, body);
        } catch (error) {
            if (error instanceof HubError) return calls;
            throw error;
        }
    }
    return most;
}

const F1 = { sku: "F1", units: 1 };
const S1 = { sku: "S1", units: 1 };

test.each<[HubTier, string, string, number]>([
    [F1, "PUT", "/devices/:deviceId", 100],
    [S1, "GET", "/devices/:deviceId/modules", 100],
    [{ sku: "S1", units: 3 }, "DELETE", "/devices/:deviceId", 300],
    [{ sku: "S3", units: 1 }, "PUT", "/devices/:deviceId", 5000],
    [S1, "POST", "/devices/query", 20],
    [{ sku: "S3", units: 2 }, "POST", "/devices/query", 2000],
    [S1, "GET", "/twins/:deviceId", 6000],
    [{ sku: "S2", units: 20 }, "GET", "/twins/:deviceId", 12_000],
    [S1, "PATCH", "/twins/:deviceId/modules/:moduleId", 3000],
    [S1, "POST", "/devices/:deviceId/applyConfigurationContent", 20],
    [{ sku: "S3", units: 1 }, "PUT", "/configurations/:id", 20],
    [S1, "POST", "/twins/:deviceId/methods", 2400],
    [{ sku: "S2", units: 2 }, "PUT", "/devices/:deviceId", 200],
    [{ sku: "S2", units: 2 }, "POST", "/devices/query", 40],
    [{ sku: "S2", units: 2 }, "POST", "/twins/:deviceId/modules/:moduleId/methods", 14_400],
    [{ sku: "S2", units: 9 }, "GET", "/twins/:deviceId", 6000],
    [{ sku: "S3", units: 1 }, "GET", "/twins/:deviceId", 30_000],
    [{ sku: "S2", units: 20 }, "PUT", "/twins/:deviceId", 6000],
    [{ sku: "S2", units: 9 }, "PATCH", "/twins/:deviceId", 3000],
    [{ sku: "S3", units: 1 }, "PATCH", "/twins/:deviceId", 15_000],
    [{ sku: "S2", units: 2 }, "GET", "/configurations", 40],
    [{ sku: "S1", units: 2 }, "POST", "/configurations/testQueries", 40],
    [S1, "GET", "/statistics/devices", 50_000],
])("a hub %j takes of %s %s as many in a minute as Azure's: %d", (tier, method, path, expected) => {
    expect(taken(tier, method, path)).toBe(expected);
});

test("methods are counted by their payload, in blocks of 4 KB", () => {
    const payload = "x".repeat(8 * 4096);
    // With its quotes, the text needs a ninth block.
    expect(taken(S1, "POST", "/twins/:deviceId/methods", { payload })).toBe(Math.floor(2400 / 9));
    const whole = { payload: "x".repeat(4096 - 2) };
    expect(taken(S1, "POST", "/twins/:deviceId/methods", whole)).toBe(2400);
});

test("a hub without a tier takes everything", () => {
    const throttle = throttles(
        () => undefined,
        () => 0,
    );
    for (let calls = 0; calls < 10_000; calls++) throttle({ method: "PUT", path: "/devices/:deviceId" }, {});
});

describe("a hub over REST", () => {
    let now = 0;
    let hub: TestHub;
    beforeAll(async () => {
        hub = await startTestHub({ tier: S1, now: () => now });
    });
    afterAll(() => hub.close());

    const query = () => hub.call("POST", "/devices/query", { body: { query: "SELECT * FROM devices" } });
    const statuses = async (count: number) => {
        const found: number[] = [];
        for (let calls = 0; calls < count; calls++) found.push((await query()).status);
        return found;
    };

    test("refuses one call too many in its form, without saying when to come back, and others not", async () => {
        expect(await statuses(20)).toEqual(Array(20).fill(200));
        const { status, headers, body } = await query();
        expect(status).toBe(429);
        expect(headers["iothub-errorcode"]).toBe("ThrottlingBacklogTimeout");
        expect(headers["retry-after"]).toBeUndefined();
        expect(body.Message).toMatch(/^ErrorCode:ThrottlingBacklogTimeout;.*Operation type: Query$/);
        expect((await hub.call("GET", "/devices")).status).toBe(200);
    });

    test("takes more as time goes by, a minute's worth at most", async () => {
        now += 3000;
        expect(await statuses(2)).toEqual([200, 429]);
        now += 600_000;
        expect(await statuses(21)).toEqual([...Array(20).fill(200), 429]);
    });

    test("takes more when it is scaled", async () => {
        hub.hub.update({ ...hub.description, tier: { sku: "S1", units: 2 } });
        now += 3000;
        expect(await statuses(3)).toEqual([200, 200, 429]);
    });

    test("does not count who does not get in", async () => {
        now += 60_000;
        for (let calls = 0; calls < 50; calls++)
            expect((await hub.call("POST", "/devices/query", { authorization: null })).status).toBe(401);
        expect((await query()).status).toBe(200);
    });
});
