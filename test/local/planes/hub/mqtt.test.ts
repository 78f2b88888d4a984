import { createHash, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect as connectTls } from "node:tls";
import { propertyBag, readTopic } from "../../../../local/planes/hub/links/mqttTopics";
import { signSas } from "../../../../local/planes/sas";
import { until, within } from "../../../support/waiting";
import { selfSigned } from "./deviceCertificate";
import { connectMqtt, type TestClient } from "./mqttClient";
import { inAnHour, newKey, policyToken, startTestHub, type TestHub } from "./testHub";

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
    await call("PUT", "/devices/other", { body: {} });
});
afterEach(async () => {
    for (const client of clients.splice(0)) await client.end();
    await test1.close();
});

function sas(changes: { key?: string; path?: string; policy?: string; expiresAt?: Date } = {}): string {
    const { key = deviceKey, path = "/devices/d", policy, expiresAt = inAnHour() } = changes;
    return signSas({ resource: test1.description.hostName + path, key, policy, expiresAt });
}

async function connect(...[id, options]: [string, Parameters<typeof connectMqtt>[2]]): Promise<TestClient> {
    const client = await connectMqtt(test1, id, options);
    clients.push(client);
    return client;
}

const userName = (rest: string) => `${test1.description.hostName}/${rest}`;
const device = (password = sas()) => connect("d", { password });
const edgeModule = (password = sas({ key: moduleKey, path: "/devices/d/modules/m" })) =>
    connect("d/m", { password });
const state = async (path: string) => (await call("GET", path)).body.connectionState;

test("a device and a module connect with their own keys, and the hub shows them until they leave", async () => {
    const both = [await device(), await edgeModule()];
    expect([await state("/devices/d"), await state("/devices/d/modules/m")]).toEqual([
        "Connected",
        "Connected",
    ]);
    expect((await call("GET", "/twins/d")).body.lastActivityTime).not.toMatch(/^0001/);
    for (const client of both) await client.end();
    for (const path of ["/devices/d", "/devices/d/modules/m"])
        await until(`${path} to be gone`, async () => (await state(path)) === "Disconnected");
});

test.each<[string, () => Promise<unknown>, number]>([
    ["an expired token", () => device(sas({ expiresAt: new Date(0) })), 5],
    ["another key", () => device(sas({ key: newKey() })), 5],
    ["a token of a policy without DeviceConnect", () => device(policyToken(test1)), 5],
    ["a token for another device", () => device(sas({ path: "/devices/other" })), 5],
    ["its module's key", () => device(sas({ key: moduleKey, path: "/devices/d/modules/m" })), 5],
    ["no password", () => connect("d", {}), 5],
    [
        "the key of its device in the name of the module",
        () => edgeModule(sas({ path: "/devices/d/modules/m" })),
        5,
    ],
    ["an id that is not there", () => connect("nobody", { password: sas({ path: "/devices/nobody" }) }), 5],
    [
        "the user name of another device",
        () => connect("d", { username: userName("other/?api-version=1"), password: sas() }),
        4,
    ],
    ["a user name without a version", () => connect("d", { username: userName("d/"), password: sas() }), 4],
    [
        "the user name of another hub",
        () => connect("d", { username: "h/d/?api-version=1", password: sas() }),
        4,
    ],
    ["MQTT 5", () => connect("d", { password: sas(), protocolVersion: 5 }), 1],
])("%s is refused with the return code of MQTT", async (_name, attempt, code) => {
    await expect(attempt()).rejects.toThrow(`CONNACK ${code}`);
    expect(await state("/devices/d")).toBe("Disconnected");
});

test("a policy with DeviceConnect opens the connection of any device", async () => {
    const key = newKey();
    const policy = { keyName: "device", rights: "DeviceConnect", primaryKey: key, secondaryKey: newKey() };
    const policies = [...test1.description.policies, policy];
    test1.hub.update({ ...test1.description, policies });
    await connect("d", { password: sas({ key, path: "", policy: "device" }) });
});

test("both keys of a device and of a module open its connection", async () => {
    for (const path of ["/devices/d", "/devices/d/modules/m"]) {
        const { symmetricKey } = (await call("GET", path)).body.authentication;
        const id = path.includes("modules") ? "d/m" : "d";
        for (const key of [symmetricKey.primaryKey, symmetricKey.secondaryKey])
            await (await connect(id, { password: sas({ key, path }) })).end();
    }
});

test("both keys of a policy do, and the hub's name counts without its port and in any letter case", async () => {
    const policy = {
        keyName: "device",
        rights: "DeviceConnect",
        primaryKey: newKey(),
        secondaryKey: newKey(),
    };
    test1.hub.update({ ...test1.description, policies: [policy] });
    for (const key of [policy.primaryKey, policy.secondaryKey])
        for (const host of [userName("").slice(0, -1), "localhost", "LocalHost"])
            await connect("d", {
                username: `${host}/d/?api-version=2021-04-12`,
                password: sas({ key, path: "", policy: "device" }),
            });
    const other = sas({ key: policy.primaryKey, path: "/devices/other", policy: "device" });
    await expect(connect("d", { password: other })).rejects.toThrow("CONNACK 5");
});

test("the hub counts the devices that are connected, without their modules", async () => {
    await edgeModule();
    await device();
    expect((await call("GET", "/statistics/service")).body).toEqual({ connectedDeviceCount: 1 });
});

test("a device's end leaves those alone whose name begins alike", async () => {
    const key = (await call("PUT", "/devices/d2", { body: {} })).body.authentication.symmetricKey.primaryKey;
    const other = await connect("d2", { password: sas({ key, path: "/devices/d2" }) });
    const gone = await device();
    await call("DELETE", "/devices/d", { ifMatch: "*" });
    await gone.closed;
    expect(await other.subscribe("$iothub/twin/res/#")).toBe(0);
    expect(await state("/devices/d2")).toBe("Connected");
});

test("new keys of a module end its connection and not its device's, and so does its deletion", async () => {
    const both = [await device(), await edgeModule()] as const;
    const changed = await call("PUT", "/devices/d/modules/m", { body: {}, ifMatch: "*" });
    await both[1].closed;
    expect(await both[0].subscribe("$iothub/twin/res/#")).toBe(0);
    const key = changed.body.authentication.symmetricKey.primaryKey;
    const again = await edgeModule(sas({ key, path: "/devices/d/modules/m" }));
    await call("DELETE", "/devices/d/modules/m", { ifMatch: "*" });
    await again.closed;
    expect(await state("/devices/d")).toBe("Connected");
});

test.each([
    ["mid", "messageId"],
    ["cid", "correlationId"],
    ["uid", "userId"],
    ["to", "to"],
    ["ct", "contentType"],
    ["ce", "contentEncoding"],
    ["exp", "expiryTimeUtc"],
    ["ctime", "creationTimeUtc"],
    ["ifid", "interfaceId"],
    ["sub", "subject"],
])("the property $.%s of a topic is the message's %s, and is written as that", (short, name) => {
    const identity = { deviceId: "d", moduleId: "m" };
    const message = { properties: { "a/b": "c d" }, system: { [name]: "x&y" } };
    const bag = propertyBag(message);
    expect(bag).toBe(`%24.${short}=x%26y&a%2Fb=c%20d`);
    expect(readTopic(identity, `devices/d/modules/m/messages/events/${bag}/`)).toEqual({
        kind: "message",
        message,
    });
});

test("a device of a thumbprint connects with that certificate, signed by itself, and with no other", async () => {
    const own = await selfSigned("x");
    const second = await selfSigned("x");
    for (const [algorithm, id] of [
        ["sha1", "x1"],
        ["sha256", "x256"],
    ] as const) {
        const primaryThumbprint = createHash(algorithm)
            .update(new X509Certificate(own.certPem).raw)
            .digest("hex")
            .toUpperCase();
        // Either of the two will do.
        const secondaryThumbprint = algorithm === "sha1" ? primaryThumbprint : undefined;
        const x509Thumbprint = secondaryThumbprint
            ? { primaryThumbprint: "0".repeat(40), secondaryThumbprint }
            : { primaryThumbprint };
        const authentication = { type: "selfSigned", x509Thumbprint };
        await call("PUT", `/devices/${id}`, { body: { authentication } });
        await connect(id, { cert: own.certPem, key: own.keyPem });
        const wrong = connect(id, { cert: second.certPem, key: second.keyPem });
        await expect(wrong).rejects.toThrow("CONNACK 5");
        await expect(connect(id, {})).rejects.toThrow("CONNACK 5");
    }
});

test("a second connection of one identity ends the first", async () => {
    const first = await device();
    const second = await device();
    await first.closed;
    expect(await second.subscribe("$iothub/twin/res/#")).toBe(0);
    expect(await state("/devices/d")).toBe("Connected");
});

test("a disabled device, new keys, a deletion and the end of a token end connections", async () => {
    const [first, ofModule] = [await device(), await edgeModule()];
    const identity = (await call("GET", "/devices/d")).body;
    await call("PUT", "/devices/d", { body: { ...identity, status: "disabled" }, ifMatch: "*" });
    await Promise.all([first.closed, ofModule.closed]);
    await expect(device()).rejects.toThrow("CONNACK 5");

    await call("PUT", "/devices/d", { body: identity, ifMatch: "*" });
    const second = await device();
    const { authentication: _keys, ...withoutKeys } = identity;
    const changed = (await call("PUT", "/devices/d", { body: withoutKeys, ifMatch: "*" })).body;
    await second.closed;

    deviceKey = changed.authentication.symmetricKey.primaryKey;
    const third = await device(sas({ expiresAt: new Date(Date.now() + 2000) }));
    await third.closed;

    const fourth = await device();
    await call("DELETE", "/devices/d", { ifMatch: "*" });
    await fourth.closed;
});

test("what a device sends is kept before it is acknowledged, with its properties, across a restart", async () => {
    const client = await device();
    await client.publish(
        "devices/d/messages/events/%24.mid=1&%24.ct=application%2Fjson&%24.ce=utf-8&alert=a%26b&flag=/",
        '{"a":1}',
    );
    await (await edgeModule()).publish("devices/d/modules/m/messages/events/%24.on=output1&n=1/", "two");
    const kept = () => test1.hub.messages(0, 10).map(({ enqueuedTimeUtc: _time, ...message }) => message);
    const expected = [
        {
            sequence: 1,
            deviceId: "d",
            properties: { alert: "a&b", flag: "" },
            system: { messageId: "1", contentType: "application/json", contentEncoding: "utf-8" },
            body: "eyJhIjoxfQ==",
        },
        {
            sequence: 2,
            deviceId: "d",
            moduleId: "m",
            output: "output1",
            properties: { n: "1" },
            system: {},
            body: "dHdv",
        },
    ];
    expect(kept()).toEqual(expected);
    await test1.restart();
    expect(kept()).toEqual(expected);
    expect(test1.hub.messages(1, 10)).toHaveLength(1);
});

test("a twin is read, reported and pushed over its topics", async () => {
    const client = await device();
    for (const filter of ["$iothub/twin/res/#", "$iothub/twin/PATCH/properties/desired/#"])
        expect(await client.subscribe(filter)).toBe(0);
    await call("PATCH", "/twins/d", { body: { tags: { a: 1 }, properties: { desired: { a: 1, b: 2 } } } });
    expect(await client.next("$iothub/twin/PATCH")).toEqual({
        topic: "$iothub/twin/PATCH/properties/desired/?$version=2",
        payload: '{"a":1,"b":2,"$version":2}',
    });
    await call("PUT", "/twins/d", { body: { properties: { desired: { a: 1 } } } });
    expect(await client.next("$iothub/twin/PATCH")).toEqual({
        topic: "$iothub/twin/PATCH/properties/desired/?$version=3",
        payload: '{"b":null,"$version":3}',
    });
    await client.publish("$iothub/twin/PATCH/properties/reported/?$rid=7", '{"speed":3}');
    expect(await client.next("$iothub/twin/res/")).toEqual({
        topic: "$iothub/twin/res/204/?$rid=7&$version=2",
        payload: "",
    });
    await client.publish("$iothub/twin/GET/?$rid=8");
    const answer = await client.next("$iothub/twin/res/");
    expect(answer.topic).toBe("$iothub/twin/res/200/?$rid=8");
    expect(JSON.parse(answer.payload)).toEqual({
        desired: { a: 1, $version: 3 },
        reported: { speed: 3, $version: 2 },
    });
    await client.publish("$iothub/twin/PATCH/properties/reported/?$rid=11", "[]");
    expect((await client.next("$iothub/twin/res/")).topic).toBe("$iothub/twin/res/400/?$rid=11");
    await client.publish("$iothub/twin/PATCH/properties/reported/?$rid=9", '{"a.b":1}');
    expect((await client.next("$iothub/twin/res/")).topic).toBe("$iothub/twin/res/400/?$rid=9");
    await client.publish("$iothub/twin/PATCH/properties/reported/?$rid=10", "{");
    expect((await client.next("$iothub/twin/res/")).topic).toBe("$iothub/twin/res/400/?$rid=10");
});

test("a client subscribes to the topics of its own and to no others", async () => {
    const [ofDevice, ofModule] = [await device(), await edgeModule()];
    const granted = (client: TestClient, filters: string[]) => Promise.all(filters.map(client.subscribe));
    expect(await granted(ofDevice, ["$iothub/methods/POST/#", "devices/d/messages/devicebound/#"])).toEqual([
        0, 0,
    ]);
    expect(await granted(ofModule, ["devices/d/modules/m/inputs/#"])).toEqual([0]);
    expect(
        await granted(ofDevice, [
            "#",
            "$iothub/#",
            "$SYS/#",
            "devices/other/messages/devicebound/#",
            "devices/d/modules/m/inputs/#",
            "devices/d/messages/events/#",
        ]),
    ).toEqual([128, 128, 128, 128, 128, 128]);
    expect(await granted(ofModule, ["devices/d/modules/n/inputs/#"])).toEqual([128]);
});

test.each([
    ["in the name of another device", "devices/other/messages/events/", "x", 1],
    ["in the name of its module", "devices/d/modules/m/messages/events/", "x", 1],
    ["to a topic that a hub does not have", "alerts", "x", 1],
    ["with quality of service 2", "devices/d/messages/events/", "x", 2],
    ["of more than 256 KB", "devices/d/messages/events/", "x".repeat(256 * 1024 + 1), 1],
    ["with properties that are not encoded as they should be", "devices/d/messages/events/a=%ZZ", "x", 1],
] as const)("a message %s ends the connection and is not kept", async (_name, topic, payload, qos) => {
    const client = await device();
    client.publish(topic, payload, qos).catch(() => {});
    await client.closed;
    expect(test1.hub.messages(0, 10)).toEqual([]);
});

test("a client that says nothing, or breaks off in the middle, disturbs nobody", async () => {
    for (const bytes of [[], [0x10], [0x10, 0x20, 0x00], [0x47, 0x45]]) {
        const socket = connectTls({
            host: "localhost",
            port: test1.description.port,
            ca: test1.certificates.caPem,
        });
        await within("the connection", once(socket, "secureConnect"));
        if (bytes.length > 0) socket.write(Buffer.from(bytes));
        socket.destroy();
    }
    await device();
    expect((await call("GET", "/devices/d")).status).toBe(200);
});
