import { readFileSync } from "node:fs";
import { request } from "node:https";
import { callManagement } from "../../../local/arm/managementCall";
import { readEndpoints } from "../../../local/endpoints";
import { signSas } from "../../../local/planes/sas";
import { inAnHour } from "../../local/planes/hub/testHub";
import { startTestAzure, type TestAzure } from "../../support/localAzure";
import { startProvider, type TestPlugin } from "../../support/plugin";

export const group = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/group";

/** A hub or a provisioning service with a policy of all rights. */
export interface TestService {
    readonly id: string;
    readonly hostName: string;
    readonly keyName: string;
    readonly key: string;
    readonly connectionString: string;
}

export let azure: TestAzure;
/** The provider as whoever deploys to the local Azure configures it: by nothing but the environment. */
export let provider: TestPlugin;
const started: TestPlugin[] = [];

/** Starts a local Azure and the provider, for all tests of the file that calls this. */
export function useLocalServices(): void {
    beforeAll(async () => {
        azure = await startTestAzure();
        await arm("PUT", group, { location: "westeurope" });
        provider = await configuredProvider({});
    });
    afterAll(async () => {
        for (const one of started) await one.stop();
        await azure?.remove();
    });
}

/** Another one, with settings such as `hubAuth`; it ends with the tests of the file. */
export async function configuredProvider(
    settings: Record<string, string>,
    env: NodeJS.ProcessEnv = {},
    engineAddress?: string,
): Promise<TestPlugin> {
    const one = await startProvider({ ...azure.environment, ...env }, engineAddress);
    started.push(one);
    await configure(one, settings);
    return one;
}

/** Gives a provider other settings, as the next run does: it keeps nothing of before. */
export function configure(plugin: TestPlugin, settings: Record<string, string>): Promise<void> {
    return plugin.configure(
        Object.fromEntries(
            Object.entries(settings).map(([name, value]) => [`iotedge:config:${name}`, value]),
        ),
    );
}

export const arm = <T>(method: string, path: string, body?: unknown) =>
    callManagement<T>(azure.stack.azure, method, path, body);

/** Makes a hub, or changes one. */
export async function putHub(name: string, properties: object = {}): Promise<TestService> {
    const id = `${group}/providers/Microsoft.Devices/IotHubs/${name}`;
    const { properties: made } = await arm<{ properties: { hostName: string } }>("PUT", id, {
        location: "westeurope",
        sku: { name: "S1", capacity: 1 },
        properties,
    });
    return serviceOf(id, made.hostName, "iothubowner");
}

/** Makes a provisioning service that is linked to a hub. */
export async function putProvisioningService(name: string, hub: TestService): Promise<TestService> {
    const id = `${group}/providers/Microsoft.Devices/provisioningServices/${name}`;
    const { properties } = await arm<{ properties: { serviceOperationsHostName: string } }>("PUT", id, {
        location: "westeurope",
        sku: { name: "S1", capacity: 1 },
        properties: { iotHubs: [{ connectionString: hub.connectionString, location: "westeurope" }] },
    });
    return serviceOf(id, properties.serviceOperationsHostName, "provisioningserviceowner");
}

async function serviceOf(id: string, hostName: string, preferred: string): Promise<TestService> {
    const { value } = await arm<{ value: { keyName: string; primaryKey: string }[] }>(
        "POST",
        `${id}/listkeys`,
    );
    const { keyName, primaryKey: key } = value.find((one) => one.keyName === preferred) ?? value[0] ?? {};
    if (!keyName || !key) throw new Error(`Expected ${id} to have a policy, found none.`);
    const connectionString = `HostName=${hostName};SharedAccessKeyName=${keyName};SharedAccessKey=${key}`;
    return { id, hostName, keyName, key, connectionString };
}

export interface ServiceAnswer {
    readonly status: number;
    // biome-ignore lint/suspicious/noExplicitAny: answers are looked into at will
    readonly body: any;
}

/** Asks a service as somebody else does. */
export function askService(
    service: TestService,
    method: string,
    path: string,
    { body, ifMatch }: { body?: unknown; ifMatch?: string } = {},
): Promise<ServiceAnswer> {
    const { hostName, key, keyName } = service;
    const version = service.id.includes("provisioningServices") ? "2021-10-01" : "2021-04-12";
    const Authorization = signSas({ resource: hostName, key, policy: keyName, expiresAt: inAnHour() });
    return new Promise((resolve, reject) => {
        const sent = request(
            `https://${hostName}${path}?api-version=${version}`,
            {
                method,
                ca: readFileSync(readEndpoints(azure.stack.azure).caFile),
                agent: false,
                headers: {
                    Authorization,
                    "Content-Type": "application/json",
                    ...(ifMatch && { "If-Match": ifMatch }),
                },
            },
            (response) => {
                let text = "";
                response.on("data", (chunk) => {
                    text += chunk;
                });
                response.on("end", () =>
                    resolve({ status: response.statusCode ?? 0, body: text && JSON.parse(text) }),
                );
            },
        );
        sent.on("error", reject);
        sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
}
