import { readFileSync } from "node:fs";
import { join } from "node:path";
import { moduleSettings } from "../../../infra/manifest/createOptions";
import { deploymentManifest } from "../../../infra/manifest/deploymentManifest";
import { defaultOptions, extraModule } from "./defaultOptions";
import { everyOption } from "./everyOption";

const image = `registry1.azurecr.io/classifier@sha256:${"ab".repeat(32)}`;
const log = { Type: "json-file", Config: { "max-size": "5m", "max-file": "2" } };
const registry = { address: "registry1.azurecr.io", username: "registry1", password: "pull-password" };

describe("the deployment manifest", () => {
    test("is what a reviewer sees in the golden file", () => {
        const golden = readFileSync(join(__dirname, "deploymentManifest.golden.json"), "utf8");
        expect(
            `${JSON.stringify(deploymentManifest({ image, registry, ...defaultOptions }), null, 4)}\n`,
        ).toBe(golden);
    });

    test("publishes the module's port 80 on the wanted port of the device", () => {
        const manifest = deploymentManifest({ image, registry, ...defaultOptions, hostPort: 8081 });
        const settings =
            manifest.modulesContent.$edgeAgent["properties.desired"].modules.ImageClassifier?.settings;
        expect(JSON.parse(settings?.createOptions ?? "")).toEqual({
            ExposedPorts: { "80/tcp": {} },
            HostConfig: {
                PortBindings: { "80/tcp": [{ HostPort: "8081" }] },
                LogConfig: { Type: "json-file", Config: { "max-size": "10m", "max-file": "3" } },
            },
        });
    });

    test("has every option where edgeAgent and edgeHub look for it", () => {
        const { modulesContent } = deploymentManifest<string>({ image, registry, ...everyOption });
        const { systemModules, modules, runtime } = modulesContent.$edgeAgent["properties.desired"];
        expect(readable(modules.ImageClassifier)).toEqual({
            version: "1.0",
            type: "docker",
            status: "running",
            restartPolicy: "on-failure",
            imagePullPolicy: "never",
            startupOrder: 10,
            settings: { image },
            env: {
                LOG_LEVEL: { value: "debug" },
                THREADS: { value: "2" },
                ALLOW_PRIVATE_URLS: { value: "true" },
                API_KEY: { value: "hunter2" },
            },
            createOptions: {
                ExposedPorts: { "80/tcp": {} },
                HostConfig: {
                    PortBindings: { "80/tcp": [{ HostPort: "8080" }] },
                    Memory: 536_870_912,
                    NanoCpus: 1_500_000_000,
                    LogConfig: log,
                },
            },
        });
        expect(readable(modules.camera)).toEqual({
            version: "2.1",
            type: "docker",
            status: "stopped",
            restartPolicy: "never",
            imagePullPolicy: "on-create",
            startupOrder: 1,
            settings: { image: "registry.example/camera:2.1" },
            env: { FRAMES_PER_SECOND: { value: "5" } },
            createOptions: {
                HostConfig: { Devices: [{ PathOnHost: "/dev/video0" }], Memory: 67_108_864, LogConfig: log },
            },
        });
        const upstream = {
            UpstreamProtocol: { value: "MqttWs" },
            https_proxy: { value: "http://proxy.example:3128" },
            storageFolder: { value: "/iotedge/storage" },
        };
        expect(readable(systemModules.edgeAgent)).toEqual({
            type: "docker",
            settings: { image: "mcr.microsoft.com/azureiotedge-agent:1.6.5" },
            env: upstream,
            createOptions: {
                HostConfig: {
                    Binds: ["/var/lib/edge-storage/edgeAgent:/iotedge/storage"],
                    LogConfig: log,
                },
            },
        });
        expect(readable(systemModules.edgeHub)).toEqual({
            type: "docker",
            status: "running",
            restartPolicy: "always",
            settings: { image: "mcr.microsoft.com/azureiotedge-hub:1.6.5" },
            env: upstream,
            createOptions: {
                HostConfig: {
                    PortBindings: {
                        "5671/tcp": [{ HostPort: "5671" }],
                        "8883/tcp": [{ HostPort: "8883" }],
                        "443/tcp": [{ HostPort: "443" }],
                    },
                    Binds: ["/var/lib/edge-storage/edgeHub:/iotedge/storage"],
                    LogConfig: log,
                },
            },
        });
        expect(runtime.settings.registryCredentials).toEqual({
            registry,
            shared: { address: "registry.example", username: "puller", password: "hunter2" },
        });
        expect(modulesContent.$edgeHub["properties.desired"]).toEqual({
            schemaVersion: "1.1",
            routes: everyOption.routes,
            storeAndForwardConfiguration: { timeToLiveSecs: 86_400 },
        });
        expect(modulesContent.ImageClassifier).toEqual({ "properties.desired": everyOption.moduleTwin });
        expect(modulesContent.camera).toEqual({ "properties.desired": { interval: 5 } });
    });

    test("without the classifier keeps the rest, but no route and no twin that speaks of it", () => {
        const options = { image, registry, ...everyOption, deploy: false };
        const { $edgeAgent, $edgeHub, ...twins } = deploymentManifest<string>(options).modulesContent;
        expect(Object.keys($edgeAgent["properties.desired"].modules)).toEqual(["camera"]);
        expect(Object.keys($edgeHub["properties.desired"].routes)).toEqual(["upstream"]);
        expect(Object.keys(twins)).toEqual(["camera"]);
    });

    test("speaks AMQP over WebSockets where there is a proxy and no protocol is chosen", () => {
        const proxy = "http://proxy.example:3128";
        const manifest = deploymentManifest({ image, registry, ...defaultOptions, proxy });
        const { edgeAgent, edgeHub } = manifest.modulesContent.$edgeAgent["properties.desired"].systemModules;
        for (const { env } of [edgeAgent, edgeHub])
            expect(env?.UpstreamProtocol).toEqual({ value: "AmqpWs" });
    });

    test("leaves an extra module's own log settings alone", () => {
        const own = { LogConfig: { Type: "journald" } };
        const extraModules = { m: extraModule("m:1", { createOptions: { HostConfig: own } }) };
        const manifest = deploymentManifest({ image, registry, ...defaultOptions, extraModules });
        const { m } = manifest.modulesContent.$edgeAgent["properties.desired"].modules;
        expect(readable(m).createOptions).toEqual({ HostConfig: own });
    });

    test("keeps each value that is known later a leaf of its own", () => {
        const later = (what: string) => ({ later: what });
        const manifest = deploymentManifest<string | object>({
            ...defaultOptions,
            image: later("image"),
            registry: { address: later("address"), username: later("username"), password: later("password") },
            proxy: later("proxy"),
            moduleSecrets: { KEY: later("KEY") },
            extraModules: { m: extraModule("m:1", { env: { TOKEN: later("TOKEN") } }) },
        });
        const leaves: string[] = [];
        JSON.stringify(manifest, (_, value) => {
            if (typeof value?.later === "string") leaves.push(value.later);
            return value;
        });
        expect(leaves.sort()).toEqual(
            ["KEY", "TOKEN", "address", "image", "password", "proxy", "proxy", "username"].sort(),
        );
    });

    test.each([
        [512, ["createOptions"]],
        [513, ["createOptions", "createOptions01"]],
        [1024, ["createOptions", "createOptions01"]],
        [1025, ["createOptions", "createOptions01", "createOptions02"]],
    ])("cuts createOptions of %i characters into %j, which join to the same JSON", (length, keys) => {
        const options = {
            Labels: { filler: "x".repeat(length - JSON.stringify({ Labels: { filler: "" } }).length) },
        };
        const { image: _, ...chunks } = moduleSettings(image, options);
        expect(Object.keys(chunks)).toEqual(keys);
        expect(Object.values(chunks).every((chunk) => chunk.length <= 512)).toBe(true);
        expect(JSON.parse(Object.values(chunks).join(""))).toEqual(options);
    });
});

/** A module with its createOptions put together and read. */
function readable(module: { settings: object } | undefined) {
    const { image, ...chunks } = (module?.settings ?? {}) as Record<string, string>;
    return { ...module, settings: { image }, createOptions: JSON.parse(Object.values(chunks).join("")) };
}
