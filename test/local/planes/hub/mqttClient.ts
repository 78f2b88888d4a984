import { type IClientOptions, type MqttClient, connect as open } from "mqtt";
import { within } from "../../../support/waiting";
import type { TestHub } from "./testHub";

/** A plain MQTT client of the hub; `messages` grows with what it receives. */
export interface TestClient {
    client: MqttClient;
    messages: { topic: string; payload: string }[];
    /** The filters that the hub granted, as quality of service; 128 is a refusal. */
    subscribe(filter: string): Promise<number>;
    publish(topic: string, payload?: string, qos?: 0 | 1 | 2): Promise<void>;
    /** The next message whose topic begins with `topic`, or one that came already. */
    next(topic: string): Promise<{ topic: string; payload: string }>;
    /** The end of the connection, which fails when it does not come. */
    readonly closed: Promise<void>;
    end(): Promise<void>;
}

/** Connects once; rejects with the code of the CONNACK where the hub refuses. */
export function connectMqtt(
    test: TestHub,
    id: string,
    options: Partial<IClientOptions> = {},
): Promise<TestClient> {
    const { hostName } = test.description;
    const client = open(`mqtts://${hostName}`, {
        clientId: id,
        username: `${hostName}/${id}/?api-version=2021-04-12&DeviceClientType=test`,
        ca: test.certificates.caPem,
        reconnectPeriod: 0,
        protocolVersion: 4,
        ...options,
    });
    const messages: TestClient["messages"] = [];
    const waiting = new Set<() => void>();
    client.on("message", (topic, payload) => {
        messages.push({ topic, payload: payload.toString() });
        for (const look of [...waiting]) look();
    });
    const closed = new Promise<void>((resolve) => client.once("close", resolve));
    const named = (what: string) => `${what} of ${id}`;
    const connected: TestClient = {
        client,
        messages,
        get closed() {
            return within(named("the end of the connection"), closed);
        },
        subscribe: (filter) =>
            within(
                named(`the answer to the subscription to ${filter}`),
                new Promise((resolve, reject) =>
                    client.subscribe(filter, { qos: 0 }, (error, granted) =>
                        error ? reject(error) : resolve(granted[0]?.qos as number),
                    ),
                ),
            ),
        publish: (topic, payload = "", qos = 1) =>
            within(
                named(`the acknowledgement of a message to ${topic}`),
                new Promise((resolve, reject) =>
                    client.publish(topic, payload, { qos }, (error) => (error ? reject(error) : resolve())),
                ),
            ),
        next: (topic) =>
            within(
                named(`a message to ${topic}`),
                new Promise((resolve) => {
                    const look = () => {
                        const index = messages.findIndex((message) => message.topic.startsWith(topic));
                        if (index < 0) return;
                        waiting.delete(look);
                        const [found] = messages.splice(index, 1);
                        if (found) resolve(found);
                    };
                    waiting.add(look);
                    look();
                }),
            ),
        end: () => new Promise((resolve) => client.end(true, {}, () => resolve())),
    };
    const answered = new Promise<TestClient>((resolve, reject) => {
        client.once("connect", () => resolve(connected));
        client.once("error", (error) => {
            client.end(true);
            reject("code" in error ? new Error(`CONNACK ${error.code}`) : error);
        });
    });
    return within(named("the connection"), answered);
}
