import type { MessageDraft } from "../../planes/hub/links/messages";
import type { ModuleLink } from "../../planes/hub/links/moduleLinks";
import { earliest } from "../clock";
import { type HubLink, keepHubLink } from "../hubLink";
import type { EdgeHubOptions } from "./edgeHubOptions";
import { type ModuleClient, moduleClient } from "./moduleClient";

/** A module that is connected to edgeHub, and edgeHub's own connection to the hub for it. */
export interface Connection {
    client: ModuleClient;
    upstream: HubLink;
}

export type ModuleConnections = ReturnType<typeof moduleConnections>;

/** The modules that are connected to the edgeHub of a device. */
export function moduleConnections(
    options: EdgeHubOptions,
    events: {
        send(moduleId: string, message: MessageDraft): void;
        noteClient(moduleId: string, status: "Connected" | "Disconnected"): void;
        /** Is called when there may be something to deliver or to connect. */
        onChange(): void;
    },
) {
    const connections = new Map<string, Connection>();
    return {
        get: (moduleId: string) => connections.get(moduleId),
        /** Connects a module, in place of an earlier connection of the same one. */
        open(moduleId: string): ModuleLink {
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
        /** Opens the connections to the hub that are due, of modules that have none. */
        reconnect(): void {
            for (const { upstream } of connections.values()) upstream.open();
        },
        /** When the next of those is due. */
        retryAt: () => earliest([...connections.values()].map(({ upstream }) => upstream.retryAt())),
        closeAll(reason: string): void {
            for (const { client } of [...connections.values()]) client.cut(reason);
        },
    };
}
