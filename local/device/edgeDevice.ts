import { appendFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { ModuleLink } from "../hub/moduleLinks";
import type { Store } from "../store";
import { type Clock, systemClock } from "./clock";
import { hostPort, readCreateOptions } from "./createOptions";
import { type KeptDesired, runEdgeAgent } from "./edgeAgent";
import { openImages } from "./images";
import type { ModuleRecord } from "./moduleRecord";
import { superviseModules } from "./moduleSupervisor";
import type { Environment } from "./processRuntime";

/** How a device reaches its hub: what the identity service is to a real one. */
export interface HubConnection {
    /** Connects as one of the device's modules; throws when the hub refuses. */
    connect(moduleId: string): ModuleLink;
    /** Tells a module identity from an earlier one of the same name. */
    generationId(moduleId: string): string;
}

export interface EdgeDeviceOptions {
    deviceId: string;
    /** Of the hub, as its modules are told. */
    hubHostName: string;
    hub: HubConnection;
    /** The device's own disk. */
    folder: string;
    store: Store;
    /** This program's environment; modules see a few variables of it. */
    environment: Environment;
    clock?: Clock;
    /** Length of the first rest after a failure, in milliseconds; edgeAgent's is 10 s. */
    coolOffUnit?: number;
}

/** How a device and its modules are. */
export interface DeviceStatus {
    deviceId: string;
    connected: boolean;
    modules: {
        name: string;
        image: string;
        status: ModuleRecord["runtimeStatus"];
        restarts: number;
        /** Where the module answers, when one of its ports is bound. */
        url?: string;
        pid?: number;
    }[];
}

export interface EdgeDevice {
    status(): DeviceStatus;
    /** Switches the device off: its modules end, what it has stays. */
    stop(): Promise<void>;
    /** Stops the device and removes all that it had. */
    erase(): Promise<void>;
}

/** Switches on an edge device: it does what its hub's manifest says until it is stopped. */
export function startEdgeDevice(options: EdgeDeviceOptions): EdgeDevice {
    const {
        deviceId,
        hubHostName,
        hub,
        folder,
        store,
        environment,
        clock = systemClock,
        coolOffUnit = 10_000,
    } = options;
    mkdirSync(join(folder, "logs"), { recursive: true, mode: 0o700 });
    const { modules, desired, erase } = deviceData(hubHostName, deviceId, store);
    const images = openImages(join(folder, "images"));
    const log = (line: string) => {
        appendFileSync(
            join(folder, "logs", "edgeAgent.log"),
            `${new Date(clock.now()).toISOString()} ${line}\n`,
        );
    };
    const supervisor = superviseModules({
        deviceId,
        hubHostName,
        generationId: hub.generationId,
        folder,
        images,
        kept: modules,
        environment,
        clock,
        log,
        onExit: () => agent.wake(),
    });
    const agent = runEdgeAgent({
        connect: () => hub.connect("$edgeAgent"),
        supervisor,
        images,
        kept: desired,
        clock,
        coolOffUnit,
        log,
    });
    return {
        status: () => ({
            deviceId,
            connected: agent.isConnected(),
            modules: [...supervisor.records().values()].map(moduleStatus),
        }),
        stop: agent.stop,
        async erase() {
            await agent.stop();
            rmSync(folder, { recursive: true, force: true });
            erase();
        },
    };
}

/** What the store keeps of one device, apart from its disk. */
function deviceData(hubHostName: string, deviceId: string, store: Store) {
    const modules = store.collection<ModuleRecord>(`device/${hubHostName}/${deviceId}/modules`);
    const desired = store.collection<KeptDesired>(`device/${hubHostName}/${deviceId}/desired`);
    return {
        modules,
        desired,
        erase: () =>
            store.transaction(() => {
                for (const collection of [modules, desired]) {
                    for (const [key] of collection.entries()) collection.remove(key);
                }
            }),
    };
}

function moduleStatus({
    desired,
    runtimeStatus,
    restartCount,
    process,
}: ModuleRecord): DeviceStatus["modules"][number] {
    const port = hostPort(readCreateOptions({ createOptions: desired.createOptions }).options);
    return {
        name: desired.name,
        image: desired.image,
        status: runtimeStatus,
        restarts: restartCount,
        ...(port !== undefined && { url: `http://localhost:${port}` }),
        ...(process && { pid: process.pid }),
    };
}
