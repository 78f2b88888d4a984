import { parseMethodCall } from "../../../../local/planes/hub/links/methods";
import { signSas } from "../../../../local/planes/sas";
import { connectMqtt, type TestClient } from "./mqttClient";
import { inAnHour, policyToken, startTestHub, type TestHub } from "./testHub";

let test1: TestHub;
let deviceKey: string;
let moduleKey: string;
const clients: TestClient[] = [];
const call: TestHub["call"] = (...request) => test1.call(...request);

beforeEach(async () => {
    test1 = await startTestHub();
    deviceKey = (await call("PUT", "/devices/d", { body: {} })).body.authentication.symmetricKey.primaryKey;
    moduleKey = (await call("PUT", "/devices/d/modules/m", { body: {} })).body.authentication.symmetricKey
        .primaryKey;
});
afterEach(async () => {
    for (const client of clients.splice(0)) await client.end();
    await test1.close();
});

async function connect(id: string, path: string, key: string): Promise<TestClient> {
    const resource = test1.description.hostName + path;
    const client = await connectMqtt(test1, id, {
        password: signSas({ resource, key, expiresAt: inAnHour() }),
    });
    clients.push(client);
    return client;
}

/** A client that answers every method with what it was called with. */
async function echo(id = "d", path = "/devices/d", key = deviceKey): Promise<TestClient> {
    const client = await connect(id, path, key);
    await client.subscribe("$iothub/methods/POST/#");
    client.client.on("message", (topic, payload) => {
        const [, name, requestId] = /^\$iothub\/methods\/POST\/([^/]+)\/\?\$rid=(\w+)$/.exec(topic) ?? [];
        if (name === "silence") return;
        const answer = `{"name":"${name}","payload":${payload.toString()}}`;
        void client.publish(`$iothub/methods/res/207/?$rid=${requestId}`, answer, 0);
    });
    return client;
}

const invoke = (body: object, path = "/twins/d/methods") => call("POST", path, { body });

test("a method of a device and of a module is answered with its status and payload", async () => {
    await echo();
    await echo("d/m", "/devices/d/modules/m", moduleKey);
    for (const path of ["/twins/d/methods", "/twins/d/modules/m/methods"]) {
        const answer = await invoke({ methodName: "ping", payload: { a: [1] } }, path);
        expect([answer.status, answer.body]).toEqual([
            200,
            { status: 207, payload: { name: "ping", payload: { a: [1] } } },
        ]);
    }
    expect((await invoke({ methodName: "ping" })).body.payload).toEqual({ name: "ping", payload: null });
});

test("the local device answers methods without MQTT", async () => {
    const sas = signSas({
        resource: `${test1.description.hostName}/devices/d/modules/m`,
        key: moduleKey,
        expiresAt: inAnHour(),
    });
    const link = test1.hub.connectModule({ deviceId: "d", moduleId: "m", sas });
    const stop = link.onMethod(async (name, payload) => ({ status: 200, payload: [name, payload] }));
    const ping = () => invoke({ methodName: "ping", payload: 1 }, "/twins/d/modules/m/methods");
    expect((await ping()).body).toEqual({ status: 200, payload: ["ping", 1] });
    stop();
    expect((await ping()).status).toBe(404);
});

test("a device that is not connected, or does not listen, is not online, as a document in the message", async () => {
    const expectOffline = async () => {
        const refused = await invoke({ methodName: "ping" });
        expect([refused.status, refused.headers["iothub-errorcode"]]).toEqual([404, "DeviceNotOnline"]);
        expect(JSON.parse(refused.body.Message)).toMatchObject({ errorCode: 404103 });
        expect(refused.body.ExceptionMessage).toMatch(/^Tracking ID:/);
    };
    await expectOffline();
    await connect("d", "/devices/d", deviceKey);
    await expectOffline();
});

test("within the connect time-out the hub waits for the device to come", async () => {
    const asked = invoke({ methodName: "ping", connectTimeoutInSeconds: 30, responseTimeoutInSeconds: 30 });
    await echo();
    expect((await asked).body.status).toBe(207);
    const late = await invoke(
        { methodName: "ping", connectTimeoutInSeconds: 1, responseTimeoutInSeconds: 5 },
        "/twins/d/modules/m/methods",
    );
    expect(JSON.parse(late.body.Message).errorCode).toBe(404103);
});

test("a device that does not answer in time is a 504, and its late answer disturbs nobody", async () => {
    const client = await echo();
    const asked = invoke({ methodName: "silence", responseTimeoutInSeconds: 5 });
    const { topic } = await client.next("$iothub/methods/POST/silence/");
    const refused = await asked;
    expect([refused.status, refused.headers["iothub-errorcode"]]).toEqual([504, "GatewayTimeout"]);
    expect(JSON.parse(refused.body.Message)).toMatchObject({ errorCode: 504101 });
    await client.publish(`$iothub/methods/res/200/?$rid=${topic.split("=")[1]}`, "{}", 0);
    expect((await invoke({ methodName: "ping" })).body.status).toBe(207);
});

test.each<[string, object]>([
    ["without a name", { payload: 1 }],
    [
        "whose connect time-out is longer than its response time-out",
        {
            methodName: "ping",
            connectTimeoutInSeconds: 31,
            responseTimeoutInSeconds: 30,
        },
    ],
    ["with a response time-out of 301 seconds", { methodName: "ping", responseTimeoutInSeconds: 301 }],
    [
        "with a connect time-out of 301 seconds",
        { methodName: "ping", connectTimeoutInSeconds: 301, responseTimeoutInSeconds: 300 },
    ],
    ["with a name of two segments", { methodName: "ping/pong" }],
    ["with a name of 129 characters", { methodName: "p".repeat(129) }],
    ["with a response time-out of four seconds", { methodName: "ping", responseTimeoutInSeconds: 4 }],
    ["with members that it does not have", { methodName: "ping", timeout: 4 }],
])("a call %s is refused with 400", async (_name, body) => {
    expect((await invoke(body)).status).toBe(400);
});

test("a call without times waits half a minute for its answer, and none for its device", () => {
    expect(parseMethodCall({ methodName: "ping" })).toEqual({
        methodName: "ping",
        payload: null,
        responseTimeoutInSeconds: 30,
        connectTimeoutInSeconds: 0,
    });
    const whole = { methodName: "p".repeat(128), payload: "x".repeat(128 * 1024 - 2) };
    const times = { responseTimeoutInSeconds: 300, connectTimeoutInSeconds: 300 };
    expect(parseMethodCall({ ...whole, ...times })).toEqual({ ...whole, ...times });
});

test("a method needs a device that exists and the right ServiceConnect", async () => {
    const missing = await invoke({ methodName: "ping" }, "/twins/nobody/methods");
    expect(missing.headers["iothub-errorcode"]).toBe("DeviceNotFound");
    const authorization = policyToken(test1, "registryReader");
    const body = { methodName: "ping" };
    expect((await call("POST", "/twins/d/methods", { body, authorization })).status).toBe(401);
    expect((await invoke({ ...body, payload: "x".repeat(128 * 1024) })).status).toBe(413);
});
