import type { Certificates } from "../certificates";
import { closeAtOnce, listenLocally } from "../listen";
import type { Store } from "../store";
import type { BearerRights, SharedAccessPolicy } from "./authorization";
import { hubData, identityKey } from "./hubData";
import { type ModuleLink, moduleLinks } from "./moduleLinks";
import { restServer } from "./restServer";
import type { HubContext, HubResponse } from "./routes";
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
}

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
    updatePolicies(policies: SharedAccessPolicy[]): void;
    close(): Promise<void>;
}

/** Opens a hub over what the store knows of it; without `bearerRights` no token of Entra gets in. */
export async function startHub(
    hub: HubDescription,
    store: Store,
    certificates: Pick<Certificates, "certPem" | "keyPem">,
    bearerRights: BearerRights = async () => [],
): Promise<LocalHub> {
    let policies = hub.policies;
    const data = hubData(hub.name, store);
    const links = moduleLinks(data, hub.hostName);
    const listeners = new Set<() => void>();

    function perform(work: (context: HubContext) => HubResponse): HubResponse {
        const after: HubContext["after"] = { push: [], cut: [], devicesChanged: false };
        const response = data.transaction(() => work({ data, links, after }));
        for (const cut of after.cut) cut();
        for (const change of after.push) links.push(change);
        if (after.devicesChanged) for (const listener of [...listeners]) listener();
        return response;
    }

    const server = restServer(
        { hostName: hub.hostName, policies: () => policies, bearerRights, perform },
        certificates,
    );
    await listenLocally(server, hub.port, `The IoT Hub ${hub.name}`);
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
        connectModule: (request) => links.open(request),
        updatePolicies(changed) {
            policies = changed;
        },
        async close() {
            links.cutAll("the hub was closed");
            await closeAtOnce(server);
        },
    };
}
