import { signSas } from "../../../../local/planes/sas";
import { inAnHour, newKey, policyToken, startTestHub, type TestHub } from "./testHub";

let test1: TestHub;

beforeAll(async () => {
    test1 = await startTestHub();
    await test1.call("PUT", "/devices/d", { body: {} });
});
afterAll(() => test1.close());

function token(changes: { key?: string; policy?: string; resource?: string; expiresAt?: Date }): string {
    const [deployer] = test1.description.policies;
    return signSas({
        resource: test1.description.hostName,
        key: deployer?.primaryKey ?? "",
        policy: "deployer",
        expiresAt: inAnHour(),
        ...changes,
    });
}

test("both keys of a policy open the hub", async () => {
    const key = test1.description.policies[0]?.secondaryKey;
    expect((await test1.call("GET", "/devices/d", { authorization: token({ key }) })).status).toBe(200);
});

test.each<[string, () => string | null]>([
    ["no token", () => null],
    ["a token that has expired", () => token({ expiresAt: new Date(Date.now() - 1000) })],
    ["a token of another key", () => token({ key: newKey() })],
    ["a token of a policy that is not there", () => token({ policy: "nobody" })],
    ["a token without a policy", () => token({ policy: undefined })],
    ["a token for another hub", () => token({ resource: "other.azure-devices.net" })],
    ["a token for another device", () => token({ resource: `${test1.description.hostName}/devices/e` })],
    [
        "a token whose resource was changed afterwards",
        () => token({}).replace("sr=localhost", "sr=LOCALHOST"),
    ],
    ["a bearer token", () => "Bearer abc"],
    ["a token of another scheme", () => token({}).replace("SharedAccessSignature", "SharedAccessToken")],
])("%s is refused with the service's 401", async (_name, authorization) => {
    const refused = await test1.call("GET", "/devices/d", { authorization: authorization() });
    expect(refused.status).toBe(401);
    expect(refused.headers["iothub-errorcode"]).toBe("IotHubUnauthorizedAccess");
    expect(refused.body.Message).toBe("ErrorCode:IotHubUnauthorizedAccess;Unauthorized");
});

test("a policy opens what its rights name", async () => {
    const as = (policy: string) => ({ authorization: policyToken(test1, policy) });
    const asked = async (policy: string) => [
        (await test1.call("GET", "/devices/d", as(policy))).status,
        (await test1.call("PUT", "/devices/new", { ...as(policy), body: { status: "no" } })).status,
        (await test1.call("GET", "/twins/d", as(policy))).status,
        (await test1.call("POST", "/devices/d/applyConfigurationContent", { ...as(policy), body: {} }))
            .status,
    ];
    expect(await asked("deployer")).toEqual([200, 400, 200, 400]);
    expect(await asked("registryReader")).toEqual([200, 401, 401, 401]);
    expect(await asked("service")).toEqual([401, 401, 200, 401]);
    // A right to write includes reading: a hub's iothubowner names no other.
    expect(await asked("owner")).toEqual([200, 400, 200, 400]);
});

test("a token of a policy for one device opens that device, its modules and nothing else", async () => {
    const authorization = token({ resource: `${test1.description.hostName}/devices/d` });
    const asked = ["/devices/d", "/devices/d/modules", "/devices/e", "/devices", "/twins/d"].map((path) =>
        test1.call("GET", path, { authorization }),
    );
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([200, 200, 401, 401, 401]);
});

test.each(["2018-06-30", "2020-05-31-preview", "2020-09-30", "2021-04-12", "2024-03-31"])(
    "the api-version %s is taken",
    async (apiVersion) => {
        expect((await test1.call("GET", "/devices/d", { apiVersion })).status).toBe(200);
    },
);

test("policies can be replaced while the hub runs", async () => {
    const replaced = await startTestHub();
    try {
        const before = policyToken(replaced);
        const [first, ...others] = replaced.description.policies;
        if (!first) throw new Error("no policy");
        const policies = [{ ...first, primaryKey: newKey() }, ...others];
        replaced.hub.update({ ...replaced.description, policies });
        expect((await replaced.call("GET", "/devices", { authorization: before })).status).toBe(401);
    } finally {
        await replaced.close();
    }
});

test.each([
    ["missing", null],
    ["unknown", "2019-01-01"],
])("an api-version that is %s is refused", async (_name, apiVersion) => {
    const refused = await test1.call("GET", "/devices/d", { apiVersion });
    expect([refused.status, refused.headers["iothub-errorcode"]]).toEqual([400, "InvalidProtocolVersion"]);
});

test("what is no route of the hub answers 404 in the hub's own way", async () => {
    for (const [method, path] of [
        ["GET", "/nothing"],
        ["GET", "/"],
        ["PATCH", "/devices/d"],
        ["GET", "/devices/d/modules/m/more"],
    ] as const) {
        const answer = await test1.call(method, path);
        expect([answer.status, answer.headers["iothub-errorcode"]]).toEqual([404, "ResourceNotFound"]);
        expect(answer.body.Message).toMatch(/^ErrorCode:ResourceNotFound;/);
    }
});
