import { moduleState } from "../../../../infra/provider/deploymentCheck/moduleState";
import { until } from "../../../support/waiting";
import { groupDeviceKey } from "../../planes/dps/testProvisioning";
import { newKeys, startTestEnrolled, type TestEnrolled } from "./testEnrolled";

let machine: TestEnrolled;
beforeEach(async () => {
    machine = await startTestEnrolled();
});
afterEach(() => machine?.close());

const hubName = () => machine.dps.test.hub.hostName;
const registered = (registrationId: string) => ({
    source: "dps",
    idScope: "0ne00000001",
    registrationId,
    assignedHub: hubName(),
    error: null,
});
const identity = async (deviceId: string) =>
    (await machine.dps.test.call("GET", `/devices/${deviceId}`)).body;
const keysInHub = async (deviceId: string) => (await identity(deviceId)).authentication.symmetricKey;

/** What the deployment check says of a device. */
async function checkSays(deviceId: string) {
    const { call } = machine.dps.test;
    const { body } = await call("GET", `/twins/${deviceId}/modules/$edgeAgent`);
    const { status } = await identity(deviceId);
    return moduleState({ ...body, status }, "m", "image").failure?.cause;
}

async function enrollGroup(id: string, changes: object = {}) {
    const keys = newKeys();
    const body = {
        enrollmentGroupId: id,
        attestation: { type: "symmetricKey", symmetricKey: keys },
        ...{ capabilities: { iotEdge: true }, ...changes },
    };
    expect((await machine.dps.manage("PUT", `/enrollmentGroups/${id}`, body)).status).toBe(200);
    return keys;
}

test("a device with an entry registers itself, and the service brings it into the hub", async () => {
    const keys = await machine.enroll("single", { deviceId: "named" });
    expect(await machine.connected("named")).toEqual(registered("single"));
    expect(await machine.registration("single")).toMatchObject({ status: "assigned", deviceId: "named" });
    expect(await keysInHub("named")).toEqual(keys);
    expect(machine.log("single").replace(/^\S+ /gm, "").trim().split("\n")).toEqual([
        "Provisioning starting. Reason: Startup",
        "Sending DPS registration request.",
        "Checking DPS registration status.",
        `Assigned to IoT hub: ${hubName()}`,
        "DPS registration complete.",
        "Successfully provisioned with DPS.",
    ]);
});

test.each(["primaryKey", "secondaryKey"] as const)(
    "a device of a group registers with the key derived from the group's %s; its neighbour is set up by hand",
    async (which) => {
        const group = await enrollGroup("fleet");
        const [primaryKey, secondaryKey] = [group[which], newKeys().primaryKey].map((key) =>
            groupDeviceKey(key, "member"),
        );
        await machine.identify("neighbour");
        const authentication = { type: "sas", symmetricKey: { primaryKey, secondaryKey } };
        await machine.identify("member", { authentication });
        expect(await machine.connected("member")).toEqual(registered("member"));
        expect(await machine.registration("member")).toMatchObject({
            status: "assigned",
            symmetricKey: { enrollmentGroupId: "fleet" },
        });
        expect(await machine.connected("neighbour")).toEqual({ source: "manual" });
        expect(machine.folders()).toEqual(["member"]);
    },
);

test("an entry that is not of an edge device is no device here", async () => {
    await machine.enroll("plain", { capabilities: { iotEdge: false } });
    await machine.enroll("single");
    await machine.connected("single");
    expect(machine.folders()).toEqual(["single"]);
});

test("a device that waits in the hub is not switched on before it has registered", async () => {
    const keys = await machine.enroll("single", { provisioningStatus: "disabled" });
    await machine.refused("single", "Unauthorized (401002)");
    await machine.identify("single", { authentication: { type: "sas", symmetricKey: keys } });
    expect(await checkSays("single")).toBe("The device single has never connected to the hub");
    expect(machine.log("single")).toMatch(/Sending DPS.*\n.*DPS client error\n.*caused by: Unauthorized/);
    await machine.enroll("single", {}, keys);
    await machine.connected("single");
    expect(await checkSays("single")).toMatch(/^The device has an empty manifest/);
});

test("a device with another key than its entry has is refused until the entry has its key again", async () => {
    const keys = await machine.enroll("single", { provisioningStatus: "disabled" });
    await machine.refused("single", "Unauthorized (401002)");
    await machine.enroll("single");
    const tries = () => machine.log("single").split("caused by: Unauthorized").length;
    const before = tries();
    await until("two more tries", () => tries() > before + 1);
    expect(machine.status("single")?.connected).toBe(false);
    await machine.enroll("single", {}, keys);
    await machine.connected("single");
});

test("a device whose service has no hub is told so, and registers once there is one", async () => {
    const { hubs } = machine.dps.settings;
    await machine.dps.restart({ hubs: [] });
    await machine.enroll("single");
    await machine.refused("single", "Expected a hub that is linked to take the device, found none. (500001)");
    await machine.dps.restart({ hubs });
    await machine.connected("single");
});

test("a device that is disabled in its hub registers again and again, and comes alive when it is enabled", async () => {
    const keys = newKeys();
    await machine.identify("single", {
        status: "disabled",
        authentication: { type: "sas", symmetricKey: keys },
    });
    await machine.enroll("single", {}, keys);
    const tries = () => machine.log("single").split("Requesting device reprovision: Unauthorized").length;
    await until("two tries", () => tries() > 2);
    expect(machine.status("single")?.connected).toBe(false);
    expect(await checkSays("single")).toBe("The device single is disabled in the hub and may not connect");
    await machine.identify("single", { status: "enabled" });
    await machine.connected("single");
});

test("a device that was deleted from its hub registers anew, and the service makes it again", async () => {
    await machine.enroll("single");
    await machine.connected("single");
    const { generationId } = await identity("single");
    await machine.dps.test.call("DELETE", "/devices/single", { ifMatch: "*" });
    await until("another identity", async () => {
        const found = await identity("single");
        return found.generationId !== undefined && found.generationId !== generationId;
    });
    await machine.connected("single");
    expect(machine.log("single")).toContain("Requesting device reprovision: the hub has no such device");
});

test("a device whose hub has other keys registers anew, and has its keys there again", async () => {
    const keys = await machine.enroll("single");
    await machine.connected("single");
    await machine.identify("single", { authentication: { type: "sas", symmetricKey: newKeys() } });
    await until("its keys", async () => (await keysInHub("single")).primaryKey === keys.primaryKey);
    await machine.connected("single");
});

test("after a restart the registration is still known: nothing is asked of the service", async () => {
    await machine.enroll("single");
    await machine.connected("single");
    const { etag } = await machine.registration("single");
    await machine.restart(async () => {
        expect(await machine.connected("single")).toEqual(registered("single"));
    });
    expect((await machine.registration("single")).etag).toBe(etag);
    expect(machine.log("single")).toContain("Provisioned with backup for single.");
    expect(machine.log("single").split("Sending DPS registration request.")).toHaveLength(2);
});

test("whoever restarts this machine puts the key of the entry onto the device", async () => {
    const first = await machine.enroll("single", { provisioningStatus: "disabled" });
    await machine.refused("single", "Unauthorized (401002)");
    const second = await machine.enroll("single");
    expect(second).not.toEqual(first);
    await machine.restart();
    await machine.connected("single");
});

test("a device that was refused before a restart goes on asking after it", async () => {
    const keys = await machine.enroll("single", { provisioningStatus: "disabled" });
    await machine.refused("single", "Unauthorized (401002)");
    await machine.restart();
    await machine.refused("single", "Unauthorized (401002)");
    await machine.enroll("single", {}, keys);
    await machine.connected("single");
});

test("a device stays in its hub without its entry, and goes when it is deleted there, too", async () => {
    await machine.enroll("single");
    await machine.connected("single");
    await machine.unenroll("/enrollments/single");
    expect(await machine.connected("single")).toEqual(registered("single"));
    await machine.restart();
    expect(await machine.connected("single")).toEqual(registered("single"));
    await machine.dps.test.call("DELETE", "/devices/single", { ifMatch: "*" });
    await until("the device to go", () => machine.status("single") === undefined);
    expect(machine.folders()).toEqual([]);
    expect(machine.dps.test.store.collection("enrolledDevices").entries()).toEqual([]);
});

test("a device that never registered goes with its entry, and with its service", async () => {
    await machine.enroll("one", { provisioningStatus: "disabled" });
    await machine.enroll("two", { provisioningStatus: "disabled" });
    await machine.refused("two", "Unauthorized (401002)");
    await machine.unenroll("/enrollments/one");
    expect(machine.folders()).toEqual(["two"]);
    await machine.dps.remove();
    expect(machine.folders()).toEqual([]);
    expect(machine.status("two")).toBeUndefined();
});

test("a device that never registered is not switched on by hand when its entry goes, and goes with its identity", async () => {
    const keys = await machine.enroll("single", { provisioningStatus: "disabled" });
    await machine.identify("single", { authentication: { type: "sas", symmetricKey: keys } });
    await machine.refused("single", "Unauthorized (401002)");
    await machine.unenroll("/enrollments/single");
    await machine.restart();
    await machine.refused("single", "Unauthorized (401002)");
    await machine.dps.test.call("DELETE", "/devices/single", { ifMatch: "*" });
    await until("the device to go", () => machine.status("single") === undefined);
    expect(machine.folders()).toEqual([]);
});

test("a device whose hub is deleted goes with its entry", async () => {
    await machine.enroll("single");
    await machine.connected("single");
    await machine.forgetHub();
    expect(machine.log("single")).toContain("Requesting device reprovision: the hub has no such device");
    expect(machine.folders()).toEqual(["single"]);
    await machine.unenroll("/enrollments/single");
    expect(machine.folders()).toEqual([]);
});

test("a device whose identity came before its entry is set up anew: it registers and connects again", async () => {
    await machine.identify("single");
    expect(await machine.connected("single")).toEqual({ source: "manual" });
    await machine.enroll("single", {}, await keysInHub("single"));
    await until("a registration", () => machine.status("single")?.provisioning.source === "dps");
    expect(await machine.connected("single")).toEqual(registered("single"));
});

test("an entry that is made anew is another device, with the new key", async () => {
    await machine.enroll("single");
    await machine.connected("single");
    await machine.unenroll("/enrollments/single");
    const keys = await machine.enroll("single");
    await until("the new keys", async () => (await keysInHub("single")).primaryKey === keys.primaryKey);
    expect(await machine.connected("single")).toEqual(registered("single"));
});

test("a device that was refused in its hub waits until the service answers again", async () => {
    const keys = await machine.enroll("single");
    await machine.connected("single");
    await machine.dps.stop();
    await machine.identify("single", { authentication: { type: "sas", symmetricKey: newKeys() } });
    await until("a try in vain", () => /caused by: .*ECONNREFUSED/.test(machine.log("single")));
    expect(machine.status("single")?.connected).toBe(false);
    await machine.dps.start();
    await until("its keys", async () => (await keysInHub("single")).primaryKey === keys.primaryKey);
    await machine.connected("single");
});
