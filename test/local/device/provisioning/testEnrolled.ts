import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DeviceStatus } from "../../../../local/device/deviceStatus";
import { type EdgeGateway, openEdgeGateway } from "../../../../local/device/edgeHub/edgeGateway";
import { type PoweredDevices, powerDevices } from "../../../../local/device/poweredDevices";
import { type EnrolledDevices, enrolledDevices } from "../../../../local/device/provisioning/enrolledDevices";
import { until } from "../../../support/waiting";
import { startTestProvisioning, type TestProvisioning } from "../../planes/dps/testProvisioning";
import { newKey } from "../../planes/hub/testHub";

type Provisioning = DeviceStatus["provisioning"];

/** A provisioning service, a hub linked to it, and the devices of this machine, all real and over their sockets. */
export interface TestEnrolled {
    dps: TestProvisioning;
    /** Writes an entry for one edge device, over the one that is there; returns its keys. */
    enroll(id: string, changes?: object, keys?: Keys): Promise<Keys>;
    unenroll(path: string): Promise<void>;
    /** Writes the identity of an edge device into the hub, over the one that is there. */
    identify(deviceId: string, changes?: object): Promise<void>;
    status(deviceId: string): DeviceStatus | undefined;
    /** Waits until the device is connected, and returns how it is provisioned. */
    connected(deviceId: string): Promise<Provisioning>;
    /** Waits until the device says why it is not registered. */
    refused(deviceId: string, reason: string): Promise<void>;
    /** What the service has of its registration. */
    // biome-ignore lint/suspicious/noExplicitAny: answers are looked into at will.
    registration(id: string): Promise<any>;
    log(deviceId: string): string;
    /** The folders of devices that register themselves. */
    folders(): string[];
    /** Switches this machine off and on again; the service opens after `meanwhile`, as after its hub. */
    restart(meanwhile?: () => Promise<void>): Promise<void>;
    /** Takes away what runs behind the hub, as when the hub is deleted. */
    forgetHub(): Promise<void>;
    close(): Promise<void>;
}

export interface Keys {
    primaryKey: string;
    secondaryKey: string;
}

export const newKeys = (): Keys => ({ primaryKey: newKey(), secondaryKey: newKey() });

/** A real device rests five seconds. */
const pause = 100;

export async function startTestEnrolled(): Promise<TestEnrolled> {
    let enrolled: EnrolledDevices;
    const dps = await startTestProvisioning(({ store, certificates, folder }) => {
        enrolled = enrolledDevices({
            folder: join(folder, "devices"),
            store,
            caPem: certificates.caPem,
            pause,
        });
        return { devicesEnrolled: (service) => enrolled.serve(service) };
    });
    const { test } = dps;
    const folder = join(test.folder, "devices");
    const { hostName: hubHostName } = test.description;
    const { store, certificates } = test;
    const edgeHubs: EdgeGateway = await openEdgeGateway({ port: 0, hubHostName, store, certificates });
    let devices: PoweredDevices;
    let hub: ReturnType<EnrolledDevices["openHub"]>;

    function powerOn(): void {
        hub = enrolled.openHub(test.hub);
        devices = powerDevices(test.hub, {
            folder: join(folder, "hub1"),
            store,
            environment: {},
            certificates,
            edgeHubs,
            settings: () => ({ runtime: "process" }),
            enrolled,
        });
    }
    async function powerOff(): Promise<void> {
        await enrolled.close();
        hub.close();
        await devices.stop();
    }
    const all = () => [...devices.status(), ...enrolled.status()];
    const status = (deviceId: string) => all().find((device) => device.deviceId === deviceId);

    powerOn();
    return {
        dps,
        status,
        async enroll(id, changes = {}, keys = newKeys()) {
            const answer = await dps.manage(
                "PUT",
                `/enrollments/${id}`,
                {
                    registrationId: id,
                    attestation: { type: "symmetricKey", symmetricKey: keys },
                    capabilities: { iotEdge: true },
                    ...changes,
                },
                "all",
                (await dps.manage("GET", `/enrollments/${id}`)).status === 200 ? "*" : undefined,
            );
            if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
            return keys;
        },
        async unenroll(path) {
            const { status: answered } = await dps.manage("DELETE", path);
            if (answered !== 204) throw new Error(`${answered}`);
        },
        async identify(deviceId, changes = {}) {
            const path = `/devices/${deviceId}`;
            const { body: found, status: read } = await test.call("GET", path);
            const body = { capabilities: { iotEdge: true }, ...(read === 200 ? found : {}), ...changes };
            const answer = await test.call("PUT", path, {
                body,
                ifMatch: read === 200 ? "*" : undefined,
            });
            if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
        },
        async connected(deviceId) {
            await until(`${deviceId} to be connected`, () => status(deviceId)?.connected);
            return status(deviceId)?.provisioning as Provisioning;
        },
        async refused(deviceId, reason) {
            await until(`${deviceId} to say ${reason}`, () => {
                const { connected, provisioning } = status(deviceId) ?? {};
                return connected === false && provisioning?.source === "dps" && provisioning.error === reason;
            });
        },
        registration: async (id) => (await dps.manage("GET", `/registrations/${id}`)).body,
        log(deviceId) {
            const file = join(folder, "dps.dps", deviceId, "logs", "aziot-identityd.log");
            return existsSync(file) ? readFileSync(file, "utf8") : "";
        },
        folders() {
            const found = join(folder, "dps.dps");
            return existsSync(found) ? readdirSync(found) : [];
        },
        async restart(meanwhile = async () => {}) {
            await powerOff();
            await dps.stop();
            enrolled = enrolledDevices({ folder, store, caPem: certificates.caPem, pause });
            powerOn();
            await meanwhile();
            await dps.start();
        },
        async forgetHub() {
            hub.close();
            await devices.erase();
            hub.forget();
        },
        async close() {
            await powerOff();
            await edgeHubs.close();
            await dps.close();
        },
    };
}
