import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type EdgeGateway, openEdgeGateway } from "../../../local/device/edgeHub/edgeGateway";
import { type PoweredDevices, powerDevices } from "../../../local/device/poweredDevices";
import { until } from "../../support/waiting";
import { startTestHub, type TestHub } from "../planes/hub/testHub";

let hub: TestHub;
let folder: string;
let devices: PoweredDevices;
let edgeHubs: EdgeGateway;
const call: TestHub["call"] = (...request) => hub.call(...request);
const edge = { capabilities: { iotEdge: true } };

beforeEach(async () => {
    hub = await startTestHub();
    folder = join(hub.folder, "devices");
    const { hostName: hubHostName } = hub.description;
    edgeHubs = await openEdgeGateway({
        port: 0,
        hubHostName,
        store: hub.store,
        certificates: hub.certificates,
    });
    powerOn();
});
afterEach(async () => {
    await devices.stop();
    await edgeHubs.close();
    await hub.close();
});

function powerOn(): void {
    devices = powerDevices(hub.hub, {
        folder,
        store: hub.store,
        environment: {},
        certificates: hub.certificates,
        edgeHubs,
        settings: () => ({ runtime: "process" }),
    });
}

const connected = (deviceId: string) =>
    until(`${deviceId} to be connected`, () =>
        devices.status().some((device) => device.deviceId === deviceId && device.connected),
    );
const reported = async (deviceId: string) =>
    (await call("GET", `/twins/${deviceId}/modules/$edgeAgent`)).body.properties.reported;
const folders = () => (existsSync(folder) ? readdirSync(folder) : []);

test("every edge identity gets a device that connects and reports, other devices get none", async () => {
    await call("PUT", "/devices/plain", { body: {} });
    await call("PUT", "/devices/edge1", { body: edge });
    await call("PUT", "/devices/edge2", { body: edge });
    await connected("edge1");
    await connected("edge2");
    await until("a report", async () => (await reported("edge1")).lastDesiredStatus?.code === 417);
    expect(devices.status().map(({ deviceId }) => deviceId)).toEqual(["edge1", "edge2"]);
    expect(folders()).toEqual(["edge1", "edge2"]);
});

test("a device whose identity is deleted is erased, and one that comes after it under its name is new", async () => {
    await call("PUT", "/devices/edge1", { body: edge });
    await connected("edge1");
    await call("DELETE", "/devices/edge1", { ifMatch: "*" });
    await until("the device to go", () => devices.status().length === 0 && folders().length === 0);
    await call("PUT", "/devices/edge1", { body: edge });
    await connected("edge1");
    await call("DELETE", "/devices/edge1", { ifMatch: "*" });
    await call("PUT", "/devices/edge1", { body: edge });
    await until("the new device's log", () => {
        const log = join(folder, "edge1", "logs", "edgeAgent.log");
        return existsSync(log) && readFileSync(log, "utf8").split("connected to the hub").length === 2;
    });
    await connected("edge1");
});

test("a device keeps the key that it was given: new keys in the hub cut it off", async () => {
    const { body } = await call("PUT", "/devices/edge1", { body: edge });
    await connected("edge1");
    await call("PUT", "/devices/edge1", { body: { ...body, authentication: undefined }, ifMatch: "*" });
    await until("the cut", () => !devices.status()[0]?.connected);
    await devices.stop();
    powerOn();
    await connected("edge1");
});

test("after a stop the devices are there again, and those whose identity went meanwhile are erased", async () => {
    await call("PUT", "/devices/edge1", { body: edge });
    await call("PUT", "/devices/edge2", { body: edge });
    await connected("edge2");
    await devices.stop();
    expect((await reported("edge2")).lastDesiredStatus.code).toBe(406);
    await call("DELETE", "/devices/edge2", { ifMatch: "*" });
    powerOn();
    await connected("edge1");
    await until("edge2 to go", () => folders().length === 1);
    expect(folders()).toEqual(["edge1"]);
});

test("erasing leaves nothing of any device", async () => {
    await call("PUT", "/devices/edge1", { body: edge });
    await connected("edge1");
    await devices.erase();
    expect(folders()).toEqual([]);
    expect(hub.store.collection(`devices/${hub.hub.hostName}`).entries()).toEqual([]);
    expect(hub.store.collection(`device/${hub.hub.hostName}/edge1/desired`).entries()).toEqual([]);
});

test("a device's folder is named after it, without characters that mean something in a path", async () => {
    await call("PUT", "/devices/edge.1*", { body: edge });
    await connected("edge.1*");
    expect(folders()).toEqual(["edge%2E1*"]);
});
