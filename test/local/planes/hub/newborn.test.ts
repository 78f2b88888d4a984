import { newborn } from "../../../../local/planes/hub/newborn";
import { startTestHub } from "./testHub";

const born = Date.parse("2026-11-29T08:00:00Z");
const delays = { "a hub that answers": 150_000, "a role on a hub": 160_000 };

/** What a hub answers so many seconds after its creation. */
function answerAfter(seconds: number) {
    const hub = newborn(
        new Date(born).toISOString(),
        (what) => delays[what],
        () => born + seconds * 1000,
    );
    try {
        hub.admit();
    } catch (error) {
        return (error as { answer(): { status: number; json: { Message: string } } }).answer();
    }
    return hub.knowsRoles() ? "well" : "without roles";
}

describe("a hub that was made a moment ago", () => {
    test("is not active at first, then unknown, then without roles, and then as every other", () => {
        expect(answerAfter(0)).toMatchObject({
            status: 409,
            json: { Message: expect.stringContaining("is not currently in Active state") },
        });
        expect(answerAfter(74)).toMatchObject({ status: 409 });
        expect(answerAfter(76)).toMatchObject({
            status: 401,
            json: { Message: "ErrorCode:IotHubNotFound;Unauthorized" },
        });
        expect(answerAfter(149)).toMatchObject({ status: 401 });
        expect(answerAfter(150)).toBe("without roles");
        expect(answerAfter(160)).toBe("well");
    });

    test("of which nobody knows when it was made is no such", () => {
        const old = newborn(undefined, () => 1000);
        old.admit();
        expect(old.knowsRoles()).toBe(true);
    });
});

test("a hub's own calls wait for it, and those by a role for the role", async () => {
    const late = { "a hub that answers": 0, "a role on a hub": 0 };
    const call = async (authorization?: string) => {
        const createdAt = new Date().toISOString();
        const delayMs = (what: keyof typeof late) => late[what];
        const bearerRights = async () => ["RegistryRead"] as const;
        const test = await startTestHub({ createdAt, delayMs, bearerRights });
        const { status } = await test.call("GET", "/devices", { authorization });
        await test.close();
        return status;
    };
    expect([await call(), await call("Bearer role")]).toEqual([200, 200]);
    late["a role on a hub"] = 60_000;
    expect([await call(), await call("Bearer role")]).toEqual([200, 401]);
    late["a hub that answers"] = 60_000;
    expect([await call(), await call("Bearer role")]).toEqual([409, 409]);
});
