import { join } from "node:path";
import type {
    DataPlanes,
    HubSettings,
    ProvisioningServiceSettings,
    RegistrySettings,
} from "../arm/resourceType";
import type { Certificates } from "../base/certificates";
import { claimPort, releasePorts } from "../base/ports";
import type { Store } from "../base/store";
import { type EdgeGateway, openEdgeGateway } from "../device/edgeHub/edgeGateway";
import { type PoweredDevices, powerDevices } from "../device/poweredDevices";
import type { Faults } from "../faults/faults";
import { readRuntimeSettings } from "../runtimeSettings";
import { deleteEnrollments } from "./dps/enrollments";
import { type LocalProvisioningService, startProvisioningService } from "./dps/provisioningService";
import { type Directory, hubAudience } from "./entra/directory";
import type { Right } from "./hub/authorization";
import { deleteHubData } from "./hub/hubData";
import { type LocalHub, startHub } from "./hub/localHub";
import { deleteRegistryData, type LocalRegistry, startRegistry } from "./registry/localRegistry";

/** What the data planes of one local Azure need. */
export interface DataPlanesOptions {
    readonly folder: string;
    readonly store: Store;
    readonly certificates: Certificates;
    /** Folder of claimed ports, shared by all local stacks of a user. */
    readonly ports: string;
    /** The stack's folder, which owns the ports. */
    readonly stackFolder: string;
    /** This program's environment; modules see a few variables of it. */
    readonly environment: NodeJS.ProcessEnv;
    /** Whom hubs ask about a token of Entra. */
    readonly directory: Directory;
    readonly faults: Faults;
}

/** The hubs and registries that run, and the devices behind the hubs. */
export interface RunningDataPlanes extends DataPlanes {
    devices(): { hubHostName: string; devices: PoweredDevices }[];
    registries(): { loginServer: string }[];
    close(): Promise<void>;
}

/** Hubs and registries can exist side by side while one replaces another, so each has its own port. */
const firstPort = 8443;
/** Of the edgeHubs behind a hub, as edgeHub's own is. */
const firstEdgeHubPort = 8883;

/** Runs hubs (with a device for every edge identity), registries and provisioning services for their resources. */
export function runDataPlanes(options: DataPlanesOptions): RunningDataPlanes {
    const { folder, store, certificates, faults } = options;
    const ports = store.collection<number>("ports");
    const hubs = new Map<
        string,
        { name: string; hub: LocalHub; devices: PoweredDevices; edgeHubs: EdgeGateway }
    >();
    const provisioning = new Map<string, { name: string; service: LocalProvisioningService }>();
    const registries = new Map<string, { name: string; loginServer: string; registry: LocalRegistry }>();

    async function stopHub(id: string): Promise<string | undefined> {
        const running = hubs.get(id.toLowerCase());
        if (!running) return undefined;
        hubs.delete(id.toLowerCase());
        await running.devices.stop();
        await running.edgeHubs.close();
        await running.hub.close();
        return running.name;
    }

    async function stopRegistry(id: string): Promise<string | undefined> {
        const running = registries.get(id.toLowerCase());
        if (!running) return undefined;
        registries.delete(id.toLowerCase());
        await running.registry.close();
        return running.name;
    }

    /** The one application of the directory has the role IoT Hub Data Contributor on every hub. */
    async function bearerRights(token: string): Promise<readonly Right[]> {
        const isKnown = await options.directory.isValid(token, hubAudience);
        return isKnown ? ["RegistryRead", "RegistryWrite", "ServiceConnect"] : [];
    }

    async function portFor(what: string, first: number): Promise<number> {
        const known = ports.get(what);
        if (known !== undefined) return known;
        const port = await claimPort(options.ports, { stackFolder: options.stackFolder, what }, first);
        ports.put(what, port);
        return port;
    }

    function release(id: string): void {
        for (const what of [id.toLowerCase(), edgeHubsOf(id)]) {
            ports.remove(what);
            releasePorts(options.ports, options.stackFolder, what);
        }
    }

    return {
        port: (id) => portFor(id.toLowerCase(), firstPort),

        async runHub({ id, name, hostName, policies, tier }: HubSettings) {
            const running = hubs.get(id.toLowerCase());
            if (running) {
                running.hub.updatePolicies(policies);
                running.hub.updateTier(tier);
                return;
            }
            const hub = await startHub(
                { name, hostName, port: portOf(hostName), policies, tier },
                store,
                certificates,
                bearerRights,
                faults.of("hub"),
            );
            const edgeHubs = await openEdgeGateway({
                port: await portFor(edgeHubsOf(id), firstEdgeHubPort),
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
            hubs.set(id.toLowerCase(), { name, hub, devices, edgeHubs });
        },

        async removeHub(id) {
            const running = hubs.get(id.toLowerCase());
            await running?.devices.erase();
            const name = await stopHub(id);
            if (name !== undefined) deleteHubData(name, store);
            release(id);
        },

        async runRegistry({ id, name, loginServer, users }: RegistrySettings) {
            if (registries.has(id.toLowerCase())) return;
            const settings = { name, loginServer, port: portOf(loginServer), users };
            const registry = await startRegistry(
                settings,
                join(folder, "registries", name),
                store,
                faults.of("registry"),
            );
            registries.set(id.toLowerCase(), { name, loginServer, registry });
        },

        async removeRegistry(id) {
            const name = await stopRegistry(id);
            if (name !== undefined) deleteRegistryData(name, join(folder, "registries", name), store);
            release(id);
        },

        async runProvisioningService(settings: ProvisioningServiceSettings) {
            const running = provisioning.get(settings.id.toLowerCase());
            if (running) return running.service.update(settings);
            const service = await startProvisioningService(
                settings,
                portOf(settings.hostName),
                store,
                certificates,
                faults.of("dps"),
            );
            provisioning.set(settings.id.toLowerCase(), { name: settings.name, service });
        },

        async removeProvisioningService(id) {
            const running = provisioning.get(id.toLowerCase());
            provisioning.delete(id.toLowerCase());
            await running?.service.close();
            if (running) deleteEnrollments(running.name, store);
            release(id);
        },

        devices: () => [...hubs.values()].map(({ hub, devices }) => ({ hubHostName: hub.hostName, devices })),
        registries: () => [...registries.values()].map(({ loginServer }) => ({ loginServer })),

        async close() {
            for (const id of [...hubs.keys()]) await stopHub(id);
            for (const id of [...registries.keys()]) await stopRegistry(id);
            for (const { service } of provisioning.values()) await service.close();
        },
    };
}

/** What holds the port of the edgeHubs behind a hub. */
function edgeHubsOf(hubId: string): string {
    return `${hubId.toLowerCase()}/edgeHubs`;
}

function portOf(host: string): number {
    return Number(host.slice(host.lastIndexOf(":") + 1));
}
