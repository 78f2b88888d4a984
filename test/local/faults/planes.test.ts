import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { type Certificates, localCertificates } from "../../../local/base/certificates";
import { openStore, type Store } from "../../../local/base/store";
import type { Fault } from "../../../local/faults/underFaults";
import { dpsPlane } from "../../../local/planes/dps/plane";
import { hubPlane } from "../../../local/planes/hub/plane";
import { passwordHash } from "../../../local/planes/registry/authorization";
import { pullBlob, pullManifest, pushImage } from "../../../local/planes/registry/client";
import { registryPlane } from "../../../local/planes/registry/plane";
import { servePlane } from "../../../local/planes/servePlane";
import { type ResourceWork, workOn } from "../../infra/provider/stackedResource";
import { freePort } from "../../support/freePort";
import { startProvider, type TestPlugin } from "../../support/plugin";
import { newKey } from "../planes/hub/testHub";
import { layerFile } from "../planes/registry/testRegistry";

// The registry's client rests between its attempts; here a fiftieth as long.
jest.mock("node:timers/promises", () => {
    const actual = jest.requireActual("node:timers/promises");
    return {
        ...actual,
        setTimeout: (ms: number, ...rest: unknown[]) => actual.setTimeout(ms / 50, ...rest),
    };
});

// Each data plane on a real socket, and what befalls its next calls.
let script: (Fault | undefined)[] = [];
let calls: string[] = [];
const next = (call: string) => {
    calls.push(call.replace(/\?.*/, ""));
    return script.shift();
};
const failing = (...faults: (Fault | undefined)[]) => {
    script = faults;
    calls = [];
};

/** How late slow answers come, in milliseconds. */
const late = 50;
const key = newKey();
let folder: string;
let store: Store;
let certificates: Certificates;
let servers: { close(): Promise<void> }[];
let provider: TestPlugin;
let devices: ResourceWork;
let enrollments: ResourceWork;
let hubHost: string;
let dpsHost: string;
let account: { server: string; username: string; password: string };

beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "faults-"));
    store = openStore(join(folder, "store"));
    certificates = await localCertificates(store);
    writeFileSync(join(folder, "ca.pem"), certificates.caPem);
    const policies = (rights: string) => [
        { keyName: "deployer", rights, primaryKey: key, secondaryKey: key },
    ];
    const hubPort = await freePort();
    hubHost = `localhost:${hubPort}`;
    const hub = {
        id: "/hub",
        name: "hub",
        hostName: hubHost,
        policies: policies("RegistryRead, RegistryWrite, ServiceConnect"),
    };
    const dpsPort = await freePort();
    dpsHost = `localhost:${dpsPort}`;
    const dps = {
        name: "dps",
        hostName: dpsHost,
        idScope: "0ne00000001",
        policies: policies("EnrollmentRead, EnrollmentWrite"),
        hubs: [{ hostName: hubHost, keyName: "deployer", key }],
    };
    const registryPort = await freePort();
    account = { server: `localhost:${registryPort}`, username: "robot", password: "a-password" };
    const registry = {
        name: "registry",
        hostName: account.server,
        users: () => [{ name: "robot", passwordHashes: [passwordHash("a-password")] }],
    };
    const host = { store, folder, certificates };
    servers = [
        await servePlane(hubPlane(), hub, host, next, late),
        await servePlane(dpsPlane(), dps, host, next, late),
        await servePlane(registryPlane, registry, host, next, late),
    ];
    provider = await startProvider({
        ...process.env,
        NODE_EXTRA_CA_CERTS: join(folder, "ca.pem"),
        IOTHUB_CONNECTION_STRING: connection(hubHost),
        DPS_CONNECTION_STRING: connection(dpsHost),
    });
    await provider.configure({});
    devices = workOn(() => provider, "Device");
    enrollments = workOn(() => provider, "EnrollmentGroup");
});
afterAll(async () => {
    await provider?.stop();
    for (const server of servers ?? []) await server.close();
    await store?.close();
    rmSync(folder, { recursive: true });
});
beforeEach(() => failing());

const connection = (host: string) => `HostName=${host};SharedAccessKeyName=deployer;SharedAccessKey=${key}`;
const device = (deviceId: string) => ({ hubHostName: hubHost, deviceId });
const enrollment = (groupId: string) => ({
    provisioningServiceHostName: dpsHost,
    groupId,
    hubHostName: hubHost,
});
const config = Buffer.from(JSON.stringify({ architecture: "amd64", os: "linux", config: {} }));

const kinds: Fault[] = ["throttled", "unavailable", "cut before", "cut after", "slow"];
/** Whether the client has to ask again. */
const repeats = (fault: Fault) => fault !== "slow";

describe.each(kinds)("where a call is %s", (fault) => {
    const id = fault.replace(" ", "-");

    test("a device is created once, changed and deleted", async () => {
        const inputs = device(id);
        failing(fault);
        const created = await devices.create(inputs);
        expect(calls.filter((one) => one === `PUT /devices/${id}`)).toHaveLength(repeats(fault) ? 2 : 1);
        // The hub's keys are those that the repeated creation tells.
        failing();
        expect(await devices.refresh(created)).toEqual(created);
        // The read, then the write, then the tags.
        failing(undefined, fault, undefined, undefined, fault);
        const changed = await devices.update(created, {
            ...inputs,
            ...{ status: "disabled", tags: { site: "greenhouse" } },
        });
        failing();
        expect(await devices.refresh(changed)).toEqual(changed);
        failing(fault);
        await devices.remove(changed);
        failing();
        expect(await devices.refresh(changed)).toBeUndefined();
    });

    test("an enrollment is written once, changed and deleted, and keeps its keys", async () => {
        const inputs = enrollment(id);
        failing(fault);
        const created = await enrollments.create(inputs);
        const { primaryKey } = created.state;
        expect(Buffer.from(primaryKey, "base64")).toHaveLength(64);
        // Keys, entry, and the write.
        failing(undefined, undefined, fault);
        const changed = await enrollments.update(created, { ...inputs, tags: { site: "greenhouse" } });
        expect(changed.state.primaryKey).toBe(primaryKey);
        failing(fault);
        await enrollments.remove(changed);
        failing();
        expect(await enrollments.refresh(changed)).toBeUndefined();
    });

    test("an image is pushed and pulled whole, whichever call of it fails", async () => {
        // Too much to lie in the buffers of a connection.
        const layer = layerFile(folder, id.repeat(200_000));
        failing();
        await pushImage(account, `plain/${id}`, "v1", { config, layers: [layer] });
        for (const [at] of [...calls].entries()) {
            failing(...Array<undefined>(at).fill(undefined), fault);
            const repository = `app-${id}-${at}`;
            const digest = await pushImage(account, repository, "v1", { config, layers: [layer] });
            failing(fault, undefined, fault);
            const { manifest } = await pullManifest(account, repository, "v1");
            const content = await buffer(await pullBlob(account, repository, layer.digest));
            expect({ digest, length: content.length }).toEqual({
                digest: (await pullManifest(account, repository, digest)).digest,
                length: layer.size,
            });
            expect(manifest.layers).toHaveLength(1);
        }
    });
});

test("a client gives up on a registry that stays unwell, with its words", async () => {
    failing(...Array<Fault>(20).fill("throttled"));
    await expect(pullManifest(account, "app", "v1")).rejects.toThrow(
        /refused GET app\/manifests\/v1 with 429: .*TOOMANYREQUESTS/,
    );
    expect(calls).toHaveLength(7);
});

/** Asks without retries. */
function ask(host: string, path: string) {
    return new Promise<{ status?: number; headers: object; body: object }>((resolve, reject) => {
        request(`https://${host}${path}`, { ca: certificates.caPem, agent: false }, async (response) =>
            resolve({
                status: response.statusCode,
                headers: response.headers,
                body: JSON.parse((await buffer(response)).toString()),
            }),
        )
            .on("error", reject)
            .end();
    });
}

describe("a service that is too busy, or down, says so in its own form", () => {
    test.each([
        [
            "throttled" as const,
            429,
            "ThrottlingBacklogTimeout",
            /^ErrorCode:ThrottlingBacklogTimeout;.*Wait 10 s/,
        ],
        ["unavailable" as const, 503, "ServiceUnavailable", /^ErrorCode:ServiceUnavailable;/],
    ])("the hub, %s", async (fault, status, code, message) => {
        failing(fault);
        const answered = await ask(hubHost, "/devices/d?api-version=2021-04-12");
        expect(answered).toMatchObject({
            status,
            headers: { "iothub-errorcode": code },
            body: { Message: expect.stringMatching(message), ExceptionMessage: expect.any(String) },
        });
        expect(answered.headers).not.toHaveProperty("retry-after");
    });

    test.each([
        ["throttled" as const, 429, 429001],
        ["unavailable" as const, 503, 503001],
    ])("the provisioning service, %s", async (fault, status, errorCode) => {
        failing(fault);
        const answered = await ask(dpsHost, "/enrollments/e?api-version=2021-10-01");
        expect(answered).toMatchObject({ status, body: { errorCode, message: expect.any(String) } });
        expect(answered.headers).not.toHaveProperty("retry-after");
    });

    test.each([
        ["throttled" as const, 429, "TOOMANYREQUESTS"],
        ["unavailable" as const, 503, "UNAVAILABLE"],
    ])("the registry, %s", async (fault, status, code) => {
        failing(fault);
        const response = await fetch(`http://${account.server}/v2/`, { headers: { Connection: "close" } });
        expect(response.status).toBe(status);
        expect(response.headers.get("retry-after")).toBeNull();
        expect(await response.json()).toMatchObject({ errors: [{ code }] });
    });
});
