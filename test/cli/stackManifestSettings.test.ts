import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import { exitCodes } from "../../cli/exitCodes";
import { stackManifestSettings } from "../../cli/stackManifestSettings";
import { manifestSettings, secretManifestSettings } from "../../infra/manifest/manifestSettings";
import { placeholderManifest } from "../../infra/manifest/placeholderManifest";
import { everyOption } from "../infra/manifest/everyOption";

const project = mkdtempSync(join(tmpdir(), "edge-settings-"));
afterAll(() => rmSync(project, { recursive: true }));

const defaults = {
    deploy: true,
    hostPort: 80,
    moduleEnv: {},
    moduleSecrets: {},
    restartPolicy: "always",
    moduleTwin: {},
    logMaxSize: "10m",
    logMaxFiles: 3,
    timeToLiveSecs: 7200,
    gateway: false,
    runtimeVersion: "1.6.8",
    extraModules: {},
    extraRegistries: {},
};

function settingsOf(config: object) {
    const named = Object.fromEntries(
        Object.entries(config).map(([key, value]) => [`edge-classifier:${key}`, value]),
    );
    writeFileSync(
        join(project, "Pulumi.dev.yaml"),
        stringify({ encryptionsalt: "v1:x", config: { "azure-native:location": "x", ...named } }),
    );
    return stackManifestSettings(project, "dev");
}

describe("the settings of a stack", () => {
    test("are bad input where their file is no text", () => {
        writeFileSync(join(project, "Pulumi.dev.yaml"), Buffer.from("config:\n  a: caf\xe9\n", "latin1"));
        expect(() => stackManifestSettings(project, "dev")).toThrow(
            expect.objectContaining({
                exitCode: exitCodes.usage,
                message: expect.stringContaining("to be UTF-8, found in line 2"),
            }),
        );
    });

    test("are taken from its file, and other keys left aside", () => {
        expect(settingsOf({ ...everyOption, hubSku: "F1" })).toEqual(everyOption);
    });

    test("may be absent", () => {
        writeFileSync(join(project, "Pulumi.dev.yaml"), "");
        expect(stackManifestSettings(project, "dev")).toEqual(defaults);
    });

    test("may be written as pulumi config set does, all in text", () => {
        expect(
            settingsOf({
                hostPort: "8080",
                gateway: "true",
                cpuLimit: "0.5",
                runtimeVersion: "1.6.5",
                moduleEnv: '{"A":1}',
            }),
        ).toEqual({
            ...defaults,
            hostPort: 8080,
            gateway: true,
            cpuLimit: 0.5,
            runtimeVersion: "1.6.5",
            moduleEnv: { A: 1 },
        });
    });

    test("come with placeholders where they are encrypted, and so does the manifest", () => {
        const secure = { secure: "v1:ciphertext" };
        const settings = settingsOf({
            proxy: secure,
            moduleSecrets: { API_KEY: secure },
            extraRegistries: { shared: { address: "r.example", username: "u", password: secure } },
            extraModules: { m: { image: "m:1", env: { TOKEN: secure } } },
        });
        const text = JSON.stringify(placeholderManifest(settings));
        expect(text).not.toContain("ciphertext");
        for (const what of ["proxy", "API_KEY", "password of shared", "TOKEN"])
            expect(text).toContain(`"<secret: ${what}>"`);
    });

    test("in clear do not come into the rendered manifest where they are secret", () => {
        const text = JSON.stringify(
            placeholderManifest({ ...settingsOf(everyOption), proxy: "http://user:hunter2@proxy.example" }),
        );
        expect(text).not.toContain("hunter2");
    });

    test.each<[object, string]>([
        [{ hostPort: 0 }, "`hostPort` to be a whole number from 1 to 65535, found 0."],
        [{ deploy: "yes" }, '`deploy` to be true or false, found "yes".'],
        [
            { runtimeVersion: "1.6.1" },
            '`runtimeVersion` to be an exact version 1.6.x from 1.6.2 on, such as 1.6.8, found "1.6.1".',
        ],
        [
            { runtimeVersion: 1.6 },
            '`runtimeVersion` to be an exact version 1.6.x from 1.6.2 on, such as 1.6.8, found "1.6".',
        ],
        [
            { moduleEnv: "x" },
            "`moduleEnv` to be names and values such as {LOG_LEVEL: debug}, found a string.",
        ],
        [{ moduleEnv: { A: [] } }, "`moduleEnv.A` to be a text, a number, true or false, found a list."],
        [{ moduleSecrets: "hunter2" }, "`moduleSecrets` to be names and secret values, found a string."],
        [
            { moduleSecrets: { A: 5 } },
            "`moduleSecrets.A` to be a text, set with pulumi config set --secret --path, found a number.",
        ],
        [
            { restartPolicy: "sometimes" },
            '`restartPolicy` to be never, on-failure, on-unhealthy or always, found "sometimes".',
        ],
        [{ imagePullPolicy: "always" }, '`imagePullPolicy` to be on-create or never, found "always".'],
        [{ startupOrder: -1 }, "`startupOrder` to be a whole number from 0 to 4294967295, found -1."],
        [{ memoryLimitMb: 5 }, "`memoryLimitMb` to be a whole number of MiB from 6, found 5."],
        [{ cpuLimit: 0 }, "`cpuLimit` to be a number of cores such as 1.5, found 0."],
        [{ moduleTwin: [] }, "`moduleTwin` to be properties such as {threshold: 0.8}, found a list."],
        [{ logMaxSize: "10 MB" }, '`logMaxSize` to be a size such as 10m, 500k or 1g, found "10 MB".'],
        [{ logMaxFiles: 0 }, "`logMaxFiles` to be a whole number from 1 to 100, found 0."],
        [
            { hostStorage: "storage" },
            '`hostStorage` to be a folder of the device such as /var/lib/edge-storage, found "storage".',
        ],
        [
            { routes: [] },
            "`routes` to be names and routes such as {upstream: FROM /messages/* INTO $upstream}, found a list.",
        ],
        [
            { routes: { r: 1 } },
            "`routes.r` to be FROM source [WHERE condition] INTO sink, or {route, priority from 0 to 9, timeToLiveSecs}, found 1.",
        ],
        [
            { routes: { r: { priority: 1 } } },
            "`routes.r.route` to be FROM source [WHERE condition] INTO sink, found none.",
        ],
        [
            { routes: { r: { route: "FROM", priority: 10 } } },
            "`routes.r.priority` to be a whole number from 0 to 9, found 10.",
        ],
        [
            { routes: { r: { route: "FROM", timeToLiveSecs: -1 } } },
            "`routes.r.timeToLiveSecs` to be a whole number from 0 to 4294967295, found -1.",
        ],
        [
            { timeToLiveSecs: -1 },
            "`timeToLiveSecs` to be a whole number of seconds from 0 to 2147483647, found -1.",
        ],
        [
            { upstreamProtocol: "Http" },
            '`upstreamProtocol` to be Amqp, AmqpWs, Mqtt or MqttWs, found "Http".',
        ],
        [
            { proxy: "proxy:3128" },
            "`proxy` to be a proxy's URL such as http://proxy.example:3128, found a string.",
        ],
        [{ gateway: "on" }, '`gateway` to be true or false, found "on".'],
        [
            { extraModules: [] },
            "`extraModules` to be names and modules such as {metrics: {image: …}}, found a list.",
        ],
        [{ extraModules: { m: 1 } }, "`extraModules.m` to be an object with an image, found 1."],
        [
            { extraModules: { m: { image: "a", ports: 1 } } },
            '`extraModules.m` to be an object without other keys than image, version, status, restartPolicy, imagePullPolicy, startupOrder, env, createOptions and desired, found "ports".',
        ],
        [
            { extraModules: { m: {} } },
            "`extraModules.m.image` to be an image such as mcr.microsoft.com/azureiotedge-metrics-collector:1.3.1, found none.",
        ],
        [
            { extraModules: { m: { image: "a", createOptions: "{}" } } },
            '`extraModules.m.createOptions` to be an object as Docker\'s Engine API takes it, not JSON in a text, found "{}".',
        ],
        [
            { extraModules: { m: { image: "a", status: "on" } } },
            '`extraModules.m.status` to be running or stopped, found "on".',
        ],
        [
            { extraRegistries: [] },
            "`extraRegistries` to be names and registries such as {shared: {address, username, password}}, found a list.",
        ],
        [
            { extraRegistries: { r: { address: "https://a", username: "u", password: "p" } } },
            '`extraRegistries.r.address` to be a host such as example.azurecr.io, found "https://a".',
        ],
        [
            { extraRegistries: { r: { address: "a", username: " ", password: "" } } },
            '`extraRegistries.r.username` to be a user name, found " ".\nExpected config `extraRegistries.r.password` to be a text, set with pulumi config set --secret --path, found a string.',
        ],
        [
            { extraRegistries: { r: 1 } },
            "`extraRegistries.r` to be an object with address, username and password and no other keys, found a number.",
        ],
    ])("refuse %j", (config, sentence) => {
        expect(() => settingsOf(config)).toThrow(new Error(`Expected config ${sentence}`));
    });

    test.each([
        [{ moduleEnv: { "A B": "x" } }, "moduleEnv", "a name of letters, digits, underscores and dashes"],
        [{ moduleTwin: { "a.b": 1 } }, "moduleTwin", "a name without dots, $, # and spaces"],
        [{ routes: { "a.b": "FROM" } }, "routes", "a name without dots, $, # and spaces"],
        [
            { extraModules: { edgeHub: { image: "a" } } },
            "extraModules",
            "a name of letters, digits, dashes and underscores that is not ImageClassifier, edgeAgent or edgeHub",
        ],
        [
            { extraRegistries: { registry: { address: "a", username: "u", password: "p" } } },
            "extraRegistries",
            "a name without dots, $, # and spaces that is not registry",
        ],
    ])("refuse the name in %j", (config, setting, expected) => {
        const [name] = Object.keys(Object.values(config)[0] ?? {});
        expect(() => settingsOf(config)).toThrow(
            new Error(`Expected each key of config \`${setting}\` to be ${expected}, found "${name}".`),
        );
    });

    test("have a JSON schema for editors", () => {
        for (const schema of Object.values({ ...manifestSettings.shape, ...secretManifestSettings.shape }))
            expect(z.toJSONSchema(schema)).toHaveProperty("$schema");
    });
});
