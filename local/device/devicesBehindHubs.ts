import { join } from "node:path";
import type { Certificates } from "../base/certificates";
import type { StackPorts } from "../base/ports";
import type { Store } from "../base/store";
import type { DpsSurroundings } from "../planes/dps/plane";
import type { HubSurroundings } from "../planes/hub/plane";
import { readRuntimeSettings } from "../runtimeSettings";
import type { DeviceStatus } from "./deviceStatus";
import { openEdgeGateway } from "./edgeHub/edgeGateway";
import type { Environment } from "./modules/process/processSpec";
import { type PoweredDevices, powerDevices } from "./poweredDevices";
import { enrolledDevices } from "./provisioning/enrolledDevices";

/** The devices of all hubs of one local Azure, those that register themselves among them. */
export interface DevicesBehindHubs {
    readonly devicesBehind: NonNullable<HubSurroundings["devicesBehind"]>;
    readonly devicesEnrolled: NonNullable<DpsSurroundings["devicesEnrolled"]>;
    status(): DeviceStatus[];
    /** Lets nobody register any longer. */
    close(): Promise<void>;
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
    const enrolled = enrolledDevices({
        folder: join(folder, "devices"),
        store,
        caPem: certificates.caPem,
    });
    return {
        devicesEnrolled: enrolled.serve,
        async devicesBehind(hub, { id, name, hostName }) {
            const edgeHubPort = `${id.toLowerCase()}/edgeHubs`;
            const edgeHubs = await openEdgeGateway({
                port: await ports.of(edgeHubPort, firstEdgeHubPort),
                hubHostName: hostName,
                store,
                certificates,
            });
            // First, so that a new identity is not set up by hand which belongs to a device that registers itself.
            const seen = enrolled.openHub(hub);
            const devices = powerDevices(hub, {
                ...options,
                enrolled,
                edgeHubs,
                folder: join(folder, "devices", name),
                settings: () => readRuntimeSettings(folder),
            });
            running.add(devices);
            return {
                async stop() {
                    running.delete(devices);
                    seen.close();
                    await devices.stop();
                    await edgeHubs.close();
                },
                async erase() {
                    await devices.erase();
                    seen.forget();
                    ports.release(edgeHubPort);
                },
            };
        },
        status: () => [...[...running].flatMap((devices) => devices.status()), ...enrolled.status()],
        close: enrolled.close,
    };
}
