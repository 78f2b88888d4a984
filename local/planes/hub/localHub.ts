import type { Certificates } from "../../base/certificates";
import { closeAtOnce, listenLocally } from "../../base/listen";
import type { Store } from "../../base/store";
import type { FaultSource } from "../../faults/faults";
import type { BearerRights, SharedAccessPolicy } from "./authorization";
import { configurationTargets } from "./configurationTargets";
import { hubData, identityKey } from "./hubData";
import { type HubMessage, hubMessages } from "./messages";
import { type ModuleLink, moduleLinks } from "./moduleLinks";
import { mqttBroker } from "./mqttBroker";
import { restServer } from "./restServer";
import type { HubContext, RouteResult } from "./routes";
import { sharePort } from "./sharedPort";
import { type HubTier, throttles } from "./throttles";
import { type Device, deviceView, type Module, moduleView } from "./views";

/** One IoT Hub resource: where its data plane answers, and whom it lets in. */
export interface HubDescription {
    /** Of the resource; what the hub remembers is kept under it. */
    name: string;
    /** `localhost:<port>`, as clients put it into their tokens. */
    hostName: string;
    /** On 127.0.0.1. */
    port: number;
    policies: SharedAccessPolicy[];
    /** How far queries lag behind what is stored, in milliseconds; about as far as the service's (measured). */
    queryLag?: number;
    /** What its throttles follow; without it nothing is too much. */
    tier?: HubTier;
    /** For the throttles, in milliseconds; without it this machine's. */
    now?: () => number;
}

const usualQueryLag = 1_400;

/** A hub that answers. */
export interface LocalHub {
    hostName: string;
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
    updatePolicies(policies: SharedAccessPolicy[]): void;
    updateTier(tier: HubTier): void;
    close(): Promise<void>;
}

/** Opens a hub over what the store knows of it; without `bearerRights` no token of Entra gets in. */
export async function startHub(
    hub: HubDescription,
    store: Store,
    certificates: Pick<Certificates, "certPem" | "keyPem">,
    bearerRights: BearerRights = async () => [],
    faults?: FaultSource,
): Promise<LocalHub> {
    let policies = hub.policies;
    let tier = hub.tier;
    const data = hubData(hub.name, store, hub.queryLag ?? usualQueryLag);
    const messages = hubMessages(data.messages);
    const targets = configurationTargets(data);
    const links = moduleLinks(data, {
        hostName: hub.hostName,
        policies: () => policies,
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

    function perform(work: (context: HubContext) => RouteResult): RouteResult {
        return transact((after) => work({ data, links, messages, targets, after }));
    }

    const server = restServer(
        {
            hostName: hub.hostName,
            policies: () => policies,
            bearerRights,
            perform,
            faults,
            throttle: throttles(() => tier, hub.now ?? (() => performance.now())),
        },
        certificates,
    );
    const mqtt = await mqttBroker({ hostName: hub.hostName, links, sessions: data.sessions });
    const endConnections = sharePort(server, mqtt.handle);
    try {
        await listenLocally(server, hub.port, `The IoT Hub ${hub.name}`);
    } catch (error) {
        await mqtt.close();
        throw error;
    }
    return {
        hostName: hub.hostName,
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
            if (!isOpen) throw new Error(`The IoT Hub ${hub.name} is closed.`);
            return links.open({ deviceId, moduleId, proof: { sas } });
        },
        messages: messages.after,
        lastMessage: messages.last,
        updatePolicies(changed) {
            policies = changed;
        },
        updateTier(changed) {
            tier = changed;
        },
        async close() {
            isOpen = false;
            links.cutAll("the hub was closed");
            const closed = closeAtOnce(server);
            endConnections();
            await mqtt.close();
            await closed;
        },
    };
}
