import { HubError } from "../../planes/hub/errors";
import { draftSize, largestMessage, type MessageDraft } from "../../planes/hub/links/messages";
import type { ModuleLink } from "../../planes/hub/links/moduleLinks";
import { covers, isSignedBy, parseSas } from "../../planes/sas";
import { alarm, earliest } from "../clock";
import { keepHubLink } from "../hubLink";
import { deliver } from "./delivery";
import type { EdgeHubOptions } from "./edgeHubOptions";
import { edgeHubTwin } from "./edgeHubTwin";
import { keptMessage, messageQueues } from "./messageQueues";
import { moduleConnections } from "./moduleConnections";
import { routesOf } from "./router";

/** The edgeHub of one device: its modules' way to each other and to the hub, also while the hub is away. */
export interface EdgeHub {
    /** Begins to work; is called once there is a deployment, as every deployment has an edgeHub. */
    start(): void;
    /** Connects a module by a token of its key; refuses with 401 (HubError), and with 500 before edgeHub has a configuration. */
    connect(moduleId: string, sas: string): ModuleLink;
    stop(): void;
}

/** Makes the edgeHub of a device, not yet at work. */
export function edgeHub(options: EdgeHubOptions): EdgeHub {
    const { deviceId, data, clock } = options;
    const queues = messageQueues(data.messages);
    let state: "waiting" | "on" | "off" = "waiting";
    const own = keepHubLink({
        ...options,
        connect: () => options.connect("$edgeHub"),
        onOpened: () => twin.configure(),
        onDesired: () => twin.configure(),
        onClosed: work,
    });
    const twin = edgeHubTwin(options, own);
    const connections = moduleConnections(options, { send, noteClient: twin.noteClient, onChange: work });
    const ways = { queues, connections, own };
    const wakeAt = alarm(clock, work);

    /** Routes a message; it is kept for each of its endpoints, or delivered, when this returns. */
    function send(moduleId: string, draft: MessageDraft): void {
        if (draftSize(draft) > largestMessage)
            throw new HubError("MessageTooLarge", `The message is larger than ${largestMessage} bytes`);
        const { routes = [], timeToLiveSecs: usual = 0 } = twin.inForce() ?? {};
        data.transaction(() => {
            for (const routed of routesOf(routes, { deviceId, moduleId }, draft)) {
                const seconds = routed.timeToLiveSecs || usual;
                const expiresAt = seconds < 0 ? undefined : clock.now() + seconds * 1000;
                queues.add(routed.endpoint, routed.priority, keptMessage(moduleId, draft, expiresAt));
                deliver(options, ways, routed.endpoint);
            }
        });
        wakeInTime();
    }

    /** Reconnects what is due and delivers what waits. */
    function work(): void {
        if (state !== "on") return;
        own.open();
        connections.reconnect();
        for (const endpoint of queues.endpoints()) deliver(options, ways, endpoint);
        wakeInTime();
    }

    function wakeInTime(): void {
        // What waits for the hub is tried again also when only its own module was refused.
        const isWaiting = queues.endpoints().includes("$upstream");
        const again = isWaiting ? clock.now() + options.coolOffUnit : undefined;
        wakeAt(state === "on" ? earliest([own.retryAt(), connections.retryAt(), again]) : undefined);
    }

    return {
        start() {
            if (state !== "waiting") return;
            state = "on";
            twin.resume();
            work();
        },
        connect(moduleId, sas) {
            checkToken(options, moduleId, sas);
            if (state !== "on" || !twin.inForce())
                throw new HubError("ServerError", "EdgeHub has no configuration yet");
            return connections.open(moduleId);
        },
        stop() {
            connections.closeAll("edgeHub stops");
            state = "off";
            wakeAt(undefined);
            own.close();
        },
    };
}

/** Refuses a module whose token is not signed by its own key, or is made for something else. */
function checkToken({ deviceId, hubHostName, key }: EdgeHubOptions, moduleId: string, sas: string): void {
    const token = parseSas(sas);
    const own = key(moduleId);
    const isRight =
        token !== undefined &&
        own !== undefined &&
        token.policy === undefined &&
        covers(token.resource, hubHostName, `/devices/${deviceId}/modules/${moduleId}`) &&
        isSignedBy(token, [own]);
    if (!isRight) throw new HubError("IotHubUnauthorizedAccess", "Unauthorized");
}
