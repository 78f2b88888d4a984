import { readFileSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { callManagement } from "../../../local/arm/managementCall";
import { localCertificates } from "../../../local/base/certificates";
import { openStore } from "../../../local/base/store";
import { readEndpoints } from "../../../local/endpoints";
import { callHubPackageIn } from "../../support/hubPackage";
import { startTestAzure, type TestAzure } from "../../support/localAzure";

const group = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/group";
const hubPath = `${group}/providers/Microsoft.Devices/IotHubs/hub-entra`;
const owner = "Created by Pulumi: edge-classifier/test";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let azure: TestAzure;
let hostName: string;
/** A server of the test's own, which plays a hub or an ARM that answers by a script. */
let scripted: Server;
let script: Answer[];
let asked: string[];
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
    azure = await startTestAzure();
    await callManagement(azure.stack.azure, "PUT", group, { location: "westeurope" });
    hostName = await makeHub({ disableLocalAuth: true });

    const store = openStore(join(azure.stack.folder, "scripted"));
    const { caPem, certPem, keyPem } = await localCertificates(store);
    await store.close();
    const bundle = join(azure.stack.folder, "both.pem");
    writeFileSync(bundle, `${caPem}\n${readFileSync(readEndpoints(azure.stack.azure).caFile, "utf8")}`);
    env = { ...azure.environment, NODE_EXTRA_CA_CERTS: bundle };
    scripted = createServer({ cert: certPem, key: keyPem }, (request, response) => {
        asked.push(`${request.method} ${request.url?.replace(/\?.*/, "")}`);
        const answer = script.shift() ?? json(500, {});
        answer(request, response);
    });
    await new Promise<void>((resolve) => scripted.listen(0, "127.0.0.1", resolve));
});
beforeEach(() => {
    script = [];
    asked = [];
});
afterAll(async () => {
    scripted?.close();
    await azure?.remove();
    rmSync(azure.stack.folder, { recursive: true, force: true });
});

async function makeHub(properties: object): Promise<string> {
    const hub = await callManagement<{ properties: { hostName: string } }>(
        azure.stack.azure,
        "PUT",
        hubPath,
        { location: "westeurope", sku: { name: "S1", capacity: 1 }, properties },
    );
    return hub.properties.hostName;
}

const scriptedHost = () => `localhost:${(scripted.address() as AddressInfo).port}`;

function json(status: number, body: object, headers: Record<string, string> = {}): Answer {
    return (_, response) => {
        response.writeHead(status, { "Content-Type": "application/json", ...headers });
        response.end(JSON.stringify(body));
    };
}

describe("the hub's data plane under Entra", () => {
    test("carries out what it is asked as whoever deploys, where no key opens the hub", async () => {
        const inputs = { hubConnectionString: `HostName=${hostName}`, deviceId: "signed-in", owner };
        const made = await callHubPackageIn(env, "edgeDevice", "create", inputs);
        expect(made).toMatchObject({
            value: { id: "signed-in", outs: { connectionString: expect.stringContaining(hostName) } },
        });
        const { value: key } = (await callHubPackageIn(env, "edgeDevice", "read", "signed-in", {
            ...inputs,
        })) as { value: { id: string } };
        expect(key.id).toBe("signed-in");
    });

    test("has no other way in while local authentication is off", async () => {
        const { value } = await callManagement<{ value: { keyName: string; primaryKey: string }[] }>(
            azure.stack.azure,
            "POST",
            `${hubPath}/listkeys`,
        );
        const [policy] = value;
        const hubConnectionString = `HostName=${hostName};SharedAccessKeyName=${policy?.keyName};SharedAccessKey=${policy?.primaryKey}`;
        const { error } = await callHubPackageIn(env, "edgeDevice", "create", {
            hubConnectionString,
            deviceId: "with-a-key",
            owner,
        });
        expect(error).toMatch(/found 401 IotHubUnauthorizedAccess/);
        expect(error).not.toContain(policy?.primaryKey);
        await makeHub({});
        expect(
            await callHubPackageIn(env, "edgeDevice", "create", {
                hubConnectionString,
                deviceId: "with-a-key",
                owner,
            }),
        ).toMatchObject({ value: { id: "with-a-key" } });
    });

    const identity = { deviceId: "d", etag: "e", capabilities: { iotEdge: true } };

    /** Asks the scripted hub with patience for one fresh role, of a few milliseconds. */
    async function askScripted(waits: number[]) {
        const source = `
            const { hubClient } = require("edge-classifier-hub/hubClient");
            module.exports = { ask: (host, waits) => hubClient("HostName=" + host, waits)({ method: "GET", path: "/devices/d" }) };`;
        const file = join(azure.stack.project, "infra/hub/dist", `.${process.pid}-ask.js`);
        writeFileSync(file, source);
        try {
            return await callHubPackageIn(env, `.${process.pid}-ask`, "ask", scriptedHost(), waits);
        } finally {
            rmSync(file);
        }
    }

    test("waits a while for a role that was assigned a moment ago", async () => {
        script = [json(401, {}), json(403, {}), json(200, identity)];
        expect(await askScripted([10, 10])).toEqual({ value: identity });
        expect(asked).toHaveLength(3);
    });

    test("says in the end which role is missing", async () => {
        script = [json(401, {}), json(401, {})];
        const { error } = await askScripted([10]);
        expect(error).toMatch(/found 401 .* Give whoever deploys the role "IoT Hub Data Contributor"/);
        expect(asked).toHaveLength(2);
    });
});

describe("a call to ARM", () => {
    const tokenId = `${group}/providers/Microsoft.ContainerRegistry/registries/r/tokens/t`;
    const generated = { username: "t", passwords: [{ name: "password1", value: "a-password" }] };
    const metadata: Answer = (request, response) => {
        const { managementUrl } = readEndpoints(azure.stack.azure);
        json(200, {
            resourceManager: `https://${scriptedHost()}/`,
            authentication: { loginEndpoint: `${managementUrl}/`, audiences: [`${managementUrl}/`] },
        })(request, response);
    };

    async function generate(answers: Answer[]) {
        script = [metadata, ...answers];
        const there = { ...env, ARM_METADATA_HOSTNAME: scriptedHost() };
        const called = await callHubPackageIn(there, "registryTokenPassword", "create", {
            tokenId,
            rotation: 1,
        });
        return { ...called, asked: asked.slice(1) };
    }

    const path = tokenId.replace("/tokens/t", "/generateCredentials");
    const accepted = (location: string) => json(202, {}, { location, "retry-after": "0" });

    test("that ARM carries out in the background is followed to its end", async () => {
        const where = `https://${scriptedHost()}/operations/1?api-version=1`;
        const done = await generate([accepted(where), accepted(where), json(200, generated)]);
        expect(done).toMatchObject({ value: { outs: { password: "a-password" } } });
        expect(done.asked).toEqual([`POST ${path}`, "GET /operations/1", "GET /operations/1"]);
    });

    test("is followed nowhere else, since the token goes along", async () => {
        const { error, asked: places } = await generate([accepted("https://elsewhere.example/operations/1")]);
        expect(error).toMatch(
            /^Expected ARM to name where its operation is followed, at https:\/\/localhost/,
        );
        expect(places).toHaveLength(1);
    });

    test("is repeated while ARM is in trouble, and not when it refuses", async () => {
        const busy = json(429, {}, { "retry-after": "0" });
        const conflict = json(409, {}, { "retry-after": "0" });
        expect(await generate([busy, conflict, json(200, generated)])).toMatchObject({
            value: { outs: { password: "a-password" } },
        });
        asked = [];
        const forbidden = { error: { code: "AuthorizationFailed", message: "The client has no right." } };
        const refused = await generate([json(403, forbidden)]);
        expect(refused.error).toBe(
            `Expected Azure to carry out POST ${path}, found 403 AuthorizationFailed: The client has no right.`,
        );
        expect(refused.asked).toHaveLength(1);
    });

    test("names what leads to a cloud that does not describe itself", async () => {
        script = [json(200, { resourceManager: "https://x" })];
        const there = { ...env, ARM_METADATA_HOSTNAME: scriptedHost() };
        const inputs = { tokenId, rotation: 1 };
        const { error } = await callHubPackageIn(there, "registryTokenPassword", "create", inputs);
        expect(error).toMatch(/found at least one missing. Check ARM_METADATA_HOSTNAME.$/);
    });
});
