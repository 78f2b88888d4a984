import { callArm } from "../../../../infra/provider/azure/armClient";
import { ArmError } from "../../../../infra/provider/azure/armError";
import { iotHub, provisioningService, type Service } from "../../../../infra/provider/service/service";
import { serviceClients } from "../../../../infra/provider/service/serviceClient";
import { ServiceError } from "../../../../infra/provider/service/serviceError";

/** The waits that were made, in milliseconds; they take no time, but the clock goes on by them. */
const mockWaits: number[] = [];
let mockTime = 0;
jest.mock("node:timers/promises", () => ({
    setTimeout: async (ms: number) => {
        mockWaits.push(ms);
        mockTime += ms;
    },
}));

/** How long each attempt was given. */
let given: number[];
let asked: Request[];
/** What is answered in turn, the last again and again; nothing where the other side hangs. */
let script: ("hangs" | (() => Response))[];

beforeEach(() => {
    mockWaits.length = 0;
    mockTime = 0;
    given = [];
    asked = [];
    jest.spyOn(performance, "now").mockImplementation(() => mockTime);
    jest.spyOn(Date, "now").mockImplementation(() => mockTime);
    jest.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
        given.push(ms);
        return new AbortController().signal;
    });
    jest.spyOn(globalThis, "fetch").mockImplementation(async (url, init) => {
        asked.push(new Request(url as string, init));
        const answer = script.length > 1 ? script.shift() : script[0];
        if (answer && answer !== "hangs") return answer();
        mockTime += given.at(-1) ?? 0;
        throw new DOMException("The operation was aborted due to timeout", "TimeoutError");
    });
});
afterEach(() => jest.restoreAllMocks());

const answers = (status: number, headers: Record<string, string> = {}, body: unknown = {}) => {
    return () => new Response(JSON.stringify(body), { status, headers });
};
const account = {
    token: async () => "a-token",
    callArm: async () => {
        throw new Error("Nobody asks ARM.");
    },
};

/** A call to the data plane of a service that is opened by Entra. */
async function call(service: Service) {
    const open = serviceClients(account, { connectionStrings: {} });
    return (await open(service, { hostName: "it.example" })).call({ method: "GET", path: "/x" });
}
const arm = () =>
    callArm("https://arm.example", async () => "a-token", {
        method: "GET",
        path: "/subscriptions/s",
        apiVersion: "1",
    });

const sides: [string, () => Promise<unknown>, { attempts: number; perAttemptMs: number; totalMs: number }][] =
    [
        ["a hub", () => call(iotHub), { attempts: 7, perAttemptMs: 30_000, totalMs: 90_000 }],
        [
            "a provisioning service",
            () => call(provisioningService),
            { attempts: 7, perAttemptMs: 30_000, totalMs: 90_000 },
        ],
        ["ARM", arm, { attempts: 6, perAttemptMs: 60_000, totalMs: 180_000 }],
    ];

describe.each(sides)("a call to %s", (_, act, { attempts, perAttemptMs, totalMs }) => {
    test.each([429, 500, 503])(
        "is made again after the pause that an answer of %i asks for",
        async (status) => {
            script = [answers(status, { "retry-after": "7" }), answers(200, {}, { found: 1 })];
            expect(await act()).toEqual({ found: 1 });
            expect(mockWaits).toEqual([7000]);
        },
    );

    test("is made again after a pause of its own where none is asked for", async () => {
        script = [answers(503), answers(503), answers(200)];
        await act();
        expect(mockWaits).toHaveLength(2);
        for (const [index, wait] of mockWaits.entries()) {
            expect(wait).toBeGreaterThanOrEqual(180 * 2 ** index);
            expect(wait).toBeLessThanOrEqual(630 * 2 ** index);
        }
    });

    test("is not made again where it would have to wait too long, and tells the refusal", async () => {
        script = [answers(429, { "retry-after": "3600" })];
        await expect(act()).rejects.toThrow(/found 429/);
        expect({ asked: asked.length, mockWaits }).toEqual({ asked: 1, mockWaits: [] });
    });

    test("is given up after its attempts where every answer comes at once", async () => {
        script = [answers(503)];
        await expect(act()).rejects.toThrow(/found 503/);
        expect(asked).toHaveLength(attempts);
    });

    test("is given up after three attempts where nobody answers", async () => {
        script = ["hangs"];
        await expect(act()).rejects.toThrow(/^Expected \S.* to answer, found: .*timeout\. Check /);
        expect(given).toEqual([perAttemptMs, perAttemptMs, perAttemptMs]);
        expect(mockTime).toBeLessThan(totalMs + perAttemptMs);
    });

    test("succeeds where the other side answers at last", async () => {
        script = ["hangs", "hangs", answers(200, {}, { found: 1 })];
        expect(await act()).toEqual({ found: 1 });
    });

    test.each([400, 404, 412])("is made once where it is refused with %i", async (status) => {
        script = [answers(status, { "retry-after": "1" })];
        const refusal = await act().catch((error: Error) => error);
        expect(refusal).toBeInstanceOf(act === arm ? ArmError : ServiceError);
        expect(refusal).toMatchObject({ status });
        expect(asked).toHaveLength(1);
    });
});

describe("a conflict", () => {
    test("with another operation passes at ARM", async () => {
        script = [answers(409), answers(200, {}, { found: 1 })];
        expect(await arm()).toEqual({ found: 1 });
    });

    test("is told at once by a hub, where it says that something is there", async () => {
        script = [answers(409)];
        await expect(call(iotHub)).rejects.toMatchObject({ status: 409 });
        expect(asked).toHaveLength(1);
    });
});

describe("a service that was made a moment ago", () => {
    const created = (createdAt: string | undefined) => ({
        ...account,
        callArm: async <T>({ method }: { method: string }) =>
            (method === "POST"
                ? { value: [{ keyName: "k", primaryKey: "a2V5", rights: "RegistryWrite, ServiceConnect" }] }
                : { properties: { hostName: "it.example" }, systemData: { createdAt } }) as T,
    });
    const open = async (createdAt?: string) =>
        serviceClients(created(createdAt), { connectionStrings: {} })(iotHub, { id: "/a/hub" });
    const ask = async (createdAt?: string) => (await open(createdAt)).call({ method: "GET", path: "/x" });
    const inactive = answers(409, {}, { Message: "ErrorCode:409002;it is not currently in Active state." });
    const unknown = answers(401, {}, { Message: "ErrorCode:IotHubNotFound;Unauthorized" });
    const nameless = () => {
        throw new TypeError("fetch failed", {
            cause: Object.assign(new Error("no name"), { code: "ENOTFOUND" }),
        });
    };
    const refusals: [string, () => Response][] = [
        ["is not active", inactive],
        ["is unknown to its own gateway", unknown],
        ["has no name yet", nameless],
    ];

    test.each(refusals)("and %s is waited for, two minutes at most", async (_, refusal) => {
        script = [refusal, refusal, refusal, answers(200, {}, { found: 1 })];
        expect(await ask(new Date(mockTime).toISOString())).toEqual({ found: 1 });
        expect(mockWaits).toEqual([2000, 5000, 10_000]);
        script = [refusal];
        await expect(ask()).rejects.toThrow(/it\.example/);
        expect(mockTime).toBeGreaterThanOrEqual(137_000);
    });

    test.each(refusals)("but is old enough to be known is not waited for where it %s", async (_, refusal) => {
        mockTime = 3_600_000;
        script = [refusal];
        await expect(ask(new Date(0).toISOString())).rejects.toThrow(/it\.example/);
        expect(mockWaits).not.toContain(5000);
    });

    test("is waited for as well where Entra opens it", async () => {
        const settings = { hubAuth: "entra" as const, connectionStrings: {} };
        const client = await serviceClients(created(undefined), settings)(iotHub, { id: "/a/hub" });
        script = [inactive, answers(200, {}, { found: 1 })];
        expect(await client.call({ method: "GET", path: "/x" })).toEqual({ found: 1 });
        expect(mockWaits).toEqual([2000]);
    });

    test("is waited for by ARM's own calls, too, and a conflict of another kind is not for so long", async () => {
        const refused = (message: string) => answers(409, {}, { error: { code: "409002", message } });
        script = [refused("it is not currently in Active state."), answers(200, {}, { found: 1 })];
        expect(await arm()).toEqual({ found: 1 });
        expect(mockWaits).toEqual([2000]);
    });
});

describe("an operation that ARM carries out in the background", () => {
    const accepted = (headers: Record<string, string> = {}) =>
        answers(202, { location: "https://arm.example/operations/1", ...headers });

    test("is asked for as often as ARM says, and every two seconds where it does not say", async () => {
        script = [accepted({ "retry-after": "11" }), accepted(), answers(200, {}, { found: 1 })];
        expect(await arm()).toEqual({ found: 1 });
        expect(mockWaits).toEqual([11_000, 2000]);
        expect(asked.map(({ url }) => url)).toEqual([
            "https://arm.example/subscriptions/s?api-version=1",
            "https://arm.example/operations/1",
            "https://arm.example/operations/1",
        ]);
    });

    const arms = (first: Record<string, string>, ...states: object[]): (() => Response)[] => [
        answers(202, first),
        ...states.map((state) => answers(200, {}, state)),
    ];
    const status = { "azure-asyncoperation": "https://arm.example/status/1" };

    test("whose status has a place of its own is followed there, and its result asked for where it is", async () => {
        const place = { ...status, location: "https://arm.example/result/1" };
        script = arms(place, { status: "InProgress" }, { status: "Succeeded" }, { found: 1 });
        expect(await arm()).toEqual({ found: 1 });
        expect(asked.map(({ url }) => new URL(url).pathname)).toEqual([
            "/subscriptions/s",
            "/status/1",
            "/status/1",
            "/result/1",
        ]);
    });

    test("may have its result in its status", async () => {
        script = arms(status, { status: "Succeeded", properties: { found: 1 } });
        expect(await arm()).toEqual({ found: 1 });
    });

    test.each(["Failed", "Canceled"])("that ends as %s is a refusal in its words", async (ended) => {
        script = arms(status, { status: ended, error: { code: "Quota", message: "Too many." } });
        await expect(arm()).rejects.toThrow(/GET \/subscriptions\/s, found 200 Quota: Too many\.$/);
        script = arms(status, { status: ended });
        await expect(arm()).rejects.toMatchObject({ code: ended });
    });

    test("is followed nowhere but at ARM, since the token goes along", async () => {
        script = arms({ "azure-asyncoperation": "https://elsewhere.example/1" });
        await expect(arm()).rejects.toThrow(/followed, at https:\/\/arm\.example, found https:\/\/elsewhere/);
        expect(asked).toHaveLength(1);
    });

    test.each([
        ["goes on", {}, 300_000],
        ["is said to take longer", { "retry-after": "3600" }, 0],
    ])("is given up after five minutes where it %s", async (_, headers, waited) => {
        script = [accepted(headers as Record<string, string>)];
        await expect(arm()).rejects.toThrow(
            "Expected ARM to end GET /subscriptions/s within 300 s, found it still at work. Repeat the command.",
        );
        expect(mockTime).toBe(waited);
    });
});

describe("a hub that is opened by Entra and refuses", () => {
    test.each([401, 403])(
        "with %i is waited for two minutes, until a role has reached it",
        async (status) => {
            script = [answers(status)];
            await expect(call(iotHub)).rejects.toThrow(
                /Give whoever deploys the role "IoT Hub Data Contributor" on it\.$/,
            );
            expect(mockTime).toBe(120_000);
            expect(asked).toHaveLength(8);
        },
    );
});
