import { randomUUID } from "node:crypto";
import type { Plane, PlaneHost, RunningPlane } from "../plane";
import type { BearerRights } from "./authorization";
import { configurationTargets } from "./configurations/configurationTargets";
import { refusals } from "./errors";
import { deleteHubData, hubData, identityKey } from "./hubData";
import type { HubContext } from "./hubRoute";
import { type HubMessage, hubMessages } from "./links/messages";
import { type ModuleLink, moduleLinks } from "./links/moduleLinks";
import { mqttBroker } from "./links/mqttBroker";
import { type HubDelay, newborn } from "./newborn";
import { hubRoutes } from "./routes";
import type { HubSettings } from "./settings";
import { throttles } from "./throttles";
import { type Device, deviceView, type Module, moduleView } from "./views";

/** A hub that answers. */
export interface LocalHub extends RunningPlane<HubSettings> {
    readonly hostName: string;
    /** Every device identity, keys included. */
    devices(): Device[];
    /** The module identities of a device; none when there is no such device. */
    modules(deviceId: string): Module[];
    /** Calls `listener` after each create, change or delete of a device identity; returns how to stop it. */
    onDevicesChanged(listener: () => void): () => void;
    /** Opens the connection of a module, with a token of its own key or of its device's; refuses with 401 (HubError). */
    connectModule(request: { deviceId: string; moduleId: string; sas: string }): ModuleLink;
    /** At most `limit` of the messages that devices and modules sent after the one numbered `after`, oldest first. */
    messages(after: number, limit: number): HubMessage[];
    /** The number of the newest message; 0 when there was none. */
    lastMessage(): number;
}

/** The devices that connect to one hub because they run on this machine. */
export interface DevicesBehind {
    /** Switches them off; they go on from there when the hub starts again. */
    stop(): Promise<void>;
    /** Removes them, because the hub is deleted. */
    erase(): Promise<void>;
}

/** What a hub is connected with, and how it behaves in tests. */
export interface HubSurroundings {
    /** Without it no token of Entra gets in. */
    readonly bearerRights?: BearerRights;
    /** Without it nothing runs behind a hub. */
    readonly devicesBehind?: (hub: LocalHub, settings: HubSettings) => Promise<DevicesBehind>;
    /** How far queries lag behind what is stored, in milliseconds; by default about as far as the service's (measured). */
    readonly queryLag?: number;
    /** How late a new hub and its roles are; by default not at all. */
    readonly delayMs?: HubDelay;
    /** The clock of the throttles, in milliseconds; by default this machine's. */
    readonly now?: () => number;
}

const usualQueryLag = 1_400;
const largestBody = 1024 * 1024;

/** IoT Hub: identities, twins, configurations, methods and messages over REST and MQTT. */
export function hubPlane(surroundings: HubSurroundings = {}): Plane<HubSettings, LocalHub> {
    return {
        title: "IoT Hub",
        scheme: "https",
        start: (settings, host) => startHub(settings, host, surroundings),
    };
}

async function startHub(
    given: HubSettings,
    { store }: PlaneHost,
    { bearerRights = async () => [], devicesBehind, queryLag, now, delayMs = () => 0 }: HubSurroundings,
): Promise<LocalHub> {
    let settings = given;
    const { name, hostName } = given;
    const young = newborn(given.createdAt, delayMs);
    const data = hubData(name, store, queryLag ?? usualQueryLag);
    const messages = hubMessages(data.messages);
    const targets = configurationTargets(data);
    const links = moduleLinks(data, {
        hostName,
        policies: () => settings.policies,
        receive: messages.add,
        transact: (work) => transact(work),
    });
    const listeners = new Set<() => void>();
    let isOpen = true;

    /** Does `work` and lays the configurations over what it changed, all or nothing; then tells those who are concerned. */
    function transact<R>(work: (after: HubContext["after"]) => R): R {
        const after: HubContext["after"] = { push: [], cut: [], devicesChanged: false };
        const result = targets.undoing(() =>
            data.transaction(() => {
                const done = work(after);
                const { push, removed } = targets.settle();
                after.push.push(...push);
                for (const key of removed) after.cut.push(() => links.cut(key, "its identity was deleted"));
                return done;
            }),
        );
        for (const cut of after.cut) cut();
        for (const change of after.push) links.push(change);
        if (after.devicesChanged) for (const listener of [...listeners]) listener();
        return result;
    }

    const mqtt = await mqttBroker({ hostName, links, sessions: data.sessions });
    const hub: LocalHub = {
        hostName,
        service: {
            name: "IoT Hub",
            bodyLimit: largestBody,
            refusals,
            admit: young.admit,
            headers: () => ({ "x-ms-request-id": randomUUID() }),
            routes: hubRoutes({
                settings: () => settings,
                bearerRights: async (token) => (young.knowsRoles() ? bearerRights(token) : []),
                throttle: throttles(() => settings.tier, now ?? (() => performance.now())),
                perform: (work) => transact((after) => work({ data, links, messages, targets, after })),
            }),
        },
        mqtt: mqtt.handle,
        devices: () => data.devices.entries().map(([key, device]) => deviceView(device, links.isOpen(key))),
        modules: (deviceId) =>
            data.modules
                .entries(identityKey(deviceId, ""))
                .map(([key, module]) => moduleView(module, links.isOpen(key))),
        onDevicesChanged(listener) {
            listeners.add(listener);
            return () => listeners.delete(listener);
        },
        connectModule({ deviceId, moduleId, sas }) {
            if (!isOpen) throw new Error(`The IoT Hub ${name} is closed.`);
            return links.open({ deviceId, moduleId, proof: { sas } });
        },
        messages: messages.after,
        lastMessage: messages.last,
        update(changed) {
            settings = changed;
        },
        async close() {
            await behind?.stop();
            isOpen = false;
            links.cutAll("the hub was closed");
            await mqtt.close();
        },
        async forget() {
            await behind?.erase();
            deleteHubData(name, store);
        },
    };
    const behind = await devicesBehind?.(hub, settings);
    return hub;
}
