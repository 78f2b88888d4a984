import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Certificates } from "../base/certificates";
import type { Collection, Store } from "../base/store";
import { findDockerEngine } from "../docker/dockerEngine";
import type { RuntimeSettings } from "../runtimeSettings";
import { agentMethods } from "./agent/agentMethods";
import { runEdgeAgent } from "./agent/edgeAgent";
import { type Clock, systemClock } from "./clock";
import { openDeviceData } from "./deviceData";
import { openDeviceLogs } from "./deviceLogs";
import { type DeviceStatus, moduleStatus } from "./deviceStatus";
import type { EdgeGateway } from "./edgeHub/edgeGateway";
import { edgeHub } from "./edgeHub/edgeHub";
import type { HubConnection } from "./hubConnection";
import type { ContainerGateway } from "./modules/container/containerGateway";
import { containerRuntime } from "./modules/container/containerRuntime";
import { openModuleRecords } from "./modules/moduleRecords";
import type { DeviceImage, RuntimeOptions } from "./modules/moduleRuntime";
import { type ModuleRuntimes, moduleRuntimes } from "./modules/moduleRuntimes";
import { superviseModules } from "./modules/moduleSupervisor";
import { processRuntime } from "./modules/process/processRuntime";
import type { Environment } from "./modules/process/processSpec";
import { firstCoolOff } from "./modules/restartPolicy";
import { workloadApi } from "./workload/workloadApi";

/** What a device finds around it on this machine; all devices behind one hub share it. */
export interface DeviceSurroundings {
    store: Store;
    /** This program's environment; modules see a few variables of it. */
    environment: Environment;
    /** How modules are to be run, as it is set now. */
    settings(): RuntimeSettings;
    /** The authority that modules trust, and that signs their certificates. */
    certificates: Pick<Certificates, "caPem" | "issue">;
    /** The port where modules reach edgeHub. */
    edgeHubs: EdgeGateway;
    /** The way to that port from inside a container. */
    gateway: ContainerGateway;
}

export interface EdgeDeviceOptions extends DeviceSurroundings {
    deviceId: string;
    /** The hub's host name, as modules are told. */
    hubHostName: string;
    hub: HubConnection;
    /** The folder that is the device's own disk. */
    folder: string;
    clock?: Clock;
    /** Length of the first rest after a failure, in milliseconds; edgeAgent's is 10 s. */
    coolOffUnit?: number;
}

/** A device that is switched on. */
export interface EdgeDevice {
    status(): Omit<DeviceStatus, "provisioning">;
    /** Switches the device off: its modules end, what it has stays. */
    stop(): Promise<void>;
    /** Stops the device and removes all that it had. */
    erase(): Promise<void>;
}

/** Switches on an edge device: it does what its hub's manifest says until it is stopped. */
export function startEdgeDevice(options: EdgeDeviceOptions): EdgeDevice {
    const {
        deviceId,
        hub,
        hubHostName,
        folder,
        edgeHubs,
        clock = systemClock,
        coolOffUnit = firstCoolOff,
    } = options;
    const data = openDeviceData(options.store, hubHostName, deviceId);
    const logs = openDeviceLogs(folder, clock);
    const log = logs.writer("edgeAgent");
    const { key, generationId } = hub;
    const { caPem: trustBundle, issue } = options.certificates;
    const workload = workloadApi(join(folder, "workload"), { key, generationId, trustBundle, issue });
    const runtimes = runtimesOf(options, data.pulled, {
        folder,
        identity: (moduleId) => ({ deviceId, moduleId, hubHostName, generationId: generationId(moduleId) }),
        logFile: logs.file,
        workload: workload.open,
        clock,
        log,
    });
    const records = openModuleRecords(data.modules);
    const supervisor = superviseModules({ records, runtimes, clock, log, onExit: () => agent.wake() });
    const { connect } = hub;
    const rest = { clock, coolOffUnit };
    const hubLog = logs.writer("edgeHub");
    const ownHub = edgeHub({ deviceId, hubHostName, connect, key, data: data.edgeHub, ...rest, log: hubLog });
    const closeToModules = edgeHubs.add(deviceId, ownHub.connect);
    const agent = runEdgeAgent({
        connect: () => connect("$edgeAgent"),
        onMethod: agentMethods({
            modules: () => [...records.all().keys()],
            restart: (moduleId) => agent.restartModule(moduleId),
            log: logs.read,
            now: clock.now,
        }),
        supervisor,
        onDeployed: ownHub.start,
        kept: data.desired,
        ...rest,
        log,
    });

    async function stop(): Promise<void> {
        await agent.stop();
        closeToModules();
        ownHub.stop();
        await workload.close();
    }

    return {
        status: () => ({
            deviceId,
            connected: agent.isConnected(),
            modules: [...records.all().values()].map(moduleStatus),
        }),
        stop,
        async erase() {
            await stop();
            await runtimes.erase();
            rmSync(folder, { recursive: true, force: true });
            edgeHubs.forget(deviceId);
            data.erase();
        },
    };
}

/** The two ways in which a device runs modules. */
function runtimesOf(
    { settings, environment, edgeHubs, gateway }: EdgeDeviceOptions,
    pulled: Collection<DeviceImage>,
    device: RuntimeOptions,
): ModuleRuntimes {
    const engine = () => findDockerEngine(settings().dockerHost ?? environment.DOCKER_HOST);
    return moduleRuntimes({
        process: processRuntime({ ...device, environment, gatewayHostName: `localhost:${edgeHubs.port}` }),
        container: containerRuntime({ ...device, engine, gateway, pulled }),
        engine,
        settings,
        log: device.log,
    });
}
