import type { MessageDraft } from "../../planes/hub/links/messages";
import type { Route } from "./hubConfig";
import type { Sink } from "./route";

/** One endpoint that a message goes to. */
export interface Routed {
    sink: Sink;
    endpoint: string;
    priority: number;
    /** 0 means the time to live of the configuration. */
    timeToLiveSecs: number;
}

/**
 * The endpoints that a message of a module goes to; none means that it is dropped. An endpoint that several routes lead
 * to gets it once, with the first of their priorities (`Evaluator.cs`).
 */
export function routesOf(
    routes: readonly Route[],
    sender: { deviceId: string; moduleId: string },
    draft: MessageDraft,
): Routed[] {
    const output = draft.output === undefined ? "" : `outputs/${draft.output}/`;
    const source = `/messages/modules/${sender.moduleId}/${output}`.toLowerCase();
    const message = {
        properties: draft.properties,
        system: {
            ...draft.system,
            connectionDeviceId: sender.deviceId,
            connectionModuleId: sender.moduleId,
            ...(draft.output !== undefined && { outputName: draft.output }),
        },
        body: draft.body,
    };
    const found = new Map<string, Routed>();
    for (const route of routes) {
        if (!source.startsWith(route.source) || !route.holds(message)) continue;
        const { sink, priority, timeToLiveSecs } = route;
        const endpoint = endpointOf(sink);
        const known = found.get(endpoint);
        if (!known || priority < known.priority)
            found.set(endpoint, { sink, endpoint, priority, timeToLiveSecs });
    }
    return [...found.values()];
}

/** The name of a sink's queue. */
export function endpointOf(sink: Sink): string {
    return sink === "$upstream" ? sink : `${sink.moduleId}/${sink.input}`;
}
