import { once } from "node:events";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { Client } from "azure-iot-device";
import { Mqtt as DeviceMqtt } from "azure-iot-device-mqtt";
import { connect, type IClientOptions, type MqttClient } from "mqtt";
import type { LinkedHub } from "../../../../local/planes/dps/settings";
import { signSas } from "../../../../local/planes/sas";
import { freePort } from "../../../support/freePort";
import { until, within } from "../../../support/waiting";
import { inAnHour, newKey } from "../hub/testHub";
import {
    groupDeviceKey,
    type Protocol,
    startTestProvisioning,
    type TestProvisioning,
} from "./testProvisioning";

let dps: TestProvisioning;
beforeAll(async () => {
    dps = await startTestProvisioning();
});
afterAll(() => dps?.close());

let count = 0;
const newId = () => `device-${++count}`;
const newKeys = () => ({ primaryKey: newKey(), secondaryKey: newKey() });
const attestation = (symmetricKey: object) => ({ type: "symmetricKey", symmetricKey });

async function enroll(registrationId: string, more: object = {}) {
    const keys = newKeys();
    const body = { registrationId, attestation: attestation(keys), ...more };
    expect((await dps.manage("PUT", `/enrollments/${registrationId}`, body)).status).toBe(200);
    return keys;
}

async function enrollGroup(enrollmentGroupId: string, more: object = {}) {
    const keys = newKeys();
    const body = { enrollmentGroupId, attestation: attestation(keys), ...more };
    expect((await dps.manage("PUT", `/enrollmentGroups/${enrollmentGroupId}`, body)).status).toBe(200);
    return keys;
}

/** Registers over plain HTTP and asks until the operation has ended. */
async function registerPlainly(registrationId: string, key: string) {
    const begun = await dps.device("PUT", "/register", { registrationId, key });
    expect(begun.status).toBe(202);
    return dps.device("GET", `/operations/${begun.body.operationId}`, { registrationId, key });
}

async function connectsToHub(deviceId: string, key: string) {
    const { hostName } = dps.test.hub;
    const client = Client.fromConnectionString(
        `HostName=${hostName};DeviceId=${deviceId};SharedAccessKey=${key}`,
        DeviceMqtt,
    );
    await client.setOptions({ ca: dps.test.certificates.caPem });
    await client.open();
    await client.close();
}

const refusal = (errorCode: number, message: string) => ({
    errorCode,
    trackingId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    message,
    timestampUtc: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
});
const unauthorized = refusal(401002, "Unauthorized");

describe.each<Protocol>(["MQTT", "HTTP"])("over %s", (protocol) => {
    test.each(["primaryKey", "secondaryKey"] as const)(
        "a device registers with the %s of its entry and then connects to its hub",
        async (which) => {
            const id = newId();
            const keys = await enroll(id, { deviceId: `${id}-named`, capabilities: { iotEdge: true } });
            const state = await dps.register(protocol, id, keys[which]);
            expect(state).toEqual({
                registrationId: id,
                createdDateTimeUtc: expect.any(String),
                assignedHub: dps.test.hub.hostName,
                deviceId: `${id}-named`,
                status: "assigned",
                substatus: "initialAssignment",
                lastUpdatedDateTimeUtc: expect.any(String),
                etag: expect.any(String),
            });
            const { body } = await dps.test.call("GET", `/devices/${id}-named`);
            expect(body).toMatchObject({
                authentication: { type: "sas", symmetricKey: keys },
                capabilities: { iotEdge: true },
            });
            await connectsToHub(`${id}-named`, keys[which]);
        },
    );

    test.each(["primaryKey", "secondaryKey"] as const)(
        "a device registers with a key derived from the %s of its group and then connects to its hub",
        async (which) => {
            const id = newId();
            const group = await enrollGroup(`group-${id}`);
            const key = groupDeviceKey(group[which], id);
            expect(await dps.register(protocol, id, key)).toMatchObject({
                status: "assigned",
                deviceId: id,
                symmetricKey: { enrollmentGroupId: `group-${id}` },
            });
            await connectsToHub(id, key);
        },
    );

    test.each<[string, () => Promise<{ id: string; key: string; scope?: string }>, object]>([
        [
            "a wrong key",
            async () => {
                const id = newId();
                await enroll(id);
                return { id, key: newKey() };
            },
            unauthorized,
        ],
        ["an unknown registration", async () => ({ id: newId(), key: newKey() }), unauthorized],
        [
            "a disabled entry",
            async () => {
                const id = newId();
                const { primaryKey } = await enroll(id, { provisioningStatus: "disabled" });
                return { id, key: primaryKey };
            },
            unauthorized,
        ],
        [
            "a disabled group",
            async () => {
                const id = newId();
                const { primaryKey } = await enrollGroup(`group-${id}`, { provisioningStatus: "disabled" });
                return { id, key: groupDeviceKey(primaryKey, id) };
            },
            unauthorized,
        ],
        [
            "a group whose device has an entry of its own",
            async () => {
                const id = newId();
                const { primaryKey } = await enrollGroup(`group-${id}`);
                await enroll(id);
                return { id, key: groupDeviceKey(primaryKey, id) };
            },
            unauthorized,
        ],
        [
            "the key of the group itself",
            async () => {
                const id = newId();
                const { primaryKey } = await enrollGroup(`group-${id}`);
                return { id, key: primaryKey };
            },
            unauthorized,
        ],
        [
            "a group whose device has a disabled entry of its own",
            async () => {
                const id = newId();
                const { primaryKey } = await enrollGroup(`group-${id}`);
                await enroll(id, { provisioningStatus: "disabled" });
                return { id, key: groupDeviceKey(primaryKey, id) };
            },
            unauthorized,
        ],
        [
            "a wrong scope",
            async () => {
                const id = newId();
                const { primaryKey } = await enroll(id);
                return { id, key: primaryKey, scope: "0ne0000000F" };
            },
            refusal(404201, "Id scope not found: 0ne0000000F"),
        ],
    ])("%s is refused", async (_, prepare, body) => {
        const { id, key, scope } = await prepare();
        const error = await dps.register(protocol, id, key, scope).catch((caught: unknown) => caught);
        const { result, responseBody } = error as { result?: object; responseBody?: string };
        // Over HTTP the client keeps the body as text.
        expect(result ?? JSON.parse(responseBody ?? "")).toEqual(body);
        expect((await dps.test.call("GET", `/devices/${id}`)).status).toBe(404);
    });
});

test("the first answer bids to wait, a later one tells the outcome, and the state can be looked up", async () => {
    const id = newId();
    const { primaryKey: key } = await enroll(id);
    const begun = await dps.device("PUT", "/register", { registrationId: id, key });
    expect(begun).toMatchObject({
        status: 202,
        headers: { "retry-after": "3" },
        body: {
            operationId: expect.stringMatching(/^4\.[0-9a-f]{16}\.[0-9a-f]{8}-[0-9a-f-]{27}$/),
            status: "assigning",
        },
    });
    const { operationId } = begun.body;
    const ended = await dps.device("GET", `/operations/${operationId}`, { registrationId: id, key });
    expect(ended).toMatchObject({ status: 200, body: { operationId, status: "assigned" } });
    const state = ended.body.registrationState;
    expect((await dps.device("POST", "", { registrationId: id, key })).body).toEqual(state);
    expect((await dps.manage("GET", `/registrations/${id}`, undefined, "reader")).body).toEqual(state);
    const forbidden = await dps.manage("DELETE", `/registrations/${id}`, undefined, "reader");
    expect(forbidden).toMatchObject({
        status: 401,
        headers: { "x-ms-error-code": "401002" },
        body: unauthorized,
    });
    expect((await dps.manage("DELETE", `/registrations/${id}`)).status).toBe(204);
    expect((await dps.manage("GET", `/registrations/${id}`)).body).toEqual(
        refusal(404201, `Registration not found: ${id}`),
    );
});

describe("a token", () => {
    test.each<[string, object]>([
        ["that has expired", { expiresAt: new Date(0) }],
        ["of another policy's name", { policy: "provisioningserviceowner" }],
    ])("%s is refused", async (_, change) => {
        const id = newId();
        const { primaryKey: key } = await enroll(id);
        const answer = await dps.device("PUT", "/register", { registrationId: id, key, ...change });
        expect(answer).toMatchObject({ status: 401, headers: { "x-ms-error-code": "401002" } });
        expect(answer.body).toEqual(unauthorized);
    });
});

test("an operation that there is not, another body and another api-version are refused", async () => {
    const id = newId();
    const { primaryKey: key } = await enroll(id);
    await registerPlainly(id, key);
    const call = { registrationId: id, key };
    expect(await dps.device("GET", "/operations/4.0.0", call)).toMatchObject({
        status: 404,
        body: refusal(404203, "Operation not found."),
    });
    const other = await dps.device("PUT", "/register", { ...call, body: { registrationId: "other" } });
    expect(other).toMatchObject({ status: 400, body: { errorCode: 400004 } });
    const old = await dps.device("PUT", "/register", { ...call, apiVersion: "2018-11-01" });
    expect(old.body).toEqual(refusal(400004, "Expected the api-version to be 2019-03-31 or 2021-06-01"));
});

test("an id counts without its letter case, in the token, the address, the body and the derived key", async () => {
    const id = newId();
    const group = await enrollGroup(`group-${id}`);
    const key = groupDeviceKey(group.primaryKey, id);
    const call = { registrationId: id.toUpperCase(), key, body: { registrationId: id, payload: { any: 1 } } };
    const begun = await dps.device("PUT", "/register", call);
    expect(begun.status).toBe(202);
    const asked = { registrationId: id, key };
    const ended = await dps.device("GET", `/operations/${begun.body.operationId}`, asked);
    expect(ended.body.registrationState).toMatchObject({
        registrationId: id.toUpperCase(),
        status: "assigned",
    });
    const { symmetricKey } = (await dps.test.call("GET", `/devices/${id.toUpperCase()}`)).body.authentication;
    expect(symmetricKey).toEqual({ primaryKey: key, secondaryKey: groupDeviceKey(group.secondaryKey, id) });
});

test("nobody sees the operation or the state of another device", async () => {
    const [one, two] = [newId(), newId()];
    const keys = [await enroll(one), await enroll(two)];
    const { body } = await registerPlainly(one, keys[0]?.primaryKey ?? "");
    const asTwo = { registrationId: two, key: keys[1]?.primaryKey ?? "" };
    expect((await dps.device("GET", `/operations/${body.operationId}`, asTwo)).status).toBe(404);
    for (const [method, below] of [
        ["POST", ""],
        ["GET", `/operations/${body.operationId}`],
        ["PUT", "/register"],
    ] as const)
        expect((await dps.device(method, below, { ...asTwo, registrationId: one })).status).toBe(401);
    expect((await dps.device("POST", "", asTwo)).status).toBe(404);
});

test.each(["2019-03-31", "2021-06-01"])("the api-version %s of devices is taken", async (apiVersion) => {
    const id = newId();
    const { primaryKey: key } = await enroll(id);
    const call = { registrationId: id, key, apiVersion };
    expect((await dps.device("PUT", "/register", call)).status).toBe(202);
});

test("a device that registers again is assigned anew, by an operation of its own", async () => {
    const id = newId();
    const { primaryKey: key } = await enroll(id);
    const [first, second] = [await registerPlainly(id, key), await registerPlainly(id, key)];
    expect(second.body.operationId).not.toBe(first.body.operationId);
    expect(second.body.registrationState).toMatchObject({
        createdDateTimeUtc: first.body.registrationState.createdDateTimeUtc,
        status: "assigned",
    });
    expect(second.body.registrationState.etag).not.toBe(first.body.registrationState.etag);
});

describe("a hub that", () => {
    /** Answers as the test says, and goes on with the last of these; undefined is no answer at all. */
    let statuses: (number | undefined)[] = [];
    let asked: string[] = [];
    let server: Server;
    let linked: LinkedHub;
    let before: readonly LinkedHub[];

    beforeAll(async () => {
        before = dps.settings.hubs;
        const { certPem: cert, keyPem } = dps.test.certificates;
        server = createServer({ cert, key: keyPem }, (request, response) => {
            asked.push(`${request.method} ${request.headers["if-match"] ?? ""}`);
            const status = statuses.length > 1 ? statuses.shift() : statuses[0];
            if (status !== undefined)
                response.writeHead(status).end(JSON.stringify({ etag: "MQ==", Message: "no" }));
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        const { port } = server.address() as AddressInfo;
        linked = { hostName: `localhost:${port}`, keyName: "p", key: newKey() };
        await dps.restart({ hubs: [linked] });
    });
    afterAll(async () => {
        await dps.restart({ hubs: before });
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
    });
    const register = async (...answers: (number | undefined)[]) => {
        const id = newId();
        const { primaryKey: key } = await enroll(id);
        [statuses, asked] = [answers, []];
        return { id, key, answer: await registerPlainly(id, key) };
    };

    test.each([429, 500, 502, 503])(
        "answers %i lets the device ask again, and is asked again then",
        async (status) => {
            const { id, key, answer } = await register(status);
            expect(answer).toMatchObject({ status: 202, headers: { "retry-after": "3" } });
            [statuses, asked] = [[404, 404, 200], []];
            const call = { registrationId: id, key };
            const ended = await dps.device("GET", `/operations/${answer.body.operationId}`, call);
            expect(ended.body).toMatchObject({
                status: "assigned",
                registrationState: { assignedHub: linked.hostName },
            });
            expect(asked).toEqual(["GET ", "GET ", "PUT "]);
        },
    );

    test.each([400, 401, 403, 409, 412])(
        "answers %i to the write of a device fails its registration",
        async (status) => {
            const { answer } = await register(404, 404, status);
            expect(answer.body).toMatchObject({
                status: "failed",
                registrationState: {
                    errorCode: 500001,
                    errorMessage: expect.stringMatching(`found ${status}: no`),
                },
            });
        },
    );

    test("has the device is written to by the ETag that was read", async () => {
        const { answer } = await register(200, 200, 200);
        expect(answer.body.status).toBe("assigned");
        expect(asked).toEqual(["GET ", "GET ", 'PUT "MQ=="']);
    });

    test("never answers holds up neither the end of the service nor what it does next", async () => {
        const id = newId();
        const { primaryKey: key } = await enroll(id);
        [statuses, asked] = [[undefined], []];
        const call = { registrationId: id, key };
        const { body } = await dps.device("PUT", "/register", call);
        await until("the question to the hub", () => asked.length > 0);
        // The service itself gives up such a hub only after thirty seconds.
        await within("the end of the service", dps.restart(), 15_000);
        statuses = [404, 404, 200];
        const ended = await dps.device("GET", `/operations/${body.operationId}`, call);
        expect(ended.body.status).toBe("assigned");
    });
});

test("a device that its hub has keeps its twin and status, and gets the keys it registers with", async () => {
    const id = newId();
    await dps.test.call("PUT", `/devices/${id}`, {
        body: { deviceId: id, capabilities: { iotEdge: true }, statusReason: "kept" },
    });
    const twin = { tags: { site: "old" }, properties: { desired: { speed: 1 } } };
    await dps.test.call("PATCH", `/twins/${id}`, { body: twin });
    const before = (await dps.test.call("GET", `/devices/${id}`)).body;
    const keys = await enroll(id, {
        capabilities: { iotEdge: true },
        initialTwin: { tags: { site: "new" } },
    });
    expect((await registerPlainly(id, keys.primaryKey)).body.status).toBe("assigned");
    const after = (await dps.test.call("GET", `/devices/${id}`)).body;
    expect(after).toMatchObject({
        generationId: before.generationId,
        deviceScope: before.deviceScope,
        statusReason: "kept",
        authentication: { symmetricKey: keys },
    });
    expect((await dps.test.call("GET", `/twins/${id}`)).body).toMatchObject(twin);
});

test("a device that the service makes begins with the twin of its entry", async () => {
    const id = newId();
    const initialTwin = { tags: { site: "north" }, properties: { desired: { speed: 2 } } };
    const { primaryKey } = await enroll(id, { initialTwin });
    await registerPlainly(id, primaryKey);
    expect((await dps.test.call("GET", `/twins/${id}`)).body).toMatchObject(initialTwin);
});

test("a twin that the hub refuses fails the registration, and is given once it is mended", async () => {
    const id = newId();
    const body = { registrationId: id, attestation: attestation(newKeys()) };
    const { primaryKey: key } = body.attestation.symmetricKey as { primaryKey: string };
    const put = (site: string) =>
        dps.manage("PUT", `/enrollments/${id}`, { ...body, initialTwin: { tags: { site } } });
    await put("x".repeat(5000));
    expect((await registerPlainly(id, key)).body.status).toBe("failed");
    await dps.manage("DELETE", `/enrollments/${id}`);
    await put("north");
    expect((await registerPlainly(id, key)).body.status).toBe("assigned");
    expect((await dps.test.call("GET", `/twins/${id}`)).body.tags).toEqual({ site: "north" });
});

test("after a restart the outcome is known, and the device registers again", async () => {
    const id = newId();
    const { primaryKey: key } = await enroll(id);
    const first = await registerPlainly(id, key);
    await dps.restart();
    const { operationId } = first.body;
    const call = { registrationId: id, key };
    expect((await dps.device("GET", `/operations/${operationId}`, call)).body).toEqual(first.body);
    const again = await dps.register("MQTT", id, key);
    const { createdDateTimeUtc, deviceId, assignedHub } = first.body.registrationState;
    expect(again).toMatchObject({ status: "assigned", createdDateTimeUtc, deviceId, assignedHub });
    expect((await dps.device("GET", `/operations/${operationId}`, call)).status).toBe(404);
});

test("an assignment that a restart cuts off is taken up at the next question", async () => {
    const id = newId();
    const initialTwin = { tags: { site: "north" } };
    const { primaryKey: key } = await enroll(id, { initialTwin });
    const { operationId } = (await registerPlainly(id, key)).body;
    const records = dps.test.store.collection<object>("dps/dps/registrations");
    await dps.restart();
    // As a process leaves it that was killed once the device was there, and its twin not yet.
    records.put(id, { ...records.get(id), status: "assigning", makesDevice: true });
    await dps.test.call("PATCH", `/twins/${id}`, { body: { tags: { site: null } } });
    const ended = await dps.device("GET", `/operations/${operationId}`, {
        registrationId: id,
        key,
    });
    expect(ended.body).toMatchObject({ status: "assigned", registrationState: { deviceId: id } });
    expect((await dps.test.call("GET", `/twins/${id}`)).body.tags).toEqual(initialTwin.tags);
});

test("a hub that does not let the service in fails the registration, which works once it does", async () => {
    const id = newId();
    const { primaryKey: key } = await enroll(id);
    const { hubs } = dps.settings;
    await dps.restart({ hubs: hubs.map((hub) => ({ ...hub, key: newKey() })) });
    const failed = await registerPlainly(id, key);
    expect(failed).toMatchObject({
        status: 200,
        body: {
            status: "failed",
            registrationState: {
                status: "failed",
                errorCode: 500001,
                errorMessage: expect.stringMatching(/found 401/),
            },
        },
    });
    expect(failed.body.registrationState).not.toHaveProperty("assignedHub");
    await expect(dps.register("HTTP", id, key)).rejects.toMatchObject({
        name: "ProvisioningRegistrationFailedError",
    });
    await dps.restart({ hubs });
    const { body } = await registerPlainly(id, key);
    expect(body.status).toBe("assigned");
    expect(body.registrationState).not.toHaveProperty("errorCode");
});

test("a device waits while its hub is away, and is assigned once it is back", async () => {
    const id = newId();
    const { primaryKey: key } = await enroll(id);
    await dps.test.hub.close();
    const waiting = await registerPlainly(id, key);
    const { operationId } = waiting.body;
    expect(waiting).toMatchObject({ status: 202, headers: { "retry-after": "3" } });
    expect(waiting.body).toEqual({ operationId, status: "assigning" });
    await dps.test.restart();
    const call = { registrationId: id, key };
    const ended = await dps.device("GET", `/operations/${operationId}`, call);
    expect(ended).toMatchObject({ status: 200, body: { status: "assigned" } });
});

test("an entry's hubs are the only ones its device goes to, and it can be kept where it was", async () => {
    const { hubs } = dps.settings;
    const other = { hostName: `localhost:${await freePort()}`, keyName: "none", key: newKey() };
    await dps.restart({ hubs: [...hubs, other] });
    for (const id of [newId(), newId(), newId(), newId()]) {
        const { primaryKey } = await enroll(id, { iotHubs: [dps.test.hub.hostName] });
        expect((await registerPlainly(id, primaryKey)).body.status).toBe("assigned");
    }
    const id = newId();
    const attested = { registrationId: id, attestation: attestation(newKeys()) };
    const { primaryKey: key } = attested.attestation.symmetricKey as { primaryKey: string };
    const stays = { reprovisionPolicy: { updateHubAssignment: false, migrateDeviceData: false } };
    const put = (more: object) => dps.manage("PUT", `/enrollments/${id}`, { ...attested, ...more });
    await put({ iotHubs: [dps.test.hub.hostName] });
    await registerPlainly(id, key);
    await dps.manage("DELETE", `/enrollments/${id}`);
    await put({ iotHubs: [other.hostName], ...stays });
    expect((await registerPlainly(id, key)).body.registrationState.assignedHub).toBe(dps.test.hub.hostName);
    await dps.manage("DELETE", `/enrollments/${id}`);
    await put({ iotHubs: [other.hostName] });
    const { body } = await registerPlainly(id, key);
    expect(body.status).toBe("assigning");
    await dps.restart({ hubs });
    const call = { registrationId: id, key };
    expect((await dps.device("GET", `/operations/${body.operationId}`, call)).body).toMatchObject({
        status: "failed",
        registrationState: { errorMessage: expect.stringContaining(other.hostName) },
    });
});

describe("plain MQTT", () => {
    const open = (id: string, key: string, options: Partial<IClientOptions> = {}): MqttClient =>
        connect(`mqtts://${dps.settings.hostName}`, {
            clientId: id,
            username: `${dps.settings.idScope}/registrations/${id}/api-version=2019-03-31&ClientVersion=test`,
            password: signSas({
                resource: `${dps.settings.idScope}/registrations/${id}`,
                key,
                policy: "registration",
                expiresAt: inAnHour(),
            }),
            ca: dps.test.certificates.caPem,
            reconnectPeriod: 0,
            protocolVersion: 4,
            ...options,
        });
    const heard = (client: MqttClient, event: string) => within(`the event ${event}`, once(client, event));
    const granted = (client: MqttClient, filter: string, qos: 0 | 1 | 2) =>
        within(
            `the answer to the subscription to ${filter}`,
            new Promise((resolve) =>
                client.subscribe(filter, { qos }, (_, grants) => resolve(grants?.[0]?.qos)),
            ),
        );

    test("a wrong token is told in the answer, and a right one where to ask again", async () => {
        const id = newId();
        const { primaryKey } = await enroll(id);
        for (const [key, topic] of [
            [newKey(), "$dps/registrations/res/401/?$rid=1"],
            [primaryKey, "$dps/registrations/res/202/?$rid=1&retry-after=3"],
        ] as const) {
            const client = open(id, key);
            await heard(client, "connect");
            expect(await granted(client, "$dps/registrations/res/#", 1)).toBe(1);
            const answered = heard(client, "message");
            const body = JSON.stringify({ registrationId: id });
            client.publish("$dps/registrations/PUT/iotdps-register/?$rid=1", body, { qos: 1 });
            expect((await answered)[0]).toBe(topic);
            client.end(true);
        }
    });

    test("another filter is not granted, and another topic ends the connection", async () => {
        const id = newId();
        const client = open(id, newKey());
        await heard(client, "connect");
        expect(await granted(client, "#", 1)).toBe(128);
        const closed = heard(client, "close");
        client.publish("devices/other/messages/events/", "", { qos: 1 });
        await closed;
    });

    test("no session lasts, and no will is carried out", async () => {
        const id = newId();
        const { primaryKey } = await enroll(id);
        const topic = "$dps/registrations/PUT/iotdps-register/?$rid=1";
        const payload = JSON.stringify({ registrationId: id });
        const options = { clean: false, will: { topic, payload, qos: 1 as const, retain: false } };
        for (let session = 0; session < 2; session++) {
            const client = open(id, primaryKey, options);
            const [{ sessionPresent }] = await heard(client, "connect");
            expect(sessionPresent).toBe(false);
            await granted(client, "$dps/registrations/res/#", 1);
            const closed = heard(client, "close");
            // Without a DISCONNECT, which is what a will is for.
            client.end(true);
            await closed;
        }
        expect((await dps.manage("GET", `/registrations/${id}`)).status).toBe(404);
    });

    test.each<[string, Partial<IClientOptions>]>([
        ["another client's id", { clientId: "other" }],
        ["no api-version", { username: "0ne00000001/registrations/device" }],
        ["an old api-version", { username: "0ne00000001/registrations/device/api-version=2018-11-01" }],
    ])("%s is refused at once", async (_, change) => {
        const client = open("device", newKey(), change);
        const [error] = await heard(client, "error").catch((caught: Error) => [caught]);
        expect(error).toMatchObject({ code: 4 });
    });
});
