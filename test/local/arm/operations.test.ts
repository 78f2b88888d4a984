import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Change } from "../../../local/arm/longRunning";
import { operationsOn } from "../../../local/arm/operations";
import { type ArmService, armService } from "../../../local/arm/service";
import { localCertificates } from "../../../local/base/certificates";
import { httpListener } from "../../../local/base/http/httpListener";
import { localDirectory } from "../../../local/planes/entra/directory";
import { until } from "../../support/waiting";
import { groupId, startTestModel, type TestModel } from "./testModel";

/** What the clock of the operations shows; a change takes a minute by it where `takesLong`. */
let now = 0;
let takesLong = true;
const minute = 60_000;
const duration = (_change: Change, _type: string) => (takesLong ? minute : 0);
const clock = () => now;

let azure: TestModel;
let server: Server;
let service: ArmService;
let origin: string;

async function serve(): Promise<void> {
    const { keyPem } = await localCertificates(azure.store);
    service = armService({
        model: azure.model,
        operations: operationsOn(azure.store, azure.model, duration, clock),
        token: "ours",
        directory: localDirectory(keyPem, "https://localhost"),
        failsChange: () => false,
    });
    server = createServer(httpListener(service));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const shut = async () => {
    await new Promise((resolve) => server?.close(resolve));
    await service?.close();
};

beforeEach(async () => {
    now = 1_000_000;
    takesLong = true;
    azure = await startTestModel();
    await serve();
});
afterEach(async () => {
    await shut();
    await azure?.close();
});

async function ask(method: string, address: string, body?: unknown) {
    const headers = { Authorization: "Bearer ours", Connection: "close", "Content-Type": "application/json" };
    const url = address.startsWith("http") ? address : `${origin}${address}`;
    const response = await fetch(url, {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return {
        status: response.status,
        operation: response.headers.get("azure-asyncoperation") ?? "",
        location: response.headers.get("location") ?? "",
        retryAfter: response.headers.get("retry-after"),
        // biome-ignore lint/suspicious/noExplicitAny: answers are looked into at will.
        body: (text === "" ? undefined : JSON.parse(text)) as any,
    };
}
const codeOf = ({ status, body }: Awaited<ReturnType<typeof ask>>) => `${status} ${body?.error?.code}`;
const idOf = (below: string) => `${groupId}/providers/${below}`;
const stateOf = async (id: string) => (await ask("GET", id)).body?.properties?.provisioningState;

const hub = idOf("Microsoft.Devices/IotHubs/hub");
const hubBody = { location: "westeurope", sku: { name: "S1", capacity: 1 } };
const registry = idOf("Microsoft.ContainerRegistry/registries/registry1");
const registryBody = { location: "westeurope", sku: { name: "Basic" } };
const network = idOf("Microsoft.Network/virtualNetworks/vnet");
const networkBody = {
    location: "westeurope",
    properties: { addressSpace: { addressPrefixes: ["10.0.0.0/8"] } },
};
const subnetBody = { properties: { addressPrefix: "10.0.0.0/24" } };
const vault = idOf("Microsoft.KeyVault/vaults/vault1");
const vaultBody = {
    location: "westeurope",
    properties: { tenantId: "t", sku: { family: "A", name: "standard" }, accessPolicies: [] },
};
const identity = idOf("Microsoft.ManagedIdentity/userAssignedIdentities/identity");

describe("a hub", () => {
    test("is accepted, followed by its operation, and has its host name when that has ended", async () => {
        const put = await ask("PUT", hub, hubBody);
        expect(put).toMatchObject({ status: 201, location: "", retryAfter: null });
        expect(put.operation).toMatch(
            /\/providers\/Microsoft\.Devices\/locations\/westeurope\/operationStatuses\/[^/]+\?api-version=2023-06-30$/,
        );
        expect(put.body.properties).toMatchObject({ provisioningState: "Accepted", state: "Activating" });
        expect(put.body.properties).not.toHaveProperty("hostName");
        const meanwhile = (await ask("GET", hub)).body.properties;
        expect(meanwhile).toMatchObject({ provisioningState: "Activating", state: "Activating" });
        expect(meanwhile).not.toHaveProperty("hostName");
        expect((await ask("GET", put.operation)).body).toMatchObject({ status: "Running" });
        now += minute;
        expect((await ask("GET", put.operation)).body).toMatchObject({ status: "Succeeded" });
        expect((await ask("GET", hub)).body.properties).toMatchObject({
            provisioningState: "Succeeded",
            state: "Active",
            hostName: expect.stringMatching(/^localhost:/),
        });
    });

    test("takes no other change and tells no keys until then", async () => {
        await ask("PUT", hub, hubBody);
        expect(codeOf(await ask("PUT", hub, hubBody))).toBe("409 409002");
        expect(codeOf(await ask("POST", `${hub}/listkeys`))).toBe("409 409002");
        now += minute;
        expect((await ask("POST", `${hub}/listkeys`)).status).toBe(200);
        const update = await ask("PUT", hub, hubBody);
        expect(update).toMatchObject({
            status: 201,
            body: { properties: { hostName: expect.any(String), state: "Transitioning" } },
        });
        expect(codeOf(await ask("POST", `${hub}/listkeys`))).toBe("409 409002");
    });

    test("may be deleted while it is made, and is there until that has ended", async () => {
        const put = await ask("PUT", hub, hubBody);
        const gone = await ask("DELETE", hub);
        expect(gone.status).toBe(202);
        expect((await ask("DELETE", hub)).location).toBe(gone.location);
        expect(await stateOf(hub)).toBe("Deleting");
        expect(codeOf(await ask("PUT", hub, hubBody))).toBe("409 409002");
        expect(codeOf(await ask("GET", put.operation))).toBe("404 OperationNotFound");
        expect((await ask("GET", gone.location)).status).toBe(202);
        now += minute;
        expect((await ask("GET", gone.location)).status).toBe(204);
        expect((await ask("GET", gone.operation)).body.status).toBe("Succeeded");
        expect(codeOf(await ask("GET", hub))).toBe("404 ResourceNotFound");
        expect((await ask("DELETE", hub)).status).toBe(204);
    });
});

describe("a registry", () => {
    test("names its waits, and shows where to log in from the beginning", async () => {
        const put = await ask("PUT", registry, registryBody);
        expect(put).toMatchObject({
            status: 201,
            retryAfter: "15",
            body: { properties: { provisioningState: "Creating", loginServer: expect.any(String) } },
        });
        now += minute - 1000;
        expect(await ask("GET", put.operation)).toMatchObject({
            retryAfter: "1",
            body: { status: "Creating" },
        });
        expect(codeOf(await ask("PUT", registry, registryBody))).toBe("409 Conflict");
        now += minute;
        expect(await ask("PUT", registry, registryBody)).toMatchObject({ status: 200 });
    });

    test("answers a token's passwords where Location says, when they are made", async () => {
        takesLong = false;
        await ask("PUT", registry, registryBody);
        const actions = ["repositories/app/content/read"];
        const map = `${registry}/scopeMaps/map-1`;
        expect(await ask("PUT", map, { properties: { actions } })).toMatchObject({
            status: 201,
            operation: expect.stringContaining("/locations/westeurope/operationStatuses/"),
        });
        const token = `${registry}/tokens/token`;
        await ask("PUT", token, { properties: { scopeMapId: map } });
        takesLong = true;
        const made = await ask("POST", `${registry}/generateCredentials`, { tokenId: token });
        expect(made).toMatchObject({ status: 202, operation: "", body: undefined });
        expect((await ask("GET", made.location)).status).toBe(202);
        now += minute;
        expect(await ask("GET", made.location)).toMatchObject({
            status: 200,
            body: { username: "token", passwords: [{ name: "password1" }, { name: "password2" }] },
        });
    });
});

describe("a network", () => {
    test("is locked with its subnets while one of them is changed", async () => {
        await ask("PUT", network, networkBody);
        const one = `${network}/subnets/one`;
        expect(codeOf(await ask("PUT", one, subnetBody))).toBe("409 AnotherOperationInProgress");
        now += minute;
        const put = await ask("PUT", one, subnetBody);
        expect(put.operation).toMatch(/Microsoft\.Network\/locations\/westeurope\/operationStatuses/);
        expect((await ask("GET", put.operation)).body.status).toBe("InProgress");
        expect(codeOf(await ask("PUT", network, networkBody))).toBe("409 AnotherOperationInProgress");
        expect(codeOf(await ask("DELETE", one))).toBe("409 AnotherOperationInProgress");
    });

    test("that comes into use while it is deleted stays, and the operation says why", async () => {
        takesLong = false;
        await ask("PUT", network, networkBody);
        const subnet = `${network}/subnets/one`;
        await ask("PUT", subnet, subnetBody);
        takesLong = true;
        const gone = await ask("DELETE", subnet);
        takesLong = false;
        const configurations = [{ name: "ip", properties: { subnet: { id: subnet } } }];
        await ask("PUT", idOf("Microsoft.Network/networkInterfaces/nic"), {
            location: "westeurope",
            properties: { ipConfigurations: configurations },
        });
        now += minute;
        expect((await ask("GET", gone.operation)).body).toMatchObject({
            status: "Failed",
            error: { code: "InUseSubnetCannotBeDeleted" },
        });
        expect(codeOf(await ask("GET", gone.location))).toBe("409 InUseSubnetCannotBeDeleted");
        expect(await stateOf(subnet)).toBe("Succeeded");
        expect(codeOf(await ask("DELETE", subnet))).toBe("400 InUseSubnetCannotBeDeleted");
    });
});

test("a vault is followed by its own state, and deleted at once", async () => {
    expect(await ask("PUT", vault, vaultBody)).toMatchObject({
        status: 200,
        operation: "",
        location: "",
        body: { properties: { provisioningState: "RegisteringDns" } },
    });
    expect(await stateOf(vault)).toBe("RegisteringDns");
    now += minute;
    expect(await stateOf(vault)).toBe("Succeeded");
    expect(await ask("PUT", vault, vaultBody)).toMatchObject({
        body: { properties: { provisioningState: "Succeeded" } },
    });
    expect((await ask("DELETE", vault)).status).toBe(200);
});

test("an identity is made and deleted at once", async () => {
    const put = await ask("PUT", identity, { location: "westeurope" });
    expect(put).toMatchObject({ status: 201, operation: "", location: "" });
    expect((await ask("PUT", identity, { location: "westeurope" })).status).toBe(200);
    expect((await ask("DELETE", identity)).status).toBe(200);
    expect(codeOf(await ask("GET", identity))).toBe("404 ResourceNotFound");
});

test("a group goes with everything in it in the end, and takes nothing new until then", async () => {
    await ask("PUT", identity, { location: "westeurope" });
    const gone = await ask("DELETE", groupId);
    expect(gone).toMatchObject({ status: 202, operation: "" });
    expect(gone.location).toMatch(/^http:\/\/[^/]+\/subscriptions\/[0-]+\/operationResults\/[^/]+\?/);
    expect(codeOf(await ask("PUT", hub, hubBody))).toBe("409 ResourceGroupBeingDeleted");
    expect(codeOf(await ask("PUT", groupId, { location: "westeurope" }))).toBe(
        "409 ResourceGroupBeingDeleted",
    );
    expect((await ask("GET", identity)).status).toBe(200);
    now += minute;
    expect((await ask("GET", gone.location)).status).toBe(204);
    expect(codeOf(await ask("GET", identity))).toBe("404 ResourceGroupNotFound");
});

test("what takes no time has ended when it is asked for", async () => {
    takesLong = false;
    const put = await ask("PUT", registry, registryBody);
    expect(put).toMatchObject({ retryAfter: "0", body: { properties: { provisioningState: "Creating" } } });
    expect((await ask("GET", put.operation)).body.status).toBe("Succeeded");
    expect(await stateOf(registry)).toBe("Succeeded");
    const gone = await ask("DELETE", registry);
    expect(codeOf(await ask("GET", registry))).toBe("404 ResourceNotFound");
    expect((await ask("GET", gone.location)).status).toBe(204);
});

test("operations are known after a restart, and what was to go meanwhile has gone", async () => {
    const put = await ask("PUT", registry, registryBody);
    await ask("PUT", hub, hubBody);
    const gone = await ask("DELETE", hub);
    await shut();
    await serve();
    const again = (address: string) => address.replace(/^http:\/\/[^/]+/, origin);
    expect((await ask("GET", again(put.operation))).body.status).toBe("Creating");
    expect(await stateOf(registry)).toBe("Creating");
    await shut();
    now += minute;
    await serve();
    expect(codeOf(await ask("GET", hub))).toBe("404 ResourceNotFound");
    expect((await ask("GET", again(gone.operation))).body.status).toBe("Succeeded");
    expect((await ask("GET", again(put.operation))).body.status).toBe("Succeeded");
});

test("an operation that there is not, no more, or of another subscription, is not found", async () => {
    const put = await ask("PUT", registry, registryBody);
    expect(codeOf(await ask("GET", put.operation.replace(/operationStatuses\/./, "$&x")))).toBe(
        "404 OperationNotFound",
    );
    expect(codeOf(await ask("GET", put.operation.replace("/0", "/1")))).toBe("404 SubscriptionNotFound");
    now += 120 * minute;
    await ask("PUT", hub, hubBody);
    expect(codeOf(await ask("GET", put.operation))).toBe("404 OperationNotFound");
});

test("ARM that is closed looks for nothing more in a store that may be closed, too", async () => {
    let looks = 0;
    const { keyPem } = await localCertificates(azure.store);
    const closing = armService({
        model: azure.model,
        operations: {
            ...azure.operations,
            nextMs: () => {
                looks += 1;
                return 1;
            },
        },
        token: "ours",
        directory: localDirectory(keyPem, "https://localhost"),
        failsChange: () => false,
    });
    await until("a look", () => looks > 3);
    await closing.close();
    const before = looks;
    await sleep(30);
    expect(looks).toBe(before);
});
