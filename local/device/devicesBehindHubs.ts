import { join } from "node:path";
import type { Certificates } from "../base/certificates";
import type { StackPorts } from "../base/ports";
import type { Store } from "../base/store";
import type { HubSurroundings } from "../planes/hub/plane";
import { readRuntimeSettings } from "../runtimeSettings";
import type { DeviceStatus } from "./deviceStatus";
import { openEdgeGateway } from "./edgeHub/edgeGateway";
import type { Environment } from "./modules/process/processSpec";
import { type PoweredDevices, powerDevices } from "./poweredDevices";

/** The devices of all hubs of one local Azure. */
export interface DevicesBehindHubs {
    readonly devicesBehind: NonNullable<HubSurroundings["devicesBehind"]>;
    status(): DeviceStatus[];
}

/** The first port of the edgeHubs behind a hub; edgeHub's own is the same. */
const firstEdgeHubPort = 8883;

/** Runs a device for every edge identity of every hub, and one port behind each hub on which its edgeHubs answer. */
export function devicesBehindHubs(options: {
    readonly folder: string;
    readonly store: Store;
    readonly certificates: Certificates;
    readonly ports: StackPorts;
    /** Modules see a few variables of it. */
    readonly environment: Environment;
}): DevicesBehindHubs {
    const { folder, store, certificates, ports } = options;
    const running = new Set<PoweredDevices>();
    return {
        async devicesBehind(hub, { id, name, hostName }) {
            const edgeHubPort = `${id.toLowerCase()}/edgeHubs`;
            const edgeHubs = await openEdgeGateway({
                port: await ports.of(edgeHubPort, firstEdgeHubPort),
                hubHostName: hostName,
                store,
                certificates,
            });
            const devices = powerDevices(hub, {
                ...options,
                edgeHubs,
                folder: join(folder, "devices", name),
                settings: () => readRuntimeSettings(folder),
            });
            running.add(devices);
            return {
                async stop() {
                    running.delete(devices);
                    await devices.stop();
                    await edgeHubs.close();
                },
                async erase() {
                    await devices.erase();
                    ports.release(edgeHubPort);
                },
            };
        },
        status: () => [...running].flatMap((devices) => devices.status()),
    };
}
