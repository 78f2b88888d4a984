import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { projectFolder } from "../../support/localAzure";
import { startProvider, type TestPlugin, urnOf } from "../../support/plugin";
import { withoutAccounts } from "./azure/signIn";
import { type EngineLog, startEngineLog } from "./engineLog";
import { secretPaths } from "./secretMarks";

const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const connectionString = "HostName=h;SharedAccessKeyName=p;SharedAccessKey=c2VjcmV0";
const names = [
    "Deployment",
    "DeploymentCheck",
    "Device",
    "Enrollment",
    "EnrollmentGroup",
    "RegistryTokenPassword",
];

let engine: EngineLog;
let provider: TestPlugin;
beforeAll(async () => {
    engine = await startEngineLog();
    provider = await startProvider(withoutAccounts({}));
    await provider.configure({});
});
afterAll(async () => {
    await provider?.stop();
    engine?.close();
});

interface Described {
    readonly description?: string;
    readonly properties?: Record<string, Described>;
    readonly inputProperties?: Record<string, Described>;
}

describe("the schema of the provider", () => {
    test("is JSON with every resource, and each of its properties has a description", async () => {
        const {
            resources,
            types,
            provider: itself,
        } = JSON.parse(await provider.schema()) as {
            resources: Record<string, Described>;
            types: Record<string, Described>;
            provider: Described;
        };
        expect(Object.keys(resources).sort()).toEqual(names.map((name) => `iotedge:index:${name}`));
        const all = [...Object.entries(resources), ...Object.entries(types), ["provider", itself] as const];
        const silent = all.flatMap(([name, { description, properties, inputProperties }]) => [
            ...(description ? [] : [name]),
            ...Object.entries({ ...properties, ...inputProperties })
                .filter(([, property]) => !property.description)
                .map(([property]) => `${name}.${property}`),
        ]);
        expect(silent).toEqual([]);
    });

    test("says what is required, secret, by default, and what another value replaces", async () => {
        const { resources } = JSON.parse(await provider.schema());
        expect(resources["iotedge:index:Device"]).toMatchObject({
            requiredInputs: ["deviceId"],
            inputProperties: {
                hubId: { type: "string", willReplaceOnChanges: true },
                deviceId: { type: "string", replaceOnChanges: true },
                edge: { type: "boolean", default: true },
                symmetricKey: { $ref: "#/types/iotedge:index:SymmetricKey", secret: true },
                thumbprints: { type: "array", items: { type: "string" } },
            },
            properties: { connectionString: { type: "string", secret: true } },
        });
    });
});

describe("the configuration of the provider", () => {
    test("is taken where it is right, with its secrets marked", async () => {
        const { inputs, failures } = await provider.checkConfig({
            hubAuth: "entra",
            hubConnectionString: connectionString,
            provisioningServiceConnectionString: connectionString,
            clientSecret: "s",
            useOidc: true,
            version: "0.1.0",
        });
        expect(failures).toEqual([]);
        expect(secretPaths(inputs)).toEqual([
            "clientSecret",
            "hubConnectionString",
            "provisioningServiceConnectionString",
        ]);
    });

    test("may be known later", async () => {
        const later = { hubAuth: unknown, hubConnectionString: unknown, clientId: unknown };
        expect(await provider.checkConfig(later)).toEqual({ inputs: later, failures: [], refused: {} });
    });

    test("is refused where it is wrong, at its property and without its secret", async () => {
        const { refused } = await provider.checkConfig({
            hubAuth: "sas",
            hubConnectionString: "HostName=h;SharedAccessKey=hunter2",
            hubKey: "k",
        });
        expect(refused).toEqual({
            hubAuth: 'Expected hubAuth to be key or entra, found "sas".',
            hubConnectionString:
                "Expected hubConnectionString to be of the form HostName=…;SharedAccessKeyName=…;SharedAccessKey=…, " +
                "found the parts HostName, SharedAccessKey. " +
                "Copy it from the portal: Shared access policies, a policy, Primary connection string.",
            hubKey: expect.stringMatching(
                /^Expected hubKey to be one of hubAuth, hubPolicyName, hubConnectionString, /,
            ),
        });
    });

    test("that is wrong in the environment is said when it is needed, without its secret", async () => {
        const wrong = await startProvider(
            withoutAccounts({ IOTHUB_CONNECTION_STRING: "HostName=h;SharedAccessKey=very-secret" }),
        );
        await wrong.configure({});
        const urn = urnOf("iotedge:index:Device", "d");
        const made = wrong.create(urn, { hubHostName: "h", deviceId: "d", edge: true, status: "enabled" });
        const message = await made.catch((error: Error) => error.message);
        expect(message).toContain("Expected hubConnectionString to be of the form HostName=…");
        expect(message).not.toContain("very-secret");
        await wrong.stop();
    });
});

describe("the provider", () => {
    test("refuses a type that it does not have, with those that it has", async () => {
        const types = ["Device", "Deployment", "DeploymentCheck", "Enrollment", "EnrollmentGroup"]
            .map((name) => `iotedge:index:${name}`)
            .join(", ");
        await expect(provider.check(urnOf("iotedge:index:Hub", "h"), {})).rejects.toThrow(
            `Expected one of the types ${types}, iotedge:index:RegistryTokenPassword, found iotedge:index:Hub.`,
        );
        await expect(provider.invoke("iotedge:index:getHub", {})).rejects.toThrow(
            "Expected no function of the iotedge provider, found iotedge:index:getHub.",
        );
    });

    test("tells its lines to an engine that attaches to it", async () => {
        await provider.attach(engine.address);
        const urn = urnOf("iotedge:index:DeploymentCheck", "check");
        const inputs = {
            ...{ hubHostName: "localhost:1", deviceId: "d", moduleName: "m", image: "i" },
            ...{ timeoutSeconds: 1, whenOffline: "fail" },
        };
        // Nobody can be signed in here, so it fails; what it says before that counts.
        await expect(provider.create(urn, inputs)).rejects.toThrow();
        expect(await engine.line(0)).toEqual({ urn, message: "Waiting for d to run m, up to 1 s" });
    });

    test("ends when the engine that holds its standard input is gone", async () => {
        const orphan = await startProvider(withoutAccounts({}));
        orphan.process.stdin?.end();
        const [code] = await once(orphan.process, "exit");
        expect(code).toBe(1);
    });

    test("says in one sentence that its packages are not installed", async () => {
        const folder = realpathSync(mkdtempSync(join(tmpdir(), "provider-")));
        for (const room of ["infra/provider", "provider-protocol"])
            cpSync(join(projectFolder, room), join(folder, room), { recursive: true });
        const child = spawn(join(folder, "infra/provider/pulumi-resource-iotedge"), ["127.0.0.1:1"]);
        const [out, errors] = await Promise.all([
            text(child.stdout),
            text(child.stderr),
            once(child, "close"),
        ]);
        expect({ out, errors, code: child.exitCode }).toEqual({
            out: "",
            errors:
                `Expected the packages of ${folder} to be installed, found none. ` +
                "Run there: npm ci (or npm run setup, which a preview and an update need).\n",
            code: 1,
        });
        rmSync(folder, { recursive: true });
    });
});
