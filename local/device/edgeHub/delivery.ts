import { HubError } from "../../planes/hub/errors";
import type { ModuleLink } from "../../planes/hub/links/moduleLinks";
import type { HubLink } from "../hubLink";
import type { EdgeHubOptions } from "./edgeHubOptions";
import { draftOf, type MessageQueues } from "./messageQueues";
import type { ModuleConnections } from "./moduleConnections";

/** What the messages of an edgeHub are delivered by. */
export interface DeliveryWays {
    queues: MessageQueues;
    connections: ModuleConnections;
    /** The connection of $edgeHub itself. */
    own: HubLink;
}

/** Delivers what waits for an endpoint, as far as that takes it now. */
export function deliver(options: EdgeHubOptions, ways: DeliveryWays, endpoint: string): void {
    if (endpoint === "$upstream") {
        deliverUpstream(options, ways);
        return;
    }
    const [moduleId = "", input = ""] = endpoint.split("/");
    const client = ways.connections.get(moduleId)?.client;
    ways.queues.drain(endpoint, options.clock.now(), (message) =>
        client?.input(input, draftOf(message)) ? "taken" : "stop",
    );
}

/** Delivers to the hub. A module whose connection fails holds up its own messages only, which stay in their order. */
function deliverUpstream(options: EdgeHubOptions, { queues, connections, own }: DeliveryWays): void {
    const { clock, log } = options;
    const links = new Map<string, ModuleLink | undefined>();
    const passing: ModuleLink[] = [];

    function linkOf(moduleId: string): ModuleLink | undefined {
        const connected = connections.get(moduleId);
        if (connected) return connected.upstream.open();
        const link = openFor(moduleId, options);
        if (link) passing.push(link);
        return link;
    }

    queues.drain("$upstream", clock.now(), (message) => {
        const { moduleId } = message;
        // While edgeHub itself cannot reach the hub, none of its modules can.
        if (!own.open()) return "stop";
        if (!links.has(moduleId)) links.set(moduleId, linkOf(moduleId));
        try {
            const link = links.get(moduleId);
            link?.send(draftOf(message));
            return link ? "taken" : "kept";
        } catch (error) {
            log(`a message of ${moduleId} was not taken by the hub: ${(error as Error).message}`);
            if (error instanceof HubError && error.name === "MessageTooLarge") return "taken";
            links.set(moduleId, undefined);
            return "kept";
        }
    });
    for (const link of passing) link.close();
}

/** Connects as a module that is not connected itself, for as long as it takes to deliver what it has left. */
function openFor(moduleId: string, { connect, log }: EdgeHubOptions): ModuleLink | undefined {
    try {
        return connect(moduleId);
    } catch (error) {
        log(`the messages of ${moduleId} wait: ${(error as Error).message}`);
        return undefined;
    }
}
