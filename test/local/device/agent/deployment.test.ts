import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "../../../../local/base/mergePatch";
import { DeploymentError, readDeployment } from "../../../../local/device/agent/deployment";
import { chunkCreateOptions, readCreateOptions } from "../../../../local/device/modules/createOptions";
import { hostPort } from "../../../../local/device/modules/hostPorts";
import { parseImageReference } from "../../../../local/device/modules/imageReference";
import { refusalOf } from "../../../../local/device/modules/refusalOf";

const examples = join(__dirname, "../../../../../shared/data/iot-edge-schemas/examples");

function manifest(changes: JsonObject = {}): JsonObject {
    const settings = (name: string) => ({
        image: `mcr.microsoft.com/azureiotedge-${name}:1.6.8`,
        createOptions: "{}",
    });
    return {
        schemaVersion: "1.1",
        runtime: { type: "docker", settings: {} },
        systemModules: {
            edgeAgent: { type: "docker", settings: settings("agent") },
            edgeHub: {
                type: "docker",
                status: "running",
                restartPolicy: "always",
                settings: settings("hub"),
            },
        },
        modules: {},
        ...changes,
    };
}

const codeOf = (desired: JsonObject) => {
    try {
        readDeployment(desired, 5);
        return 200;
    } catch (error) {
        return error instanceof DeploymentError ? error.code : error;
    }
};

test("a module is read with the agent's defaults for what it leaves out", () => {
    const settings = { image: "r.io/c@sha256:ab", createOptions: '{"En', createOptions01: 'v":["A=1"]}' };
    const env = { A: { value: "a" }, B: { value: 1 }, C: { value: true } };
    const deployment = readDeployment(manifest({ modules: { m: { type: "docker", settings, env } } }), 5);
    expect(deployment.version).toBe(5);
    expect(deployment.modules).toEqual([
        {
            name: "m",
            image: "r.io/c@sha256:ab",
            createOptions: '{"Env":["A=1"]}',
            env: { A: "a", B: "1", C: "true" },
            status: "running",
            restartPolicy: "on-unhealthy",
            imagePullPolicy: "on-create",
            startupOrder: 4_294_967_295,
        },
    ]);
    expect(deployment.systemModules.edgeHub.image).toBe("mcr.microsoft.com/azureiotedge-hub:1.6.8");
});

test.each<[number, string, JsonObject]>([
    [200, "schema version 1.0", manifest({ schemaVersion: "1.0" })],
    [200, "schema version 1.1.0", manifest({ schemaVersion: "1.1.0" })],
    [412, "schema version 1.2", manifest({ schemaVersion: "1.2" })],
    [412, "schema version 2.0", manifest({ schemaVersion: "2.0" })],
    [412, "schema version 1x1", manifest({ schemaVersion: "1x1" })],
    [417, "no properties at all", {}],
    [400, "no schema version", manifest({ schemaVersion: 1 })],
    [200, "schema version 1.0.1", manifest({ schemaVersion: "1.0.1" })],
    [200, "schema version 1.1.0.0", manifest({ schemaVersion: "1.1.0.0" })],
    [
        412,
        "an order in schema version 1.0",
        manifest({
            schemaVersion: "1.0",
            modules: { m: { type: "docker", settings: { image: "c" }, startupOrder: 1 } },
        }),
    ],
    [412, "schema version 1.10", manifest({ schemaVersion: "1.10" })],
    [412, "schema version 21.1", manifest({ schemaVersion: "21.1" })],
    ...(
        [
            [400, { startupOrder: -1 }],
            [200, { startupOrder: 0 }],
            [200, { startupOrder: 4_294_967_295 }],
            [400, { startupOrder: 4_294_967_296 }],
            [400, { status: "paused" }],
            [400, { imagePullPolicy: "always" }],
            [200, { imagePullPolicy: "never", restartPolicy: "never", status: "stopped" }],
            [200, { imagePullPolicy: "Never", restartPolicy: "On-Failure", status: "Running" }],
            [400, { env: { A: { value: null } } }],
            [400, { env: { A: "a" } }],
        ] as [number, JsonObject][]
    ).map(([code, change]): [number, string, JsonObject] => [
        code,
        JSON.stringify(change),
        manifest({ modules: { m: { type: "docker", settings: { image: "c" }, ...change } } }),
    ]),
    [400, "no edgeHub", manifest({ systemModules: {} })],
    [400, "a module without an image", manifest({ modules: { m: { type: "docker", settings: {} } } })],
    [
        400,
        "a module named after a folder",
        manifest({ modules: { "..": { type: "docker", settings: { image: "c" } } } }),
    ],
    [
        400,
        "a restart policy of its own",
        manifest({
            modules: { m: { type: "docker", settings: { image: "c" }, restartPolicy: "sometimes" } },
        }),
    ],
    [
        400,
        "credentials without a password",
        manifest({
            runtime: {
                type: "docker",
                settings: { registryCredentials: { r: { address: "r.io", username: "u", password: " " } } },
            },
        }),
    ],
])("code %i for %s", (code, _name, desired) => {
    expect(codeOf(desired)).toBe(code);
});

test("the published examples of deployments for edgeAgent are read", () => {
    if (!existsSync(examples)) {
        console.warn(`The published examples are not read: ${examples} is missing.`);
        return;
    }
    const files = readdirSync(examples).filter((name) => /^azure-iot-edge-deployment-\d/.test(name));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
        const { modulesContent } = JSON.parse(readFileSync(join(examples, file), "utf8"));
        const desired = modulesContent?.$edgeAgent?.["properties.desired"];
        if (desired) expect([file, codeOf(desired)]).toEqual([file, 200]);
    }
});

test.each([
    ["r.azurecr.io/c:v1", "r.azurecr.io", "c", "v1"],
    ["r.azurecr.io/a/b@sha256:ab", "r.azurecr.io", "a/b", "sha256:ab"],
    ["localhost:8444/c@sha256:ab", "localhost:8444", "c", "sha256:ab"],
    ["localhost/c", "localhost", "c", "latest"],
    ["c", "docker.io", "c", "latest"],
    ["library/c:1", "docker.io", "library/c", "1"],
])("the image %s is pulled from %s as %s under %s", (name, server, repository, reference) => {
    expect(parseImageReference(name)).toEqual({ server, repository, reference });
});

test.each(["r.azurecr.io/c:v1@sha256:ab", "", "r.io/", "c:a:b"])(
    "the image '%s' is refused as edgeAgent does",
    (name) => {
        expect(() => parseImageReference(name)).toThrow(`Image ${name} is not in the right format`);
    },
);

test("createOptions of any length come through cutting and putting together", () => {
    for (const length of [0, 500, 512, 513, 1024, 5000]) {
        const text = JSON.stringify({ Labels: { text: "x".repeat(length) } });
        const chunks = chunkCreateOptions(text);
        expect(Math.max(...Object.values(chunks).map((chunk) => chunk.length))).toBeLessThanOrEqual(512);
        expect(readCreateOptions(chunks).text).toBe(text);
    }
    expect(Object.keys(chunkCreateOptions("x".repeat(1025)))).toEqual([
        "createOptions",
        "createOptions01",
        "createOptions02",
    ]);
});

test.each([
    [{ createOptions: "{", createOptions1: "}" }],
    [{ createOptions: "{", createOptions001: " ", CREATEOPTIONS002: "}" }],
    [{ createoptions: "{}".padEnd(4096) }],
])("createOptions %j are put together as in edgeAgent", (settings) => {
    expect(readCreateOptions(settings).options).toEqual({});
});

test.each([
    [{ createOptions: "{", createOptions01: " ", createOptions002: "}" }, /createOptions01 is missing/],
    [{ createOptions: "{", createOptions02: "}" }, /createOptions01 is missing/],
    [{ createOptions01: "{}" }, /createOptions is missing/],
    [{ createOptions: {} }, /createOptions is not a string/],
    [{ createOptions: "{" }, /createOptions is not JSON/],
    [{ createOptions: '{"HostConfig":{"PortBindings":{"80/tcp":[{"HostPort":80}]}}}' }, /HostPort/],
    [{ createOptions: '{"Cmd":"node"}' }, /Cmd/],
])("createOptions %j are refused", (settings, reason) => {
    expect(() => readCreateOptions(settings)).toThrow(reason);
});

test("blank createOptions are none", () => {
    for (const createOptions of ["", "null", " "])
        expect(readCreateOptions({ createOptions }).options).toEqual({});
    expect(readCreateOptions({ image: "c" }).options).toEqual({});
});

test("the first bound port is the one to listen on", () => {
    const bound = (PortBindings: Record<string, { HostPort?: string }[] | null>) =>
        hostPort({ HostConfig: { PortBindings } });
    expect(bound({ "80/tcp": [{ HostPort: "8080" }, { HostPort: "8081" }] })).toBe(8080);
    expect(bound({ "81/tcp": null, "80/tcp": [{ HostPort: "8080" }] })).toBe(8080);
    expect([bound({ "80/tcp": [{}] }), bound({ "80/tcp": [{ HostPort: "0" }] }), hostPort({})]).toEqual([
        undefined,
        undefined,
        undefined,
    ]);
});

test("options that reach beyond the module are refused, others are not", () => {
    expect(refusalOf({ HostConfig: { IpcMode: "container:other" } })).toMatch(/IpcMode is container:other/);
    expect(refusalOf({ HostConfig: { Mounts: [{}] } })).toMatch(/Mounts shares/);
    expect(
        refusalOf({ HostConfig: { NetworkMode: "bridge", Binds: [], Privileged: false, Memory: 1 } }),
    ).toBeUndefined();
});
