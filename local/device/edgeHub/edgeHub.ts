import { diffPatch, type JsonObject } from "../../base/mergePatch";
import type { Collection, Store } from "../../base/store";
import { HubError } from "../../planes/hub/errors";
import { draftSize, largestMessage, type MessageDraft } from "../../planes/hub/messages";
import type { ModuleLink, ModuleTwin } from "../../planes/hub/moduleLinks";
import { covers, isSignedBy, parseSas } from "../../planes/hub/sas";
import { runtimeVersion } from "../agent/reportedProperties";
import type { Clock } from "../clock";
import { type HubLink, keepHubLink } from "../hubLink";
import { compileRoutes, type HubConfig, type Route, readHubConfig } from "./hubConfig";
import { draftOf, type KeptMessage, keptMessage, messageQueues } from "./messageQueues";
import { type ModuleClient, moduleClient } from "./moduleClient";
import { routesOf } from "./router";

/** The edgeHub of one device: its modules' way to each other and to the hub, also while the hub is away. */
export interface EdgeHub {
    /** Begins to work, once there is a deployment that has it. */
    start(): void;
    /** Connects a module by a token of its key; refuses with 401 (HubError), and with 500 before edgeHub has a configuration. */
    connect(moduleId: string, sas: string): ModuleLink;
    stop(): void;
}

/** What the store keeps of an edgeHub. */
export interface EdgeHubData {
    /** Under `newest`: the desired properties that came last and could be read, for a start without the hub. */
    config: Collection<JsonObject>;
    messages: Collection<KeptMessage>;
    /** The twins that its modules saw last. */
    twins: Collection<ModuleTwin>;
    transaction: Store["transaction"];
}

export interface EdgeHubOptions {
    deviceId: string;
    /** Whom the tokens of modules are for. */
    hubHostName: string;
    /** Connects to the hub as a module of this device; throws when the hub is away or refuses. */
    connect(moduleId: string): ModuleLink;
    /** The key of a module's identity, base64; undefined when there is no such module. */
    key(moduleId: string): string | undefined;
    data: EdgeHubData;
    clock: Clock;
    /** Length of the first rest after the hub was found away, in milliseconds. */
    coolOffUnit: number;
    log(line: string): void;
}

interface Connection {
    client: ModuleClient;
    upstream: HubLink;
}

/** Makes the edgeHub of a device, not yet at work. */
export function edgeHub(options: EdgeHubOptions): EdgeHub {
    const { deviceId, data, clock, coolOffUnit, log } = options;
    const queues = messageQueues(data.messages);
    const connections = new Map<string, Connection>();
    let state: "waiting" | "on" | "off" = "waiting";
    let inForce: { routes: Route[]; timeToLiveSecs: number } | undefined;
    let clients: JsonObject = {};
    let cancelWake = () => {};

    const own = keepHubLink({
        connect: () => options.connect("$edgeHub"),
        clock,
        coolOffUnit,
        log,
        onOpened: configure,
        onDesired: () => configure(own.open()),
        onClosed: work,
    });

    /** Takes the routes of the twin and reports what came of them; what cannot be read leaves the old ones. */
    function configure(link: ModuleLink | undefined): void {
        if (!link) return;
        const { desired, desiredVersion } = link.twin();
        let status = { code: 200, description: "" };
        try {
            const config = readHubConfig(desired);
            data.config.put("newest", desired);
            apply(config);
        } catch (error) {
            const description = `Error while parsing desired properties - ${(error as Error).message}`;
            status = { code: 400, description };
            log(`desired properties ${desiredVersion}: ${description}`);
        }
        report({ lastDesiredVersion: desiredVersion, lastDesiredStatus: status });
    }

    /** A condition that does not compile is logged and not reported, as in edgeHub: it compiles after it has reported. */
    function apply(config: HubConfig): void {
        try {
            const routes = compileRoutes(config);
            inForce = { routes, timeToLiveSecs: config.timeToLiveSecs };
            log(`routes: ${routes.map(({ name }) => name).join(", ") || "none"}`);
        } catch (error) {
            log(`the routes stay as they were: ${(error as Error).message}`);
        }
    }

    function report(status: JsonObject): void {
        const link = own.isOpen() ? own.open() : undefined;
        if (!link) return;
        const { reported } = link.twin();
        const version = { version: runtimeVersion };
        const patch = diffPatch(reported, { ...reported, schemaVersion: "1.0", version, clients, ...status });
        try {
            if (Object.keys(patch).length > 0) link.report(patch);
        } catch (error) {
            log(`the hub refused the report: ${(error as Error).message}`);
        }
    }

    function noteClient(moduleId: string, status: "Connected" | "Disconnected"): void {
        const now = new Date(clock.now()).toISOString();
        const time = status === "Connected" ? "lastConnectedTimeUtc" : "lastDisconnectTimeUtc";
        clients = { ...clients, [twinKey(`${deviceId}/${moduleId}`)]: { status, [time]: now } };
        report({});
    }

    /** Routes a message; it is kept for each of its endpoints, or delivered, when this returns. */
    function send(moduleId: string, draft: MessageDraft): void {
        if (draftSize(draft) > largestMessage)
            throw new HubError("MessageTooLarge", `The message is larger than ${largestMessage} bytes`);
        const now = clock.now();
        data.transaction(() => {
            const routed = routesOf(inForce?.routes ?? [], { deviceId, moduleId }, draft);
            for (const { endpoint, priority, timeToLiveSecs } of routed) {
                const seconds = timeToLiveSecs || (inForce?.timeToLiveSecs ?? 0);
                const expiresAt = seconds < 0 ? undefined : now + seconds * 1000;
                queues.add(endpoint, priority, keptMessage(moduleId, draft, expiresAt));
                deliver(endpoint, now);
            }
        });
        wakeInTime();
    }

    function deliver(endpoint: string, now: number): void {
        if (endpoint === "$upstream") {
            deliverUpstream(now);
            return;
        }
        const [moduleId = "", input = ""] = endpoint.split("/");
        const client = connections.get(moduleId)?.client;
        queues.drain(endpoint, now, (message) => (client?.input(input, draftOf(message)) ? "taken" : "stop"));
    }

    /** One module whose connection fails holds up its own messages only, so that each one's stay in their order. */
    function deliverUpstream(now: number): void {
        const links = new Map<string, ModuleLink | undefined>();
        const passing: ModuleLink[] = [];
        const linkOf = (moduleId: string) => {
            const connected = connections.get(moduleId);
            if (connected) return connected.upstream.open();
            const link = openFor(moduleId);
            if (link) passing.push(link);
            return link;
        };
        queues.drain("$upstream", now, (message) => {
            const { moduleId } = message;
            // While the hub is away for edgeHub itself, it is for all.
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

    /** Of a module that is not connected itself: for as long as it takes to deliver what it has left. */
    function openFor(moduleId: string): ModuleLink | undefined {
        try {
            return options.connect(moduleId);
        } catch (error) {
            log(`the messages of ${moduleId} wait: ${(error as Error).message}`);
            return undefined;
        }
    }

    /** Reconnects what is due and delivers what waits. */
    function work(): void {
        if (state !== "on") return;
        own.open();
        for (const { upstream } of connections.values()) upstream.open();
        for (const endpoint of queues.endpoints()) deliver(endpoint, clock.now());
        wakeInTime();
    }

    function wakeInTime(): void {
        cancelWake();
        if (state !== "on") return;
        const retries = [own, ...[...connections.values()].map(({ upstream }) => upstream)].map((link) =>
            link.retryAt(),
        );
        // What waits for a module that is not let in is tried again, too.
        if (queues.endpoints().includes("$upstream")) retries.push(clock.now() + coolOffUnit);
        const times = retries.filter((time) => time !== undefined);
        cancelWake = times.length === 0 ? () => {} : clock.at(Math.min(...times), work);
    }

    function checkToken(moduleId: string, sas: string): void {
        const token = parseSas(sas);
        const key = options.key(moduleId);
        const path = `/devices/${deviceId}/modules/${moduleId}`;
        const isRight =
            token !== undefined &&
            key !== undefined &&
            token.policy === undefined &&
            covers(token.resource, options.hubHostName, path) &&
            isSignedBy(token, [key]);
        if (!isRight) throw new HubError("IotHubUnauthorizedAccess", "Unauthorized");
    }

    return {
        start() {
            if (state !== "waiting") return;
            state = "on";
            const last = data.config.get("newest");
            if (last) apply(readHubConfig(last));
            work();
        },
        connect(moduleId, sas) {
            checkToken(moduleId, sas);
            if (state !== "on" || !inForce)
                throw new HubError("ServerError", "EdgeHub has no configuration yet");
            connections.get(moduleId)?.client.cut("the same identity connected again");
            const upstream = keepHubLink({
                connect: () => options.connect(moduleId),
                clock,
                coolOffUnit,
                log: (line) => log(`${moduleId}: ${line}`),
                onOpened: (link) => client.upstreamOpened(link),
                onDesired() {},
                onClosed: work,
            });
            const client = moduleClient({
                moduleId,
                upstream,
                twins: data.twins,
                send: (message) => send(moduleId, message),
                onListening: work,
                onClosed() {
                    if (connections.get(moduleId)?.client !== client) return;
                    connections.delete(moduleId);
                    upstream.close();
                    noteClient(moduleId, "Disconnected");
                },
            });
            connections.set(moduleId, { client, upstream });
            noteClient(moduleId, "Connected");
            work();
            return client.link;
        },
        stop() {
            for (const { client } of [...connections.values()]) client.cut("edgeHub stops");
            state = "off";
            cancelWake();
            own.close();
        },
    };
}

/** As edgeHub writes a name that has to be a key of a twin (`TwinManager.cs`). */
function twinKey(name: string): string {
    return name.replace(/[.$#% ]/g, (character) => encodeURIComponent(character).replace(".", "%2E"));
}
