import { join } from "node:path";
import { Message, ModuleClient } from "azure-iot-device";
import { Mqtt } from "azure-iot-device-mqtt";
import { signSas } from "../../../../local/planes/sas";
import { until } from "../../../support/waiting";
import { connectMqtt } from "../../planes/hub/mqttClient";
import { inAnHour, newKey } from "../../planes/hub/testHub";
import { testClock } from "../testClock";
import { startTestDevice, type TestDevice } from "../testDevice";

const coolOffUnit = 10_000;
let clock: ReturnType<typeof testClock>;
let test1: TestDevice;
let deviceKey: string;
const open: ModuleClient[] = [];

beforeEach(async () => {
    clock = testClock();
    test1 = await startTestDevice({ clock, coolOffUnit });
    deviceKey = (await test1.hub.call("GET", "/devices/e")).body.authentication.symmetricKey.primaryKey;
    test1.powerOn();
});
afterEach(async () => {
    for (const client of open.splice(0)) await client.close();
    await test1.close();
});

/** Deploys these routes and waits for what edgeHub says of them. */
async function deploy(routes: object, changes: object = {}, code = 200) {
    await test1.apply({}, {}, { routes, ...changes });
    for (const id of ["cam", "filter"]) await test1.hub.call("PUT", `/devices/e/modules/${id}`, { body: {} });
    return until(`edgeHub to report ${code}`, async () => {
        const { desired, reported } = (await test1.hub.call("GET", "/twins/e/modules/$edgeHub")).body
            .properties;
        const isNew = reported.lastDesiredVersion === desired.$version;
        return isNew && reported.lastDesiredStatus.code === code && reported;
    });
}

/** The unmodified client of a module, connected to the device's edgeHub. */
async function connect(moduleId: string, key = deviceKey): Promise<ModuleClient> {
    const { hostName } = test1.hub.description;
    const client = ModuleClient.fromConnectionString(
        `HostName=${hostName};DeviceId=e;ModuleId=${moduleId};SharedAccessKey=${key};GatewayHostName=localhost:${test1.edgeHubs.port}`,
        Mqtt,
    );
    await client.setOptions({ ca: test1.hub.certificates.caPem });
    await client.open();
    open.push(client);
    return client;
}

async function send(client: ModuleClient, body: string, output = "out", site?: string): Promise<void> {
    const message = new Message(body);
    if (site !== undefined) message.properties.add("site", site);
    await client.sendOutputEvent(output, message);
}

/** Collects what comes to the inputs of a module. */
function listen(client: ModuleClient): string[] {
    const heard: string[] = [];
    client.on("inputMessage", (input: string, message: Message) => {
        heard.push(`${input}: ${message.getData().toString()}`);
        client.complete(message, () => {});
    });
    return heard;
}

const arrived = () =>
    test1.hub.hub.messages(0, 100).map(({ body }) => Buffer.from(body, "base64").toString("utf8"));
const upstream = "FROM /messages/* INTO $upstream";
const toFilter = (source: string) => `FROM ${source} INTO BrokeredEndpoint("/modules/filter/inputs/in")`;

describe("routes", () => {
    test("take a message to the hub, to inputs of modules, to both, or nowhere", async () => {
        const reported = await deploy({
            out: "FROM /messages/modules/cam/outputs/out INTO $upstream",
            both: { route: "FROM /messages/modules/cam/outputs/both INTO $upstream", priority: 1 },
            again: { route: "FROM /messages/modules/cam/outputs/both INTO $upstream", priority: 0 },
            filter: toFilter("/messages/modules/CAM/outputs/both"),
            site: "FROM /messages/* WHERE site = 'x' INTO BrokeredEndpoint('/modules/filter/inputs/x')",
        });
        expect(reported).toMatchObject({
            schemaVersion: "1.0",
            lastDesiredStatus: { code: 200, description: "" },
        });
        const [cam, filter] = [await connect("cam"), await connect("filter")];
        const heard = listen(filter);
        await send(cam, "1", "out");
        await send(cam, "2", "both");
        await send(cam, "3", "nowhere", "y");
        await send(cam, "4", "nowhere", "x");
        await cam.sendEvent(new Message("5"));
        await until("what came to inputs", () => heard.length === 2);
        expect(heard).toEqual(["in: 2", "x: 4"]);
        expect(arrived()).toEqual(["1", "2"]);
        expect(test1.hub.hub.messages(0, 1)).toMatchObject([
            { deviceId: "e", moduleId: "cam", output: "out", properties: {} },
        ]);
    });

    test("that cannot be read are reported with 400, and the old ones stay", async () => {
        await deploy({ r: upstream });
        const cam = await connect("cam");
        const { lastDesiredStatus } = await deploy({ r: "FROM /messages/* INTO $cloud" }, {}, 400);
        expect(lastDesiredStatus.description).toBe(
            "Error while parsing desired properties - Error parsing route r - System endpoint type '$cloud' not supported.",
        );
        await send(cam, "still");
        expect(arrived()).toEqual(["still"]);
        await deploy({});
        await send(cam, "dropped");
        expect(arrived()).toEqual(["still"]);
    });

    test("that do not compile are reported with 200 all the same, and the old ones stay", async () => {
        await deploy({ r: upstream });
        const cam = await connect("cam");
        await deploy({
            r: "FROM /messages/* WHERE site > 5 INTO BrokeredEndpoint('/modules/filter/inputs/in')",
        });
        await send(cam, "still", "out", "6");
        expect(arrived()).toEqual(["still"]);
        expect(test1.log("edgeHub")).toMatch(/the routes stay as they were: .*string and number/);
    });
});

describe("while the hub is away", () => {
    /** Lets edgeHub notice that the hub is back. */
    const goOn = () => clock.advance(300_000);

    test("messages are kept, and arrive in their order when it is back, first those of first priority", async () => {
        await deploy({
            r: "FROM /messages/modules/cam/outputs/out INTO $upstream",
            first: { route: "FROM /messages/modules/cam/outputs/alarm INTO $upstream", priority: 0 },
        });
        const cam = await connect("cam");
        await send(cam, "before");
        await test1.hub.stop();
        for (let n = 1; n <= 60; n++) await send(cam, String(n), n % 20 === 0 ? "alarm" : "out");
        await test1.hub.start();
        expect(arrived()).toEqual(["before"]);
        goOn();
        const others = Array.from({ length: 60 }, (_, index) => String(index + 1)).filter(
            (n) => Number(n) % 20 !== 0,
        );
        expect(arrived()).toEqual(["before", "20", "40", "60", ...others]);
        await send(cam, "after");
        expect(arrived().at(-1)).toBe("after");
    });

    test("they outlive a restart of the device, whose modules go on without the hub", async () => {
        await deploy({ r: upstream });
        const cam = await connect("cam");
        await test1.hub.stop();
        await send(cam, "1");
        await cam.close();
        open.splice(0);
        await test1.device.stop();
        test1.powerOn();
        await until("edgeHub", () => test1.log("edgeHub").split("routes: r").length > 2);
        await send(await connect("cam"), "2");
        await test1.hub.start();
        goOn();
        expect(arrived()).toEqual(["1", "2"]);
        await test1.device.stop();
        test1.powerOn();
        await until("the link", () => test1.device.status().connected);
        expect(arrived()).toEqual(["1", "2"]);
    });

    test("what a module has left behind arrives though the module is gone", async () => {
        await deploy({ r: upstream });
        const cam = await connect("cam");
        await test1.hub.stop();
        await send(cam, "1");
        await cam.close();
        open.splice(0);
        await test1.hub.start();
        goOn();
        expect(test1.hub.hub.messages(0, 10)).toMatchObject([{ moduleId: "cam" }]);
        expect(test1.hub.hub.modules("e").find(({ moduleId }) => moduleId === "cam")).toMatchObject({
            connectionState: "Disconnected",
        });
    });

    test("they live as long as their route says, or the configuration, or for ever", async () => {
        await deploy(
            {
                short: {
                    route: "FROM /messages/modules/cam/outputs/short INTO $upstream",
                    timeToLiveSecs: 600,
                },
                long: "FROM /messages/modules/cam/outputs/long INTO $upstream",
            },
            { storeAndForwardConfiguration: { timeToLiveSecs: 3600 } },
        );
        const cam = await connect("cam");
        await test1.hub.stop();
        await send(cam, "short", "short");
        await send(cam, "long", "long");
        clock.advance(600_001);
        await send(cam, "short 2", "short");
        await test1.hub.start();
        goOn();
        expect(arrived().sort()).toEqual(["long", "short 2"]);

        await test1.hub.stop();
        await send(cam, "long 2", "long");
        clock.advance(3_600_001);
        await test1.hub.start();
        goOn();
        expect(arrived()).not.toContain("long 2");
        await deploy({ r: upstream }, { storeAndForwardConfiguration: { timeToLiveSecs: -1 } });
        await test1.hub.stop();
        await send(cam, "for ever");
        clock.advance(1_000_000_000);
        await test1.hub.start();
        goOn();
        expect(arrived()).toContain("for ever");
    });

    test("a device that the hub refuses keeps them, too", async () => {
        await deploy({ r: upstream });
        const cam = await connect("cam");
        const { body } = await test1.hub.call("GET", "/devices/e");
        await test1.hub.call("PUT", "/devices/e", { body: { ...body, status: "disabled" }, ifMatch: "*" });
        await send(cam, "1");
        expect(arrived()).toEqual([]);
        await test1.hub.call("PUT", "/devices/e", { body, ifMatch: "*" });
        goOn();
        expect(arrived()).toEqual(["1"]);
    });

    test("a twin is the one seen last, and what is desired meanwhile is told afterwards", async () => {
        await deploy({ r: upstream });
        const cam = await connect("cam");
        await test1.hub.call("PATCH", "/twins/e/modules/cam", {
            body: { properties: { desired: { a: 1 } } },
        });
        const twin = await cam.getTwin();
        await test1.hub.stop();
        expect((await (await connect("cam")).getTwin()).properties.desired).toMatchObject({ a: 1 });
        const heard: object[] = [];
        const again = open.at(-1) as ModuleClient;
        (await again.getTwin()).on("properties.desired", (desired: object) => void heard.push(desired));
        expect(twin.properties.desired).toMatchObject({ a: 1 });
        await test1.hub.start();
        await test1.hub.call("PATCH", "/twins/e/modules/cam", {
            body: { properties: { desired: { a: 2 } } },
        });
        await until("the change", () => {
            goOn();
            return heard.some((desired) => (desired as { a?: number }).a === 2);
        });
    });
});

test("an input keeps its messages until its module is there and listens", async () => {
    await deploy({ r: toFilter("/messages/modules/cam") });
    const cam = await connect("cam");
    await send(cam, "1");
    const filter = await connect("filter");
    await send(cam, "2");
    const heard = listen(filter);
    await until("both", () => heard.length === 2);
    expect(heard).toEqual(["in: 1", "in: 2"]);
});

test("methods reach a module by its edgeHub, and the hub sees who is connected", async () => {
    await deploy({ r: upstream });
    const cam = await connect("cam");
    cam.onMethod("ping", (_request, response) => void response?.send(201, { heard: true }));
    const body = {
        methodName: "ping",
        payload: {},
        connectTimeoutInSeconds: 20,
        responseTimeoutInSeconds: 20,
    };
    const answer = await test1.hub.call("POST", "/twins/e/modules/cam/methods", { body });
    expect(answer.body).toEqual({ status: 201, payload: { heard: true } });
    const clients = async () =>
        (await test1.hub.call("GET", "/twins/e/modules/$edgeHub")).body.properties.reported.clients;
    expect(await clients()).toMatchObject({ "e/cam": { status: "Connected" } });
    await cam.close();
    open.splice(0);
    await until("the farewell", async () => (await clients())["e/cam"].status === "Disconnected");
});

describe("at the door of edgeHub", () => {
    const knock = (
        id: string,
        path: string,
        key = deviceKey,
        change: { expiresAt?: Date; policy?: string } = {},
    ) => {
        const resource = `${test1.hub.description.hostName}/devices/${path}`;
        const password = signSas({ resource, key, expiresAt: inAnHour(), ...change });
        return connectMqtt(test1.hub, id, { password, port: test1.edgeHubs.port });
    };

    test("a module waits until there is a deployment", async () => {
        await test1.hub.call("PUT", "/devices/e/modules/cam", { body: {} });
        await expect(knock("e/cam", "e/modules/cam")).rejects.toThrow("CONNACK 3");
        await deploy({ r: upstream });
        await (await knock("e/cam", "e/modules/cam")).end();
    });

    test.each<[string, () => Promise<unknown>]>([
        ["a module that there is not", () => knock("e/other", "e/modules/other")],
        ["a wrong key", () => knock("e/cam", "e/modules/cam", newKey())],
        ["a token of another module", () => knock("e/cam", "e/modules/filter")],
        ["an expired token", () => knock("e/cam", "e/modules/cam", deviceKey, { expiresAt: new Date(0) })],
        ["a token of a policy", () => knock("e/cam", "e/modules/cam", deviceKey, { policy: "device" })],
        ["the device itself", () => knock("e", "e")],
        ["a module of another device", () => knock("d/cam", "d/modules/cam")],
    ])("%s is not let in", async (_what, attempt) => {
        await deploy({ r: upstream });
        await expect(attempt()).rejects.toThrow("CONNACK 5");
    });
});

test("modules that run on the device speak with each other and the hub by what their environment says", async () => {
    const packages = join(__dirname, "../../../../node_modules");
    const script = (act: string) => `
        const { ModuleClient, Message } = require(${JSON.stringify(join(packages, "azure-iot-device"))});
        const { Mqtt } = require(${JSON.stringify(join(packages, "azure-iot-device-mqtt"))});
        (async () => {
            const client = await ModuleClient.fromEnvironment(Mqtt);
            await client.open();
            ${act}
        })().catch((error) => console.log(error.stack));`;
    const eye = 'await client.sendOutputEvent("seen", new Message("banana"));';
    const judge = `client.on("inputMessage", (input, message) =>
            client.sendOutputEvent("judged", new Message(input + " " + message.getData() + " ripe"), () => {}));`;
    const files = { "app/eye.js": script(eye), "app/judge.js": script(judge) };
    const image = await test1.push("both", {}, files);
    const running = (file: string) => ({
        type: "docker",
        settings: { image, createOptions: JSON.stringify({ Cmd: ["node", file] }) },
    });
    const routes = {
        inner: 'FROM /messages/modules/eye INTO BrokeredEndpoint("/modules/judge/inputs/fruit")',
        outer: "FROM /messages/modules/judge/outputs/judged INTO $upstream",
    };
    await test1.apply({ eye: running("eye.js"), judge: running("judge.js") }, {}, { routes });
    await until("the judgement", () => arrived().length > 0).catch((error: Error) => {
        throw new Error(
            `${error.message} Logs: ${test1.log("eye")} ${test1.log("judge")} ${test1.log("edgeHub")}`,
        );
    });
    expect(test1.hub.hub.messages(0, 10)).toMatchObject([{ moduleId: "judge", output: "judged" }]);
    expect(arrived()).toEqual(["fruit banana ripe"]);
});
