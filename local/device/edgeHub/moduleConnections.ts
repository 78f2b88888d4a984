import type { MessageDraft } from "../../planes/hub/messages";
import type { ModuleLink } from "../../planes/hub/moduleLinks";
import { earliest } from "../clock";
import { type HubLink, keepHubLink } from "../hubLink";
import type { EdgeHubOptions } from "./edgeHubOptions";
import type { EdgeHubTwin } from "./edgeHubTwin";
import { type ModuleClient, moduleClient } from "./moduleClient";

/** A module that is connected to edgeHub, and edgeHub's own connection to the hub for it. */
export interface Connection {
    client: ModuleClient;
    upstream: HubLink;
}

/** The modules that are connected to the edgeHub of a device. */
export interface ModuleConnections {
    get(moduleId: string): Connection | undefined;
    /** Connects a module, in place of an earlier connection of the same one. */
    open(moduleId: string): ModuleLink;
    /** Opens the connections to the hub that are due, of modules that have none. */
    reconnect(): void;
    /** When the next of those is due. */
    retryAt(): number | undefined;
    closeAll(reason: string): void;
}

/** Where what modules do is told. */
export interface ModuleEvents {
    send(moduleId: string, message: MessageDraft): void;
    noteClient: EdgeHubTwin["noteClient"];
    /** Is called when there may be something to deliver or to connect. */
    onChange(): void;
}

export function moduleConnections(options: EdgeHubOptions, events: ModuleEvents): ModuleConnections {
    const connections = new Map<string, Connection>();
    return {
        get: (moduleId) => connections.get(moduleId),
        open(moduleId) {
            connections.get(moduleId)?.client.cut("the same identity connected again");
            const upstream = keepHubLink({
                ...options,
                connect: () => options.connect(moduleId),
                log: (line) => options.log(`${moduleId}: ${line}`),
                onOpened: (link) => client.upstreamOpened(link),
                onClosed: events.onChange,
            });
            const client = moduleClient({
                moduleId,
                upstream,
                twins: options.data.twins,
                send: (message) => events.send(moduleId, message),
                onListening: events.onChange,
                onClosed() {
                    if (connections.get(moduleId)?.client !== client) return;
                    connections.delete(moduleId);
                    upstream.close();
                    events.noteClient(moduleId, "Disconnected");
                },
            });
            connections.set(moduleId, { client, upstream });
            events.noteClient(moduleId, "Connected");
            events.onChange();
            return client.link;
        },
        reconnect() {
            for (const { upstream } of connections.values()) upstream.open();
        },
        retryAt: () => earliest([...connections.values()].map(({ upstream }) => upstream.retryAt())),
        closeAll(reason) {
            for (const { client } of [...connections.values()]) client.cut(reason);
        },
    };
}
