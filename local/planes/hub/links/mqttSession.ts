import { isJsonObject, type Json } from "../../../base/mergePatch";
import { HubError } from "../errors";
import type { MessageDraft } from "./messages";
import type { MethodResult, ModuleLink } from "./moduleLinks";
import {
    desiredChanges,
    inputFilter,
    type MqttIdentity,
    methodCalls,
    propertyBag,
    readTopic,
    twinResponses,
} from "./mqttTopics";

/** The hub's end of one client's MQTT connection. */
export interface MqttSession {
    identity: MqttIdentity;
    /** Acts on what the client published; throws where the service would end the connection. */
    receive(topic: string, payload: Buffer): void;
    /** Must be called after the client subscribed or unsubscribed. */
    subscriptionsChanged(): void;
}

/** Carries `link` over the topics of IoT Hub (learn: iot-hub-mqtt-connect-to-iot-hub; measured with azure-iot-device-mqtt 1.16). */
export function mqttSession(
    identity: MqttIdentity,
    link: ModuleLink,
    client: { isSubscribed(filter: string): boolean; publish(topic: string, payload: string | Buffer): void },
): MqttSession {
    const waiting = new Map<string, (result: MethodResult) => void>();
    let calls = 0;
    let stopMethods: (() => void) | undefined;
    let stopInputs: (() => void) | undefined;

    link.onDesired((patch, version) => {
        if (!client.isSubscribed(desiredChanges)) return;
        const payload = JSON.stringify({ ...patch, $version: version });
        client.publish(`$iothub/twin/PATCH/properties/desired/?$version=${version}`, payload);
    });
    const { deviceId, moduleId } = identity;
    const inputFilters =
        moduleId === undefined ? [] : [inputFilter(identity), `devices/${deviceId}/modules/${moduleId}/#`];

    function publishInput(input: string, message: MessageDraft): void {
        const topic = `devices/${deviceId}/modules/${moduleId}/inputs/${input}/${propertyBag(message)}`;
        client.publish(topic, message.body);
    }

    function call(name: string, payload: Json, ended: AbortSignal): Promise<MethodResult> {
        // Hexadecimal, as the service writes it.
        const requestId = (++calls).toString(16);
        return new Promise((resolve) => {
            waiting.set(requestId, resolve);
            ended.addEventListener("abort", () => waiting.delete(requestId));
            client.publish(`$iothub/methods/POST/${name}/?$rid=${requestId}`, JSON.stringify(payload));
        });
    }

    function respond(status: number, requestId: string, body: object | undefined, version?: number): void {
        if (!client.isSubscribed(twinResponses)) return;
        const suffix = version === undefined ? "" : `&$version=${version}`;
        client.publish(
            `$iothub/twin/res/${status}/?$rid=${requestId}${suffix}`,
            body ? JSON.stringify(body) : "",
        );
    }

    function readTwin(requestId: string): void {
        const { desired, desiredVersion, reported, reportedVersion } = link.twin();
        respond(200, requestId, {
            desired: { ...desired, $version: desiredVersion },
            reported: { ...reported, $version: reportedVersion },
        });
    }

    function report(requestId: string, payload: Buffer): void {
        try {
            const patch = jsonFrom(payload);
            if (!isJsonObject(patch)) throw new HubError("ArgumentInvalid", "The patch is not an object");
            respond(204, requestId, undefined, link.report(patch));
        } catch (error) {
            if (!(error instanceof HubError)) throw error;
            respond(error.status, requestId, { message: error.message });
        }
    }

    return {
        identity,
        receive(topic, payload) {
            const request = readTopic(identity, topic);
            switch (request?.kind) {
                case "message":
                    return link.send({ ...request.message, body: payload } satisfies MessageDraft);
                case "readTwin":
                    return readTwin(request.requestId);
                case "report":
                    return report(request.requestId, payload);
                case "methodResponse": {
                    const answered = waiting.get(request.requestId);
                    waiting.delete(request.requestId);
                    // An answer that came too late, or to nothing, has no taker.
                    return answered?.({ status: request.status, payload: jsonFrom(payload) });
                }
                default:
                    throw new Error(`The topic ${topic} is none of ${identity.deviceId}'s.`);
            }
        },
        subscriptionsChanged() {
            const listens = client.isSubscribed(methodCalls);
            if (listens) stopMethods ??= link.onMethod(call);
            else {
                stopMethods?.();
                stopMethods = undefined;
            }
            if (inputFilters.some(client.isSubscribed)) stopInputs ??= link.onInput(publishInput);
            else {
                stopInputs?.();
                stopInputs = undefined;
            }
        },
    };
}

function jsonFrom(payload: Buffer): Json {
    if (payload.length === 0) return null;
    try {
        return JSON.parse(payload.toString("utf8"));
    } catch (error) {
        throw new HubError("IotHubFormatError", `The payload is not JSON: ${(error as Error).message}`);
    }
}
