import { answerBy, resourceOf, type ServiceCall, scriptedProvider, stacked, well } from "../scriptedServices";

/** What the device reports, look by look, the last again and again; nothing where there is no such twin. */
type Look = { at?: number; code?: number; description?: string; connected?: boolean } | "gone";

/** Deletes a deployment whose device reports so; what the user is told, and how often the device's twin was read. */
async function remove(...looks: [Look, ...Look[]]): Promise<{ lines: string[]; looked: number }> {
    const lines: string[] = [];
    let looked = 0;
    answerBy((call: ServiceCall) => {
        if (call.method !== "GET" || !call.path.includes("$edgeAgent")) return well(call);
        const look = looks[Math.min(looked, looks.length - 1)];
        looked += 1;
        if (look === "gone" || !look) return { status: 404 };
        const { at, code = 200, description, connected = true } = look;
        const reported =
            at === undefined ? {} : { lastDesiredVersion: at, lastDesiredStatus: { code, description } };
        const connectionState = connected ? "Connected" : "Disconnected";
        return { status: 200, json: { connectionState, properties: { desired: { $version: 2 }, reported } } };
    });
    const { state = {} } = stacked.Deployment ?? {};
    await scriptedProvider({}, lines).delete(resourceOf("Deployment"), "id", state);
    return { lines, looked };
}

const advice =
    "It may go on running them: look there with iotedge list, and end them with iotedge system stop, docker rm --force MODULE.";
const warning = (found: string) =>
    `Warning: expected d to take its modules off, found that it ${found}. ${advice}`;

describe("a deployment that is deleted", () => {
    test("is waited for until the device reports that it runs nothing any more", async () => {
        expect(await remove({ at: 1 }, { at: 1 }, { at: 2 })).toEqual({ lines: [], looked: 3 });
    });

    test("is not waited for where nothing has ever run, or the device is gone", async () => {
        expect(await remove({ connected: false })).toEqual({ lines: [], looked: 1 });
        expect(await remove("gone")).toEqual({ lines: [], looked: 1 });
    });

    test("of a device that is off is deleted at once, and what may still run there is told", async () => {
        expect(await remove({ at: 1, connected: false })).toEqual({
            lines: [warning("is not connected")],
            looked: 1,
        });
    });

    test("is given up after a minute, and succeeds with a warning", async () => {
        const { lines, looked } = await remove({ at: 1 });
        expect(lines).toEqual([warning("has not reported it within 60 s")]);
        expect(looked).toBeGreaterThan(10);
        expect(looked).toBeLessThan(30);
    });

    test("that the device refuses is told in its words", async () => {
        const { lines } = await remove({ at: 2, code: 500, description: "no engine" });
        expect(lines).toEqual([warning("reports 500: no engine")]);
    });
});
