import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Certificates } from "../base/certificates";
import type { JsonObject } from "../base/mergePatch";
import type { Store } from "../base/store";
import { findDockerEngine } from "../docker/dockerEngine";
import type { ModuleLink, ModuleTwin } from "../planes/hub/moduleLinks";
import type { RuntimeSettings } from "../runtimeSettings";
import { agentMethods } from "./agent/agentMethods";
import { type KeptDesired, runEdgeAgent } from "./agent/edgeAgent";
import { type Clock, systemClock } from "./clock";
import type { EdgeGateway } from "./edgeHub/edgeGateway";
import { edgeHub } from "./edgeHub/edgeHub";
import type { KeptMessage } from "./edgeHub/messageQueues";
import type { ContainerGateway } from "./modules/container/containerGateway";
import { containerRuntime, type PulledImage } from "./modules/container/containerRuntime";
import { hostPort, readCreateOptions } from "./modules/createOptions";
import type { ModuleRecord } from "./modules/moduleRecord";
import { moduleRuntimes } from "./modules/moduleRuntimes";
import { superviseModules } from "./modules/moduleSupervisor";
import { processRuntime } from "./modules/process/processRuntime";
import type { Environment } from "./modules/process/processSpec";
import { workloadApi } from "./workload/workloadApi";

/** How a device reaches its hub: what the identity service is to a real one. */
export interface HubConnection {
    /** Connects as one of the device's modules; throws when the hub refuses. */
    connect(moduleId: string): ModuleLink;
    /** Tells a module identity from an earlier one of the same name. */
    generationId(moduleId: string): string;
    /** The key of a module's identity, base64; undefined when it has none. */
    key(moduleId: string): string | undefined;
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
    /** How modules are run, as it is set now. */
    settings(): RuntimeSettings;
    /** Of the authority that modules trust, and that signs theirs. */
    certificates: Pick<Certificates, "caPem" | "issue">;
    /** How containers reach edgeHub. */
    gateway: ContainerGateway;
    /** Where modules reach edgeHub. */
    edgeHubs: EdgeGateway;
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
        runtime: "container" | "process";
        /** Where the module answers, when one of its ports is bound. */
        url?: string;
        pid?: number;
        container?: string;
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
    const { modules, desired, pulled, messages, hubConfig, twins, erase } = deviceData(
        hubHostName,
        deviceId,
        store,
    );
    const logOf = (name: string) => (line: string) => {
        appendFileSync(
            join(folder, "logs", `${name}.log`),
            `${new Date(clock.now()).toISOString()} ${line}\n`,
        );
    };
    const log = logOf("edgeAgent");
    const { caPem: trustBundle, issue } = options.certificates;
    const workload = workloadApi(join(folder, "workload"), {
        key: hub.key,
        generationId: hub.generationId,
        trustBundle,
        issue,
    });
    const runtimeOptions = {
        workload: workload.open,
        folder,
        clock,
        log,
        identity: (moduleId: string) => ({
            deviceId,
            moduleId,
            hubHostName,
            generationId: hub.generationId(moduleId),
        }),
    };
    const engine = () => findDockerEngine(options.settings().dockerHost ?? environment.DOCKER_HOST);
    const runtimes = moduleRuntimes({
        process: processRuntime({
            ...runtimeOptions,
            environment,
            gatewayHostName: `localhost:${options.edgeHubs.port}`,
        }),
        container: containerRuntime({
            ...runtimeOptions,
            engine: () => engine() ?? noEngine(),
            gateway: options.gateway,
            pulled,
        }),
        engine,
        settings: options.settings,
    });
    const supervisor = superviseModules({
        folder,
        runtimes,
        kept: modules,
        clock,
        log,
        onExit: () => agent.wake(),
    });
    const ownHub = edgeHub({
        deviceId,
        hubHostName,
        connect: hub.connect,
        key: hub.key,
        data: { config: hubConfig, messages, twins, transaction: store.transaction },
        clock,
        coolOffUnit,
        log: logOf("edgeHub"),
    });
    const closeToModules = options.edgeHubs.add(deviceId, ownHub.connect);
    const agent = runEdgeAgent({
        connect: () => hub.connect("$edgeAgent"),
        onMethod: (name, payload) => invokeAgentMethod(name, payload),
        supervisor,
        onDeployed: ownHub.start,
        kept: desired,
        clock,
        coolOffUnit,
        log,
    });
    const invokeAgentMethod = agentMethods({
        modules: () => [...supervisor.records().keys()],
        restart: agent.restartModule,
        log(moduleId) {
            const file = join(folder, "logs", `${moduleId}.log`);
            return existsSync(file) ? readFileSync(file, "utf8") : "";
        },
        now: clock.now,
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
            modules: [...supervisor.records().values()].map(moduleStatus),
        }),
        stop,
        async erase() {
            await stop();
            await runtimes.erase();
            rmSync(folder, { recursive: true, force: true });
            options.edgeHubs.forget(deviceId);
            erase();
        },
    };
}

/** What the store keeps of one device, apart from its disk. */
function deviceData(hubHostName: string, deviceId: string, store: Store) {
    const modules = store.collection<ModuleRecord>(`device/${hubHostName}/${deviceId}/modules`);
    const desired = store.collection<KeptDesired>(`device/${hubHostName}/${deviceId}/desired`);
    const pulled = store.collection<PulledImage>(`device/${hubHostName}/${deviceId}/pulled`);
    const hubConfig = store.collection<JsonObject>(`device/${hubHostName}/${deviceId}/edgeHub`);
    const messages = store.collection<KeptMessage>(`device/${hubHostName}/${deviceId}/messages`);
    const twins = store.collection<ModuleTwin>(`device/${hubHostName}/${deviceId}/twins`);
    return {
        modules,
        desired,
        pulled,
        hubConfig,
        messages,
        twins,
        erase: () =>
            store.transaction(() => {
                for (const collection of [modules, desired, pulled, hubConfig, messages, twins]) {
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
    runtime = "process",
    container,
}: ModuleRecord): DeviceStatus["modules"][number] {
    const port = hostPort(readCreateOptions({ createOptions: desired.createOptions }).options);
    return {
        name: desired.name,
        image: desired.image,
        status: runtimeStatus,
        restarts: restartCount,
        runtime,
        ...(port !== undefined && { url: `http://localhost:${port}` }),
        ...(process && { pid: process.pid }),
        ...(container !== undefined && { container: container.slice(0, 12) }),
    };
}

function noEngine(): never {
    throw new Error(
        "Expected a Docker engine for modules that run as containers, found none: DOCKER_HOST names no other socket and " +
            "/var/run/docker.sock is not there. Start one, or run modules as processes: npm run edge -- local up --runtime process",
    );
}
