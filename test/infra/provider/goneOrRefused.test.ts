import { answerBy, resourceOf, type ServiceReply, scriptedProvider, stacked, well } from "./scriptedServices";

const types = Object.keys(stacked);
const inService = types.filter((type) => type !== "RegistryTokenPassword");
/** Their deletion asks nobody. */
const silent = ["DeploymentCheck", "RegistryTokenPassword"];
const deleted = types.filter((type) => !silent.includes(type));

const inArm = (status: number, code: string): ServiceReply => ({
    status,
    json: { error: { code, message: "So it is." } },
});
const hanging = undefined;

function read(type: string) {
    const { inputs = {}, state = {} } = stacked[type] ?? {};
    return scriptedProvider().read(resourceOf(type), "id", inputs, state);
}
function remove(type: string) {
    return scriptedProvider().delete(resourceOf(type), "id", stacked[type]?.state ?? {});
}

const gone = ["ResourceNotFound", "ResourceGroupNotFound", "ParentResourceNotFound", "NotFound"];
const refusals: [string, ServiceReply | undefined, RegExp][] = [
    ["a subscription that one does not see", inArm(404, "SubscriptionNotFound"), /404 SubscriptionNotFound/],
    ["a 404 of somebody between", { status: 404 }, /404 404/],
    ["the code of what is gone with another status", inArm(400, "ResourceNotFound"), /400 ResourceNotFound/],
    ["401", inArm(401, "InvalidAuthenticationToken"), /found 401 /],
    ["403", inArm(403, "AuthorizationFailed"), /found 403 /],
    ["409", inArm(409, "Conflict"), /found 409 /],
    ["429", inArm(429, "TooManyRequests"), /found 429 /],
    ["500", inArm(500, "InternalServerError"), /found 500 /],
    ["503", inArm(503, "ServerBusy"), /found 503 /],
    ["no answer", hanging, /to answer, found: .*timeout/],
];

describe.each(types)("a resource of type %s", (type) => {
    test.each(gone)("is gone where ARM says %s", async (code) => {
        answerBy((call) => (call.host === "arm.example" ? inArm(404, code) : well(call)));
        expect(await read(type)).toBeUndefined();
        await remove(type);
    });

    test.each(refusals)("is not gone where ARM answers with %s", async (_, reply, sentence) => {
        answerBy((call) => (call.host === "arm.example" ? reply : well(call)));
        await expect(read(type)).rejects.toThrow(sentence);
        if (!silent.includes(type)) await expect(remove(type)).rejects.toThrow(sentence);
    });
});

describe.each(inService.filter((type) => type !== "DeploymentCheck"))("a %s in its service", (type) => {
    const inService = (status: number): ServiceReply => ({
        status,
        headers: { "iothub-errorcode": "Scripted" },
    });

    test("is gone where the service says so", async () => {
        answerBy((call) => (call.host === "arm.example" ? well(call) : inService(404)));
        expect(await read(type)).toBeUndefined();
        await remove(type);
    });

    test.each([400, 401, 403, 409, 412, 429, 500, 503])(
        "is not gone where the service answers %i",
        async (status) => {
            answerBy((call) => (call.host === "arm.example" ? well(call) : inService(status)));
            for (const act of [read, remove])
                await expect(act(type)).rejects.toThrow(new RegExp(`found ${status} Scripted\\.`));
        },
    );

    test("is not gone where the service hangs", async () => {
        answerBy((call) => (call.host === "arm.example" ? well(call) : hanging));
        for (const act of [read, remove])
            await expect(act(type)).rejects.toThrow(/to answer, found: .*timeout/);
    });
});

test("a password whose token lives is gone only where that one was never made", async () => {
    const passwords = (...names: string[]): ServiceReply => ({
        status: 200,
        json: { properties: { credentials: { passwords: names.map((name) => ({ name })) } } },
    });
    for (const [reply, isThere] of [
        [passwords("password1"), true],
        [passwords("password2", "password1"), true],
        [passwords("password2"), false],
        [passwords(), false],
        [{ status: 200, json: { properties: {} } }, false],
    ] as const) {
        answerBy(() => reply);
        expect((await read("RegistryTokenPassword")) !== undefined).toBe(isThere);
    }
});

test.each(deleted)("a %s is deleted whatever version of it is there", async (type) => {
    const calls = answerBy(well);
    await remove(type);
    const writes = calls.filter(({ host, method }) => host !== "arm.example" && method !== "GET");
    expect(writes).toHaveLength(1);
    if (type !== "Deployment") expect(writes[0]).toMatchObject({ method: "DELETE", ifMatch: "*" });
});

test.each(silent)("the deletion of a %s asks nobody", async (type) => {
    const calls = answerBy(() => hanging);
    await remove(type);
    expect(calls).toEqual([]);
});
