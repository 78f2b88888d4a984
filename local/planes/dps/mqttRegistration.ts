import type { TLSSocket } from "node:tls";
import type { AuthenticateError, Client } from "aedes";
import type { Answer } from "../../base/http/refusal";
import { asRefusal } from "../../base/http/refusal";
import { parseJson } from "../../base/http/request";
import type { Caller } from "./attestation";
import type { DeviceApi } from "./deviceApi";
import { refusals } from "./errors";
import { deviceApiVersions } from "./routes";

/** The MQTT side of a provisioning service. */
export interface MqttRegistration {
    /** Takes over a connection whose first byte is a CONNECT's. */
    handle(socket: TLSSocket): void;
    close(): Promise<void>;
}

const service = { name: "Provisioning service", refusals };
const responses = "$dps/registrations/res/#";
/** Return code of CONNACK (MQTT 3.1.1, table 3.1). */
const badUserNameOrPassword = 4;

/**
 * MQTT 3.1.1 as the service speaks it to one device at a time (learn: "Communicate with your DPS using MQTT"). Whoever
 * names itself rightly is connected; a token that is wrong is refused in the answer to its first question.
 */
export async function mqttRegistration(device: DeviceApi): Promise<MqttRegistration> {
    const callers = new WeakMap<Client, Caller>();
    // The package is an ES module.
    const { Aedes } = await import("aedes");
    const broker = await Aedes.createBroker({
        maxClientsIdLength: 128,
        // No session lasts, whatever the client asks for, and no will is carried out.
        preConnect(_client, packet, done) {
            Object.assign(packet, { clean: true, will: undefined });
            done(null, true);
        },
        authenticate(client, userName, password, done) {
            const named = readUserName(userName ?? "");
            if (!named || named.registrationId.toLowerCase() !== client.id.toLowerCase())
                return done(badName(), false);
            callers.set(client, { ...named, sas: password?.toString("utf8") ?? "" });
            done(null, true);
        },
        authorizeSubscribe(_client, subscription, done) {
            // Without a subscription the client is told that this one failed (0x80).
            done(null, subscription.topic === responses ? subscription : null);
        },
        authorizePublish(client, packet, done) {
            packet.retain = false;
            const question = readTopic(packet.topic);
            const caller = client ? callers.get(client) : undefined;
            // The service ends the connection of a client that sends what it must not.
            if (packet.qos === 2 || !question || !client || !caller)
                return done(new Error(`A device does not send ${packet.topic}.`));
            done(null);
            ask(caller, question, packet.payload.toString()).then(
                (answer) => publish(client, question.requestId, answer),
                (error: unknown) => publish(client, question.requestId, asRefusal(service, error).answer()),
            );
        },
    });

    async function ask(caller: Caller, { operationId }: Question, payload: string): Promise<Answer> {
        if (operationId !== undefined) return device.operation(caller, operationId);
        return device.register(caller, parseJson(payload, refusals));
    }

    return {
        handle: (socket) => void broker.handle(socket),
        close: () => new Promise((resolve) => broker.close(() => resolve())),
    };
}

function publish(client: Client, requestId: string, { status, json, headers }: Answer): void {
    const { subscriptions } = client as unknown as { subscriptions: Record<string, unknown> };
    if (client.closed || !(responses in subscriptions)) return;
    const retryAfter = headers?.["Retry-After"];
    const again = retryAfter === undefined ? "" : `&retry-after=${retryAfter}`;
    const topic = `$dps/registrations/res/${status}/?$rid=${requestId}${again}`;
    const payload = JSON.stringify(json);
    // A client that is gone gets nothing.
    client.publish({ cmd: "publish", topic, payload, qos: 0, retain: false, dup: false }, () => {});
}

/** `{idScope}/registrations/{registrationId}/api-version=…&ClientVersion=…` */
function readUserName(userName: string): Omit<Caller, "sas"> | undefined {
    const [, idScope, registrationId, query] =
        /^([^/]+)\/registrations\/([^/]+)\/(api-version=.*)$/.exec(userName) ?? [];
    const apiVersion = new URLSearchParams(query).get("api-version") ?? "";
    if (!idScope || !registrationId || !deviceApiVersions.includes(apiVersion)) return undefined;
    return { idScope, registrationId };
}

/** What a device asks: how far an operation got, or without one to be registered. */
interface Question {
    readonly requestId: string;
    readonly operationId?: string;
}

function readTopic(topic: string): Question | undefined {
    const [, path, query] = /^\$dps\/registrations\/([^?]+)\/\?(.*)$/.exec(topic) ?? [];
    const parameters = new URLSearchParams(query);
    const requestId = parameters.get("$rid");
    if (!requestId) return undefined;
    if (path === "PUT/iotdps-register") return { requestId };
    const operationId = parameters.get("operationId");
    if (path === "GET/iotdps-get-operationstatus" && operationId) return { requestId, operationId };
    return undefined;
}

function badName(): AuthenticateError {
    return Object.assign(new Error("The connection was refused."), { returnCode: badUserNameOrPassword });
}
