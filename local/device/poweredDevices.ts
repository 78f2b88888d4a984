import { join } from "node:path";
import type { Certificates } from "../base/certificates";
import type { Store } from "../base/store";
import type { LocalHub } from "../planes/hub/localHub";
import { signSas } from "../planes/hub/sas";
import type { Device } from "../planes/hub/views";
import type { RuntimeSettings } from "../runtimeSettings";
import { type DeviceStatus, type EdgeDevice, type HubConnection, startEdgeDevice } from "./edgeDevice";
import type { EdgeGateway } from "./edgeHub/edgeGateway";
import { containerGateway } from "./modules/container/containerGateway";
import type { Environment } from "./modules/process/processSpec";

/** The devices behind one hub: one that is switched on for every edge identity. */
export interface PoweredDevices {
    status(): DeviceStatus[];
    /** Switches every device off; they go on from there when they are powered again. */
    stop(): Promise<void>;
    /** Removes every device, because the hub is deleted. */
    erase(): Promise<void>;
}

interface Powered {
    generationId: string;
    device: EdgeDevice;
}

/**
 * Keeps the devices of a hub in step with its identities: a new edge identity is a new device, provisioned with the key
 * that it has then; a deleted one is erased. `folder` holds a folder for each device.
 */
export function powerDevices(
    hub: LocalHub,
    options: {
        folder: string;
        store: Store;
        environment: Environment;
        certificates: Certificates;
        settings(): RuntimeSettings;
        /** Where modules reach the edgeHubs of these devices. */
        edgeHubs: EdgeGateway;
    },
): PoweredDevices {
    const { folder, store, environment, certificates, settings, edgeHubs } = options;
    const gateway = containerGateway(edgeHubs.port);
    const powered = new Map<string, Powered>();
    /** Every device that has anything on this machine, so that a crash while one is erased leaves nothing behind. */
    const known = store.collection<{ generationId: string }>(`devices/${hub.hostName}`);
    let isOn = true;
    let isAsked = false;
    let working: Promise<void> | undefined;

    function start(deviceId: string, connection: HubConnection): EdgeDevice {
        return startEdgeDevice({
            deviceId,
            hubHostName: hub.hostName,
            hub: connection,
            // A device id may be `..`, which a folder must not be called.
            folder: join(folder, encodeURIComponent(deviceId).replaceAll(".", "%2E")),
            store,
            environment,
            settings,
            certificates,
            gateway,
            edgeHubs,
        });
    }

    async function settle(): Promise<void> {
        const wanted = new Map(edgeDevices(hub).map((device) => [device.deviceId, device]));
        for (const [deviceId, { generationId }] of known.entries()) {
            if (wanted.get(deviceId)?.generationId === generationId) continue;
            const device = powered.get(deviceId)?.device ?? start(deviceId, noConnection);
            powered.delete(deviceId);
            await device.erase();
            known.remove(deviceId);
        }
        for (const device of wanted.values()) {
            const { deviceId, generationId } = device;
            if (powered.has(deviceId)) continue;
            known.put(deviceId, { generationId });
            powered.set(deviceId, { generationId, device: start(deviceId, provision(hub, device)) });
        }
    }

    async function work(): Promise<void> {
        while (isAsked && isOn) {
            isAsked = false;
            await settle().catch((error: unknown) => {
                process.stderr.write(
                    `Devices of ${hub.hostName}: ${error instanceof Error ? error.stack : error}\n`,
                );
            });
        }
        working = undefined;
    }

    function wake(): void {
        isAsked = true;
        working ??= work();
    }

    async function switchOff(): Promise<void> {
        isOn = false;
        stopListening();
        await working;
    }

    const stopListening = hub.onDevicesChanged(wake);
    wake();
    return {
        status: () => [...powered.values()].map(({ device }) => device.status()),
        async stop() {
            await switchOff();
            await Promise.all([...powered.values()].map(({ device }) => device.stop()));
            await gateway.close();
        },
        async erase() {
            await switchOff();
            await Promise.all([...powered.values()].map(({ device }) => device.erase()));
            for (const [deviceId] of known.entries()) known.remove(deviceId);
            await gateway.close();
        },
    };
}

function edgeDevices(hub: LocalHub): Device[] {
    return hub.devices().filter(({ capabilities }) => capabilities.iotEdge);
}

/** Lets a device connect with the key that it was given, as a provisioned machine does: a new key cuts it off. */
function provision(hub: LocalHub, { deviceId, authentication }: Device): HubConnection {
    const key = authentication.symmetricKey?.primaryKey;
    return {
        connect(moduleId) {
            if (!key)
                throw new Error(
                    `The device ${deviceId} has no symmetric key; this device knows no other proof.`,
                );
            const expiresAt = new Date(Date.now() + 60 * 60 * 1000);
            const sas = signSas({ resource: `${hub.hostName}/devices/${deviceId}`, key, expiresAt });
            return hub.connectModule({ deviceId, moduleId, sas });
        },
        generationId(moduleId) {
            return hub.modules(deviceId).find((module) => module.moduleId === moduleId)?.generationId ?? "";
        },
        key(moduleId) {
            const identity = hub.modules(deviceId).find((module) => module.moduleId === moduleId);
            // The hub makes none for the modules of a manifest, and takes the device's signature in their place.
            return identity && (identity.authentication.symmetricKey?.primaryKey ?? key);
        },
    };
}

/** Of a device whose identity is gone: it is started only to be erased. */
const noConnection: HubConnection = {
    connect() {
        throw new Error("the identity of this device was deleted");
    },
    generationId: () => "",
    key: () => undefined,
};
