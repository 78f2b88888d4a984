import { join } from "node:path";
import type { LocalHub } from "../planes/hub/plane";
import type { DeviceStatus } from "./deviceStatus";
import { type DeviceSurroundings, type EdgeDevice, startEdgeDevice } from "./edgeDevice";
import { type HubConnection, noConnection, provision } from "./hubConnection";
import { containerGateway } from "./modules/container/containerGateway";
import type { EnrolledDevices } from "./provisioning/enrolledDevices";
import { workLoop } from "./workLoop";

/** The devices behind one hub: one that is switched on for every edge identity. */
export interface PoweredDevices {
    status(): DeviceStatus[];
    /** Switches every device off; they go on from there when they are powered again. */
    stop(): Promise<void>;
    /** Removes every device, because the hub is deleted. */
    erase(): Promise<void>;
}

export interface PoweredDevicesOptions extends Omit<DeviceSurroundings, "gateway"> {
    /** Holds a folder for each device. */
    folder: string;
    /** Those that register themselves; without them every device is set up by hand. */
    enrolled?: Pick<EnrolledDevices, "claim" | "onChanged">;
}

/** A device that is switched on, with the key that it registered with; without one it was set up by hand. */
interface Powered {
    readonly device: EdgeDevice;
    readonly key: string | undefined;
}

/**
 * Keeps the devices of a hub in step with its identities: a new edge identity is a new device, provisioned with the key
 * that it has then, or switched on once it has registered itself; a deleted one is erased.
 */
export function powerDevices(hub: LocalHub, options: PoweredDevicesOptions): PoweredDevices {
    const { folder, store, enrolled } = options;
    const gateway = containerGateway(options.edgeHubs.port);
    const powered = new Map<string, Powered>();
    /** Every device that has anything on this machine, so that a crash while one is erased leaves nothing behind. */
    const known = store.collection<{ generationId: string }>(`devices/${hub.hostName}`);

    function start(deviceId: string, connection: HubConnection): EdgeDevice {
        return startEdgeDevice({
            ...options,
            deviceId,
            hubHostName: hub.hostName,
            hub: connection,
            // A device id may be `..`, which a folder must not be called.
            folder: join(folder, encodeURIComponent(deviceId).replaceAll(".", "%2E")),
            gateway,
        });
    }

    const claimOf = (deviceId: string) => enrolled?.claim(hub.hostName, deviceId);

    /** Erases the devices whose identity is gone or another one, stops those set up otherwise, starts those missing. */
    async function settle(): Promise<void> {
        const identities = hub.devices().filter(({ capabilities }) => capabilities.iotEdge);
        const wanted = new Map(identities.map((device) => [device.deviceId, device]));
        for (const [deviceId, { generationId }] of known.entries()) {
            if (wanted.get(deviceId)?.generationId === generationId) continue;
            const device = powered.get(deviceId)?.device ?? start(deviceId, noConnection);
            powered.delete(deviceId);
            await device.erase();
            known.remove(deviceId);
        }
        for (const [deviceId, identity] of wanted) {
            const claim = claimOf(deviceId);
            const before = powered.get(deviceId);
            if (before && before.key === claim?.key && claim?.isAssigned !== false) continue;
            powered.delete(deviceId);
            await before?.device.stop();
            if (claim?.isAssigned === false) continue;
            known.put(deviceId, { generationId: identity.generationId });
            const device = start(deviceId, provision(hub, identity, claim));
            powered.set(deviceId, { device, key: claim?.key });
        }
    }

    const loop = workLoop(() =>
        settle().catch((error: unknown) => {
            process.stderr.write(
                `Devices of ${hub.hostName}: ${error instanceof Error ? error.stack : error}\n`,
            );
        }),
    );

    async function end(endDevice: (device: EdgeDevice) => Promise<void>): Promise<void> {
        for (const stopListening of stops) stopListening?.();
        await loop.stop();
        await Promise.all([...powered.values()].map(({ device }) => endDevice(device)));
    }

    const stops = [hub.onDevicesChanged(loop.ask), enrolled?.onChanged(loop.ask)];
    loop.ask();
    return {
        status: () =>
            [...powered].map(([deviceId, { device }]) => ({
                ...device.status(),
                provisioning: claimOf(deviceId)?.status ?? { source: "manual" },
            })),
        async stop() {
            await end((device) => device.stop());
            await gateway.close();
        },
        async erase() {
            await end((device) => device.erase());
            for (const [deviceId] of known.entries()) known.remove(deviceId);
            await gateway.close();
        },
    };
}
