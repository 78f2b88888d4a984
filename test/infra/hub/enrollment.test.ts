import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { derivedKey } from "../../../infra/hub/src/derivedKey";
import type { EnrollmentInputs } from "../../../infra/hub/src/enrollment";
import { type Certificates, localCertificates } from "../../../local/base/certificates";
import { openStore, type Store } from "../../../local/base/store";
import { dpsPlane } from "../../../local/planes/dps/plane";
import { signSas } from "../../../local/planes/sas";
import { servePlane } from "../../../local/planes/servePlane";
import { freePort, inAnHour, newKey } from "../../local/planes/hub/testHub";
import { callHubPackage } from "../../support/hubPackage";

const key = newKey();
const reader = newKey();
const hub = "hub.azure-devices.net";

let folder: string;
let store: Store;
let certificates: Certificates;
let service: { close(): Promise<void> };
let hostName: string;
let dpsConnectionString: string;

beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "dps-"));
    store = openStore(join(folder, "store"));
    certificates = await localCertificates(store);
    writeFileSync(join(folder, "ca.pem"), certificates.caPem);
    const port = await freePort();
    const policy = (keyName: string, rights: string, primaryKey: string) => ({
        keyName,
        rights,
        primaryKey,
        secondaryKey: primaryKey,
    });
    const settings = {
        name: "dps",
        hostName: `localhost:${port}`,
        idScope: "0ne00000001",
        policies: [
            policy("edge-classifier", "EnrollmentRead, EnrollmentWrite", key),
            policy("reader", "EnrollmentRead", reader),
        ],
        hubs: [{ hostName: hub, keyName: "provisioning", key: newKey() }],
    };
    service = await servePlane(dpsPlane, settings, { store, folder, certificates });
    hostName = settings.hostName;
    dpsConnectionString = `HostName=${hostName};SharedAccessKeyName=edge-classifier;SharedAccessKey=${key}`;
});
afterAll(async () => {
    await service?.close();
    await store?.close();
    rmSync(folder, { recursive: true });
});

const call = (name: string, ...args: unknown[]) =>
    callHubPackage(join(folder, "ca.pem"), "enrollment", name, ...args);

const individual = (enrollmentId: string): EnrollmentInputs => ({
    dpsConnectionString,
    kind: "individual",
    enrollmentId,
    hubHostName: hub,
    symmetricKey: { primaryKey: newKey(), secondaryKey: newKey() },
});

const group = (enrollmentId: string): EnrollmentInputs => ({
    dpsConnectionString,
    kind: "group",
    enrollmentId,
    hubHostName: hub,
});

interface Answer {
    status: number;
    // biome-ignore lint/suspicious/noExplicitAny: answers are looked into at will
    body: any;
}

/** Asks the service as any client does. */
function ask(
    method: string,
    path: string,
    { body, policy = "edge-classifier", signedBy = key, ifMatch }: Partial<Record<string, unknown>> = {},
): Promise<Answer> {
    const Authorization = signSas({
        resource: hostName,
        key: String(signedBy),
        policy: String(policy),
        expiresAt: inAnHour(),
    });
    return new Promise((resolve, reject) => {
        const sent = request(
            `https://${hostName}${path}?api-version=2021-10-01`,
            {
                method,
                ca: certificates.caPem,
                agent: false,
                headers: { Authorization, ...(ifMatch ? { "If-Match": String(ifMatch) } : {}) },
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

test("a derived key is the one that the documentation's formula gives", () => {
    // echo -n sn-007-888-abc-mac-a1-b2-c3-d4-e5-f6 | openssl sha256 -mac HMAC -macopt hexkey:00…00 -binary | base64
    expect(derivedKey(Buffer.alloc(32).toString("base64"), "SN-007-888-abc-mac-a1-b2-c3-d4-e5-f6")).toBe(
        "yS9Q441ZPmAKTtPqwjvdJupHYOD8FKS9kxIlkjZx+P8=",
    );
});

describe("an individual enrollment", () => {
    test("has the device's own keys, its hub and its capabilities, and shows no key", async () => {
        const inputs = { ...individual("one"), tags: { site: "greenhouse" } };
        const { value } = (await call("create", inputs)) as { value: { id: string; outs: object } };
        expect(value).toMatchObject({ id: "one", outs: inputs.symmetricKey });
        const { body } = await ask("GET", "/enrollments/ONE");
        expect(body).toMatchObject({
            registrationId: "one",
            deviceId: "one",
            iotHubs: [hub],
            capabilities: { iotEdge: true },
            initialTwin: { tags: { site: "greenhouse" } },
        });
        expect(JSON.stringify(body)).not.toContain(inputs.symmetricKey?.primaryKey);
    });

    test("is written over when an interrupted creation is repeated, and changed by an update", async () => {
        await call("create", individual("again"));
        const repeated = individual("again");
        expect(await call("create", repeated)).toMatchObject({ value: { outs: repeated.symmetricKey } });
        const news = { ...repeated, tags: { site: "field" } };
        await call("update", "again", repeated, news);
        expect((await ask("GET", "/enrollments/again")).body.initialTwin.tags).toEqual({ site: "field" });
        const { body } = await ask("POST", "/enrollments/again/attestationmechanism");
        expect(body.symmetricKey).toEqual(repeated.symmetricKey);
    });

    test("that was deleted elsewhere is seen, and deleting it again is no error", async () => {
        const inputs = individual("gone");
        const { value } = (await call("create", inputs)) as { value: { outs: object } };
        expect(await call("read", "gone", value.outs)).toMatchObject({ value: { id: "gone", inputs } });
        await ask("DELETE", "/enrollments/gone", { ifMatch: "*" });
        expect(await call("read", "gone", value.outs)).toEqual({ value: { id: "", props: {} } });
        expect(await call("remove", "gone", value.outs)).toEqual({});
    });
});

describe("what somebody else has changed shows after a refresh, and an update mends it:", () => {
    const others = { primaryKey: newKey(), secondaryKey: newKey() };
    test.each<[string, (body: Answer["body"]) => object, object]>([
        [
            "a disabled entry",
            () => ({ provisioningStatus: "disabled" }),
            { changedOutside: ["provisioningStatus"] },
        ],
        [
            "a device without IoT Edge",
            () => ({ capabilities: { iotEdge: false } }),
            { changedOutside: ["capabilities"] },
        ],
        ["another device", () => ({ deviceId: "another" }), { changedOutside: ["deviceId"] }],
        ["tags", () => ({ initialTwin: { tags: { by: "others" } } }), { tags: { by: "others" } }],
        [
            "keys",
            () => ({ attestation: { type: "symmetricKey", symmetricKey: others } }),
            { symmetricKey: others },
        ],
    ])("%s", async (what, change, found) => {
        const id = what.replaceAll(" ", "-").toLowerCase();
        const inputs = individual(id);
        const { value } = (await call("create", inputs)) as { value: { outs: object } };
        const path = `/enrollments/${id}`;
        const { body } = await ask("GET", path);
        const attestation = { type: "symmetricKey", symmetricKey: inputs.symmetricKey };
        await ask("PUT", path, { body: { ...body, attestation, ...change(body) }, ifMatch: body.etag });
        const refreshed = (await call("read", id, value.outs)) as {
            value: { inputs: object; props: object };
        };
        expect(refreshed.value.inputs).toEqual({ ...inputs, ...found });
        expect(await call("diff", id, refreshed.value.props, inputs)).toMatchObject({
            value: { changes: true },
        });
        await call("update", id, refreshed.value.props, inputs);
        expect(await call("read", id, value.outs)).toMatchObject({ value: { inputs } });
    });
});

describe("a group", () => {
    test("gets keys from the service, which an update keeps", async () => {
        const { value } = (await call("create", group("fleet"))) as {
            value: { outs: { primaryKey: string; secondaryKey: string } };
        };
        expect(Buffer.from(value.outs.primaryKey, "base64")).toHaveLength(64);
        const { body } = await ask("GET", "/enrollmentGroups/fleet");
        expect(body).toMatchObject({ enrollmentGroupId: "fleet", attestation: { type: "symmetricKey" } });
        const { primaryKey, secondaryKey } = value.outs;
        const news = { ...group("fleet"), tags: { site: "field" } };
        expect(await call("update", "fleet", value.outs, news)).toMatchObject({
            value: { outs: { primaryKey, secondaryKey } },
        });
    });
});

test("another name, kind or service is another enrollment, and the same inputs are no change", async () => {
    const olds = group("fleet");
    const replaced = async (news: object) => {
        const { value } = (await call("diff", "fleet", olds, { ...olds, ...news })) as {
            value: { changes: boolean; replaces: string[] };
        };
        return [value.changes, ...value.replaces];
    };
    expect(await replaced({})).toEqual([false]);
    expect(await replaced({ tags: { a: 1 } })).toEqual([true]);
    expect(await replaced({ enrollmentId: "other" })).toEqual([true, "enrollmentId"]);
    expect(await replaced({ kind: "individual" })).toEqual([true, "kind"]);
    const elsewhere = dpsConnectionString.replace(hostName, "dps.azure-devices-provisioning.net");
    expect(await replaced({ dpsConnectionString: elsewhere })).toEqual([true, "dpsConnectionString"]);
});

describe("the service refuses", () => {
    const body = {
        registrationId: "refused",
        attestation: { type: "symmetricKey", symmetricKey: { primaryKey: newKey(), secondaryKey: newKey() } },
    };
    test.each<[string, () => Promise<Answer>, number, number]>([
        ["a wrong key", () => ask("GET", "/enrollments/one", { signedBy: newKey() }), 401, 401002],
        [
            "writing with a right to read",
            () => ask("PUT", "/enrollments/refused", { body, policy: "reader", signedBy: reader }),
            401,
            401002,
        ],
        ["what it does not have", () => ask("GET", "/enrollments/nobody"), 404, 404201],
        [
            "a hub that is not linked",
            () => ask("PUT", "/enrollments/refused", { body: { ...body, iotHubs: ["x"] } }),
            400,
            400004,
        ],
        [
            "an unknown member",
            () => ask("PUT", "/enrollments/refused", { body: { ...body, hub } }),
            400,
            400004,
        ],
        [
            "a key that is no base64",
            () =>
                ask("PUT", "/enrollments/refused", {
                    body: {
                        ...body,
                        attestation: {
                            type: "symmetricKey",
                            symmetricKey: { primaryKey: "a", secondaryKey: "b" },
                        },
                    },
                }),
            400,
            400004,
        ],
        ["an address that cannot be decoded", () => ask("GET", "/enrollments/%zz"), 400, 400004],
        ["the name of another", () => ask("PUT", "/enrollments/other", { body }), 400, 400004],
    ])("%s", async (_, asking, status, errorCode) => {
        expect(await asking()).toMatchObject({ status, body: { errorCode } });
    });

    test("to write over an entry without its ETag, or with an old one", async () => {
        await ask("PUT", "/enrollments/refused", { body });
        expect(await ask("PUT", "/enrollments/refused", { body })).toMatchObject({
            status: 409,
            body: { errorCode: 409201, message: "Enrollment already exists" },
        });
        const { etag } = (await ask("GET", "/enrollments/refused")).body;
        expect((await ask("PUT", "/enrollments/refused", { body, ifMatch: etag })).status).toBe(200);
        expect((await ask("PUT", "/enrollments/refused", { body, ifMatch: etag })).status).toBe(412);
    });
});
