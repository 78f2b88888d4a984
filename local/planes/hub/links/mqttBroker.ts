import type { TLSSocket } from "node:tls";
import type { Aedes, AuthenticateError, Client } from "aedes";
import type { Collection } from "../../../base/store";
import { HubError } from "../errors";
import type { ConnectionProof } from "./connectionRights";
import type { ModuleLink, ModuleLinks } from "./moduleLinks";
import { type MqttSession, mqttSession } from "./mqttSession";
import { type MqttIdentity, maySubscribe, readUserName } from "./mqttTopics";

/** The MQTT side of a hub. */
export interface MqttBroker {
    /** Takes over a connection whose first byte is a CONNECT's. */
    handle(socket: TLSSocket): void;
    close(): Promise<void>;
}

/** Return codes of CONNACK (MQTT 3.1.1, table 3.1). */
const serverUnavailable = 3;
const badUserNameOrPassword = 4;
const notAuthorized = 5;

/**
 * MQTT 3.1.1 as IoT Hub speaks it: no broker between clients, but a session of each device and module with its hub. The
 * library keeps the protocol; everything that a client publishes ends here, and the hub writes to one client at a time.
 */
export async function mqttBroker(hub: {
    hostName: string;
    links: Pick<ModuleLinks, "open">;
    /** Filters of lasting sessions, which outlive a restart: clients do not subscribe again. */
    sessions: Collection<string[]>;
}): Promise<MqttBroker> {
    const sessions = new WeakMap<Client, MqttSession>();
    // The package is an ES module.
    const { Aedes } = await import("aedes");
    const broker = await Aedes.createBroker({
        // Ids are as long as IoT Hub allows, also with MQTT 3.1.
        maxClientsIdLength: 257,
        authenticate(client, userName, password, done) {
            try {
                const identity = readUserName(userName ?? "", client.id, hub.hostName);
                if (!identity) throw refusal(badUserNameOrPassword);
                const link = hub.links.open({ ...identity, proof: proofOf(client, password) });
                sessions.set(client, openSession(client, identity, link));
                done(null, true);
            } catch (error) {
                done(asRefusal(error), false);
            }
        },
        authorizeSubscribe(client, subscription, done) {
            const identity = sessions.get(client)?.identity;
            // Without a subscription the client is told that this one failed (0x80).
            done(null, identity && maySubscribe(identity, subscription.topic) ? subscription : null);
        },
        // Called before the client's publish is acknowledged: what is acknowledged has been kept.
        authorizePublish(client, packet, done) {
            packet.retain = false;
            try {
                if (packet.qos === 2) throw new Error("IoT Hub takes no messages of quality 2.");
                const session = client ? sessions.get(client) : undefined;
                if (!session) throw new Error("A message of nobody.");
                session.receive(packet.topic, Buffer.from(packet.payload));
                done(null);
            } catch (error) {
                // The service ends the connection of a client that sends what it must not.
                done(error instanceof Error ? error : new Error(String(error)));
            }
        },
    });
    followSubscriptions(broker, sessions, hub.sessions);
    return {
        handle: (socket) => void broker.handle(socket),
        close: () => new Promise((resolve) => broker.close(() => resolve())),
    };

    function openSession(client: Client, identity: MqttIdentity, link: ModuleLink): MqttSession {
        link.onClosed(() => client.close());
        client.conn.once("close", () => link.close());
        return mqttSession(identity, link, {
            isSubscribed: (filter) => subscriptionsOf(client).has(filter),
            publish: (topic, payload) =>
                client.publish(
                    { cmd: "publish", topic, payload, qos: 0, retain: false, dup: false },
                    ignoreEnded,
                ),
        });
    }
}

/** Tells sessions when their client listens for more or less, and keeps that of lasting ones. */
function followSubscriptions(
    broker: Aedes,
    sessions: WeakMap<Client, MqttSession>,
    kept: Collection<string[]>,
): void {
    const changed = (_topics: unknown, client: Client | null) => {
        // Closing takes a client's subscriptions away; that ends no lasting session.
        if (!client || client.closed) return;
        sessions.get(client)?.subscriptionsChanged();
        if (!client.clean) kept.put(client.id, [...subscriptionsOf(client)]);
    };
    broker.on("subscribe", changed);
    broker.on("unsubscribe", changed);
    broker.on("clientReady", (client) => {
        const filters = client.clean ? [] : (kept.get(client.id) ?? []);
        if (client.clean) kept.remove(client.id);
        const missing = filters.filter((filter) => !subscriptionsOf(client).has(filter));
        if (missing.length === 0) return sessions.get(client)?.subscriptionsChanged();
        const subscriptions = missing.map((topic) => ({ topic, qos: 0 as const }));
        client.subscribe(subscriptions, () => sessions.get(client)?.subscriptionsChanged());
    });
}

/** The filters of a client; the library holds them in a member that its types leave out. */
function subscriptionsOf(client: Client): Set<string> {
    const { subscriptions } = client as unknown as { subscriptions: Record<string, unknown> };
    return new Set(Object.keys(subscriptions));
}

/** A token comes as the password; without one, the certificate of the connection counts. */
function proofOf(client: Client, password: Readonly<Buffer | undefined>): ConnectionProof {
    if (password && password.length > 0) return { sas: password.toString("utf8") };
    const certificate = (client.conn as TLSSocket).getPeerCertificate();
    return certificate?.raw ? { certificate: certificate.raw } : { sas: "" };
}

function refusal(returnCode: number): AuthenticateError {
    return Object.assign(new Error("The connection was refused."), { returnCode });
}

function asRefusal(error: unknown): AuthenticateError {
    if (error instanceof HubError) return refusal(error.status >= 500 ? serverUnavailable : notAuthorized);
    return error as AuthenticateError;
}

/** A client that is gone gets nothing; the hub knows by its link. */
function ignoreEnded(): void {}
