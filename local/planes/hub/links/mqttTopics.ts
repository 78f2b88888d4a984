import type { MessageDraft } from "./messages";

/** Who a CONNECT says it is: `{host}/{device}[/{module}]/?api-version=…` with the client id `{device}[/{module}]`. */
export interface MqttIdentity {
    deviceId: string;
    moduleId?: string;
}

/** What a device or module publishes to its hub, read from the topic. */
export type MqttRequest =
    | { kind: "message"; message: Omit<MessageDraft, "body"> }
    | { kind: "readTwin"; requestId: string }
    | { kind: "report"; requestId: string }
    | { kind: "methodResponse"; requestId: string; status: number };

/** Topics of the hub's own to which a client may subscribe (learn: iot-hub-mqtt-connect-to-iot-hub). */
export const twinResponses = "$iothub/twin/res/#";
export const desiredChanges = "$iothub/twin/PATCH/properties/desired/#";
export const methodCalls = "$iothub/methods/POST/#";

/** System properties by their short names in topics (learn: same page; azure-iot-device-mqtt 1.16). */
const systemNames: Record<string, string> = {
    "$.mid": "messageId",
    "$.cid": "correlationId",
    "$.uid": "userId",
    "$.to": "to",
    "$.ct": "contentType",
    "$.ce": "contentEncoding",
    "$.exp": "expiryTimeUtc",
    "$.ctime": "creationTimeUtc",
    "$.ifid": "interfaceId",
    "$.sub": "subject",
};

/** Reads the user name of a CONNECT; undefined when it is not of this hub, names no api-version, or not its client. */
export function readUserName(userName: string, clientId: string, hostName: string): MqttIdentity | undefined {
    const [, host = "", deviceId = "", moduleId, query = ""] =
        /^([^/]+)\/([^/]+)(?:\/([^/?]+))?\/?\?(.*)$/.exec(userName) ?? [];
    const [bareHost] = hostName.split(":");
    const isHere = [hostName, bareHost].some((name) => name?.toLowerCase() === host.toLowerCase());
    const isOwn = clientId === (moduleId === undefined ? deviceId : `${deviceId}/${moduleId}`);
    if (!isHere || !isOwn || !new URLSearchParams(query).has("api-version")) return undefined;
    return moduleId === undefined ? { deviceId } : { deviceId, moduleId };
}

/** Whether `identity` may subscribe to exactly this filter. */
export function maySubscribe({ deviceId, moduleId }: MqttIdentity, filter: string): boolean {
    const own =
        moduleId === undefined
            ? [`devices/${deviceId}/messages/devicebound/#`]
            : [inputFilter({ deviceId, moduleId }), `devices/${deviceId}/modules/${moduleId}/#`];
    return [twinResponses, desiredChanges, methodCalls, ...own].includes(filter);
}

export function inputFilter({ deviceId, moduleId }: MqttIdentity): string {
    return `devices/${deviceId}/modules/${moduleId}/inputs/#`;
}

/** Reads a topic that `identity` publishes to; undefined when it is none of its own. */
export function readTopic({ deviceId, moduleId }: MqttIdentity, topic: string): MqttRequest | undefined {
    const events = `devices/${deviceId}${moduleId === undefined ? "" : `/modules/${moduleId}`}/messages/events/`;
    if (topic.startsWith(events)) {
        const message = readProperties(topic.slice(events.length).replace(/\/$/, ""));
        return message && { kind: "message", message };
    }
    const [path = "", query = ""] = topic.split("/?");
    const requestId = new URLSearchParams(query).get("$rid");
    if (requestId === null) return undefined;
    if (path === "$iothub/twin/GET") return { kind: "readTwin", requestId };
    if (path === "$iothub/twin/PATCH/properties/reported") return { kind: "report", requestId };
    const [, status] = /^\$iothub\/methods\/res\/(-?\d{1,9})$/.exec(path) ?? [];
    return status === undefined ? undefined : { kind: "methodResponse", requestId, status: Number(status) };
}

/** Writes the properties of a message as the last part of its topic. */
export function propertyBag({ properties, system }: Omit<MessageDraft, "body">): string {
    const shortNames = Object.fromEntries(Object.entries(systemNames).map(([short, name]) => [name, short]));
    return [
        ...Object.entries(system).map(([name, value]) => [shortNames[name] ?? name, value]),
        ...Object.entries(properties),
    ]
        .map(([name = "", value = ""]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
        .join("&");
}

function readProperties(bag: string): Omit<MessageDraft, "body"> | undefined {
    const properties = new Map<string, string>();
    const system = new Map<string, string>();
    let output: string | undefined;
    try {
        for (const part of bag === "" ? [] : bag.split("&")) {
            const equals = part.indexOf("=");
            const name = decodeURIComponent(equals < 0 ? part : part.slice(0, equals));
            const value = equals < 0 ? "" : decodeURIComponent(part.slice(equals + 1));
            const systemName = systemNames[name];
            if (name === "$.on") output = value;
            else if (systemName) system.set(systemName, value);
            else properties.set(name, value);
        }
    } catch {
        // A percent sign that encodes nothing.
        return undefined;
    }
    return {
        properties: Object.fromEntries(properties),
        system: Object.fromEntries(system),
        ...(output !== undefined && { output }),
    };
}
