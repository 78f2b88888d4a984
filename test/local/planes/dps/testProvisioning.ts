import { createHmac } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { Agent, request } from "node:https";
import { ProvisioningDeviceClient, type RegistrationResult } from "azure-iot-provisioning-device";
import { Http } from "azure-iot-provisioning-device-http";
import { Mqtt } from "azure-iot-provisioning-device-mqtt";
import { SymmetricKeySecurityClient } from "azure-iot-security-symmetric-key";
import { type DpsSurroundings, dpsPlane } from "../../../../local/planes/dps/plane";
import type { ProvisioningServiceSettings } from "../../../../local/planes/dps/settings";
import { signSas } from "../../../../local/planes/sas";
import { servePlane } from "../../../../local/planes/servePlane";
import { freePort } from "../../../support/freePort";
import { inAnHour, newKey, startTestHub, type TestHub } from "../hub/testHub";

type SymmetricKeyClient = Parameters<typeof ProvisioningDeviceClient.create>[3];

export type Protocol = "MQTT" | "HTTP";

export interface Answer {
    status: number;
    headers: IncomingHttpHeaders;
    // biome-ignore lint/suspicious/noExplicitAny: answers are looked into at will.
    body: any;
}

/** A device's call: who it says it is, and the key it signs with. */
export interface DeviceCall {
    registrationId: string;
    key: string;
    idScope?: string;
    apiVersion?: string;
    body?: unknown;
    policy?: string;
    expiresAt?: Date;
}

/** A provisioning service with a hub that it is linked to. */
export interface TestProvisioning {
    test: TestHub;
    settings: ProvisioningServiceSettings;
    /** Calls the service's side with a policy of all rights, or with the one named. */
    manage(method: string, path: string, body?: unknown, keyName?: string, ifMatch?: string): Promise<Answer>;
    /** Calls the device's side below `/{idScope}/registrations/{registrationId}`. */
    device(method: string, below: string, call: DeviceCall): Promise<Answer>;
    /** Registers with the unmodified clients. */
    register(
        protocol: Protocol,
        registrationId: string,
        key: string,
        idScope?: string,
    ): Promise<RegistrationResult>;
    /** Ends the service and begins it anew over the same store, with other settings where given. */
    restart(changed?: Partial<ProvisioningServiceSettings>): Promise<void>;
    stop(): Promise<void>;
    start(): Promise<void>;
    /** Ends the service, and forgets it as if it were deleted. */
    remove(): Promise<void>;
    close(): Promise<void>;
}

/** Starts both, with what `surroundings` makes of the hub around the service. */
export async function startTestProvisioning(
    surroundings: (test: TestHub) => DpsSurroundings = () => ({}),
): Promise<TestProvisioning> {
    const test = await startTestHub();
    const plane = dpsPlane(surroundings(test));
    const [deployer] = test.description.policies;
    const port = await freePort();
    const policy = (keyName: string, rights: string) => {
        const key = newKey();
        return { keyName, rights, primaryKey: key, secondaryKey: key };
    };
    let settings: ProvisioningServiceSettings = {
        name: "dps",
        hostName: `localhost:${port}`,
        idScope: "0ne00000001",
        policies: [
            policy("all", "EnrollmentRead, EnrollmentWrite, RegistrationStatusRead, RegistrationStatusWrite"),
            policy("reader", "EnrollmentRead, RegistrationStatusRead"),
        ],
        hubs: [
            {
                hostName: test.hub.hostName,
                keyName: deployer?.keyName ?? "",
                key: deployer?.primaryKey ?? "",
            },
        ],
    };
    const start = () => servePlane(plane, settings, test.host);
    let service = await start();
    const ca = test.certificates.caPem;
    const send = (method: string, path: string, authorization: string, body?: unknown, ifMatch?: string) =>
        sendJson({ port, ca, method, path, authorization, body, ifMatch });

    return {
        test,
        get settings() {
            return settings;
        },
        manage(method, path, body, keyName = "all", ifMatch = undefined) {
            const key = settings.policies.find((each) => each.keyName === keyName)?.primaryKey ?? "";
            const token = signSas({
                resource: settings.hostName,
                key,
                policy: keyName,
                expiresAt: inAnHour(),
            });
            return send(method, `${path}?api-version=2021-10-01`, token, body, ifMatch);
        },
        device(method, below, call) {
            const { registrationId, key, idScope = settings.idScope, apiVersion = "2021-06-01" } = call;
            const resource = `${idScope}/registrations/${registrationId}`;
            const { policy = "registration", expiresAt = inAnHour() } = call;
            const token = signSas({ resource, key, policy, expiresAt });
            const body = "body" in call ? call.body : method === "PUT" ? { registrationId } : undefined;
            return send(method, `/${resource}${below}?api-version=${apiVersion}`, token, body);
        },
        register: (protocol, registrationId, key, idScope = settings.idScope) =>
            registerDevice({ protocol, hostName: settings.hostName, idScope, registrationId, key, ca }),
        async restart(changed = {}) {
            await service.close();
            settings = { ...settings, ...changed };
            service = await start();
        },
        stop: () => service.close(),
        async start() {
            service = await start();
        },
        async remove() {
            await service.close();
            await service.forget();
        },
        async close() {
            await service.close();
            await test.close();
        },
    };
}

/** Registers a device with the unmodified client of a protocol. */
export async function registerDevice(device: {
    protocol: Protocol;
    hostName: string;
    idScope: string;
    registrationId: string;
    key: string;
    ca: string;
}): Promise<RegistrationResult> {
    const { protocol, hostName, idScope, registrationId, key, ca } = device;
    const [bareHost = "", port] = hostName.split(":");
    const isMqtt = protocol === "MQTT";
    const client = ProvisioningDeviceClient.create(
        isMqtt ? hostName : bareHost,
        idScope,
        hasty(isMqtt ? mqttTransport(ca) : httpTransport(ca, Number(port))),
        // Each package brings its own azure-iot-common, whose private members the types tell apart.
        new SymmetricKeySecurityClient(registrationId, key) as unknown as SymmetricKeyClient,
    );
    return (await client.register()) as RegistrationResult;
}

/** The key of a device of a group, as its maker computes it. */
export function groupDeviceKey(groupKey: string, registrationId: string): string {
    return createHmac("sha256", Buffer.from(groupKey, "base64")).update(registrationId).digest("base64");
}

type Answered = (error?: Error, result?: object, response?: object, waitMs?: number) => void;

/** A client asks again as many milliseconds later as the service bids; this one a hundredth of that. */
function hasty<Transport extends Mqtt | Http>(transport: Transport): Transport {
    const calls = transport as unknown as Record<string, (...args: unknown[]) => void>;
    for (const name of ["registrationRequest", "queryOperationStatus"]) {
        const call = calls[name]?.bind(transport);
        calls[name] = (...args) => {
            const answered = args.pop() as Answered;
            const sooner: Answered = (error, result, response, waitMs = 0) =>
                answered(error, result, response, waitMs / 100);
            call?.(...args, sooner);
        };
    }
    return transport;
}

/** Both clients trust this machine's authority by an option that their own types leave out. */
function mqttTransport(ca: string): Mqtt {
    const transport = new Mqtt();
    const { _mqttBase } = transport as unknown as { _mqttBase: { setOptions(options: object): void } };
    _mqttBase.setOptions({ ca });
    return transport;
}

/** The HTTP client has no option for a port: it names the bare host, and its agent the port. */
function httpTransport(ca: string, port: number): Http {
    const transport = new Http();
    const agent = Object.assign(new Agent({ ca }), { defaultPort: port });
    const { _httpBase } = transport as unknown as { _httpBase: { setOptions(options: object): void } };
    _httpBase.setOptions({ http: { agent } });
    return transport;
}

/** One call over TLS, its answer read as JSON. */
export function sendJson(call: {
    port: number;
    ca: string;
    method: string;
    path: string;
    authorization: string;
    body?: unknown;
    ifMatch?: string;
}): Promise<Answer> {
    const { port, ca, method, path, authorization, body, ifMatch } = call;
    const headers = {
        ...{ Authorization: authorization, "Content-Type": "application/json" },
        ...(ifMatch !== undefined && { "If-Match": ifMatch }),
    };
    return new Promise((resolve, reject) => {
        const sent = request(
            { host: "localhost", port, ca, method, path, agent: false, headers },
            (response) => {
                const chunks: Buffer[] = [];
                response.on("data", (chunk: Buffer) => chunks.push(chunk));
                response.on("error", reject);
                response.on("end", () => {
                    const text = Buffer.concat(chunks).toString();
                    resolve({
                        status: response.statusCode ?? 0,
                        headers: response.headers,
                        body: text === "" ? undefined : JSON.parse(text),
                    });
                });
            },
        );
        sent.on("error", reject);
        sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
}
