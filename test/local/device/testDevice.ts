import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../../local/device/clock";
import { type EdgeDevice, startEdgeDevice } from "../../../local/device/edgeDevice";
import { type EdgeGateway, openEdgeGateway } from "../../../local/device/edgeHub/edgeGateway";
import { containerGateway } from "../../../local/device/modules/container/containerGateway";
import { pushImage } from "../../../local/planes/registry/client";
import { signSas } from "../../../local/planes/sas";
import type { RuntimeSettings } from "../../../local/runtimeSettings";
import { inAnHour, startTestHub, type TestHub } from "../planes/hub/testHub";
import { startTestRegistry, type TestRegistry } from "../planes/registry/testRegistry";
import { moduleScript, packImage } from "./testImage";

/** A hub, a registry and one edge device, all real. */
export interface TestDevice {
    hub: TestHub;
    registry: TestRegistry;
    folder: string;
    edgeHubs: EdgeGateway;
    /** Starts the device, or starts it again. */
    powerOn(): EdgeDevice;
    device: EdgeDevice;
    /** Pushes a module's image and returns its name by digest. */
    push(greeting: string, config?: object, files?: Record<string, string>): Promise<string>;
    /** Applies a manifest of these modules, with changes to $edgeAgent and $edgeHub; returns the version of the former. */
    apply(modules: Record<string, object>, changes?: object, hubChanges?: object): Promise<number>;
    // biome-ignore lint/suspicious/noExplicitAny: reported properties are looked into at will.
    reported(): Promise<any>;
    log(name: string): string;
    close(): Promise<void>;
}

/** Short rests, so that tests need not wait ten seconds; the schedule itself is tested on a clock. */
const coolOffUnit = 200;

export async function startTestDevice(
    time: { clock?: Clock; coolOffUnit?: number; settings?: () => RuntimeSettings } = {},
): Promise<TestDevice> {
    const hub = await startTestHub();
    const registry = await startTestRegistry();
    const { body } = await hub.call("PUT", "/devices/e", { body: { capabilities: { iotEdge: true } } });
    const key = body.authentication.symmetricKey.primaryKey;
    const folder = join(registry.scratch, "device");
    const edgeHubs = await openEdgeGateway({
        port: 0,
        hubHostName: hub.description.hostName,
        store: registry.store,
        certificates: hub.certificates,
    });

    function powerOn(): EdgeDevice {
        test.device = startEdgeDevice({
            deviceId: "e",
            hubHostName: hub.description.hostName,
            hub: {
                connect(moduleId) {
                    const resource = `${hub.description.hostName}/devices/e`;
                    const sas = signSas({ resource, key, expiresAt: inAnHour() });
                    return hub.hub.connectModule({ deviceId: "e", moduleId, sas });
                },
                generationId: (moduleId) =>
                    hub.hub.modules("e").find((module) => module.moduleId === moduleId)?.generationId ?? "",
                key: (moduleId) =>
                    test.hub.hub.modules("e").some((one) => one.moduleId === moduleId) ? key : undefined,
            },
            certificates: hub.certificates,
            folder,
            store: registry.store,
            settings: () => ({ runtime: "process" }),
            gateway: containerGateway(edgeHubs.port),
            edgeHubs,
            environment: { PATH: process.env.PATH, LANG: "C.UTF-8", SECRET_OF_THE_HOST: "hidden" },
            coolOffUnit,
            ...time,
        });
        return test.device;
    }

    const test: TestDevice = {
        hub,
        registry,
        folder,
        edgeHubs,
        powerOn,
        device: undefined as unknown as EdgeDevice,
        async push(greeting, config, files = {}) {
            const image = await packImage(
                registry.scratch,
                { "app/main.js": moduleScript(greeting), ...files },
                config,
            );
            const digest = await pushImage(registry.account, "module", "v1", image);
            return `${registry.account.server}/module@${digest}`;
        },
        async apply(modules, changes = {}, hubChanges = {}) {
            const answer = await hub.call("POST", "/devices/e/applyConfigurationContent", {
                body: { modulesContent: manifest(registry, modules, changes, hubChanges) },
            });
            if (answer.status !== 204) throw new Error(JSON.stringify(answer.body));
            return (await hub.call("GET", "/twins/e/modules/$edgeAgent")).body.properties.desired.$version;
        },
        reported: async () => (await hub.call("GET", "/twins/e/modules/$edgeAgent")).body.properties.reported,
        log(name) {
            const file = join(folder, "logs", `${name}.log`);
            return existsSync(file) ? readFileSync(file, "utf8") : "";
        },
        async close() {
            await test.device?.stop();
            await edgeHubs.close();
            await hub.close();
            await registry.close();
        },
    };
    return test;
}

function manifest(
    { account }: TestRegistry,
    modules: Record<string, object>,
    changes: object,
    hubChanges: object,
) {
    const { server: address, username, password } = account;
    const system = (name: string) => ({
        type: "docker",
        settings: { image: `mcr.microsoft.com/azureiotedge-${name}:1.6.8` },
    });
    return {
        $edgeAgent: {
            "properties.desired": {
                schemaVersion: "1.1",
                runtime: {
                    type: "docker",
                    settings: { registryCredentials: { local: { address, username, password } } },
                },
                systemModules: {
                    edgeAgent: system("agent"),
                    edgeHub: { ...system("hub"), status: "running", restartPolicy: "always" },
                },
                modules,
                ...changes,
            },
        },
        $edgeHub: {
            "properties.desired": {
                schemaVersion: "1.1",
                routes: {},
                storeAndForwardConfiguration: { timeToLiveSecs: 7200 },
                ...hubChanges,
            },
        },
    };
}

/** A module of a manifest that listens on `port` of the device. */
export function module(image: string, port: number | undefined, changes: object = {}) {
    const bindings = port === undefined ? {} : { "80/tcp": [{ HostPort: String(port) }] };
    const createOptions = JSON.stringify({ HostConfig: { PortBindings: bindings } });
    return {
        type: "docker",
        status: "running",
        restartPolicy: "always",
        settings: { image, createOptions },
        ...changes,
    };
}

// biome-ignore lint/suspicious/noExplicitAny: the answer of the test's module.
export async function ask(port: number, path = "/"): Promise<any> {
    try {
        const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { Connection: "close" } });
        return await response.json();
    } catch {
        return undefined;
    }
}
