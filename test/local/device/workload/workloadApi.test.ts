import { createHmac, X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { request } from "node:http";
import os, { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { localCertificates } from "../../../../local/base/certificates";
import { openStore, type Store } from "../../../../local/base/store";
import { socketName, type WorkloadApi, workloadApi } from "../../../../local/device/workload/workloadApi";

const key = Buffer.from("a module's key of 32 characters!").toString("base64");
let folder: string;
let store: Store;
let api: WorkloadApi;
let trustBundle: string;

beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "workload-"));
    store = openStore(join(folder, "store"));
    const { caPem, issue } = await localCertificates(store);
    trustBundle = caPem;
    api = workloadApi(join(folder, "sockets"), {
        key: (moduleId) => (moduleId === "m" ? key : undefined),
        generationId: () => "638000000000000000",
        trustBundle,
        issue,
    });
});
afterAll(async () => {
    await api.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
});

const version = "?api-version=2018-06-28";
const own = "/modules/m/genid/638000000000000000";

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into at will.
async function ask(path: string, body?: object, moduleId = "m"): Promise<{ status?: number; body: any }> {
    const socketPath = join(await api.open(moduleId), socketName);
    return new Promise((resolve, reject) => {
        const method = body ? "POST" : "GET";
        const outgoing = request({ socketPath, path, method, agent: false }, (response) => {
            text(response).then(
                (answer) => resolve({ status: response.statusCode, body: JSON.parse(answer) }),
                reject,
            );
        });
        outgoing.on("error", reject);
        outgoing.end(body && JSON.stringify(body));
    });
}

const base64 = (content: string) => Buffer.from(content).toString("base64");

test("signs with the module's key, as the module client asks for it", async () => {
    const data = "hub/devices/d/modules/m\n1893456000";
    const { status, body } = await ask(`${own}/sign${version}`, {
        keyId: "primary",
        algo: "HMACSHA256",
        data: base64(data),
    });
    const digest = createHmac("sha256", Buffer.from(key, "base64")).update(data).digest("base64");
    expect([status, body]).toEqual([200, { digest }]);
});

test("hands out the authority that signed the hub's certificate", async () => {
    expect(await ask(`/trust-bundle${version}`)).toEqual({ status: 200, body: { certificate: trustBundle } });
});

test("makes certificates for a server and for the module itself, signed by that authority", async () => {
    const server = await ask(`${own}/certificate/server${version}`, { commonName: "fruit.local" });
    const identity = await ask(`${own}/certificate/identity${version}`, {});
    expect([server.status, identity.status]).toEqual([201, 201]);
    const authority = new X509Certificate(trustBundle);
    for (const { body } of [server, identity]) {
        const certificate = new X509Certificate(body.certificate);
        expect(certificate.verify(authority.publicKey)).toBe(true);
        expect(body.privateKey).toEqual({ type: "key", bytes: expect.stringContaining("PRIVATE KEY") });
        expect(Date.parse(body.expiration)).toBeGreaterThan(Date.now());
    }
    const purposes = [server, identity].map(({ body }) => new X509Certificate(body.certificate).keyUsage);
    expect(purposes).toEqual([["1.3.6.1.5.5.7.3.1"], ["1.3.6.1.5.5.7.3.2"]]);
    for (const wrong of [{}, { commonName: "" }, { commonName: "x".repeat(65) }])
        expect((await ask(`${own}/certificate/server${version}`, wrong)).status).toBe(400);
    expect(new X509Certificate(server.body.certificate).subjectAltName).toBe("DNS:fruit.local, DNS:m");
    expect(new X509Certificate(identity.body.certificate).subject).toBe("CN=m");
});

test("encrypts what only the same module can decrypt, with the same vector", async () => {
    const sealed = await ask(`${own}/encrypt${version}`, {
        plaintext: base64("secret"),
        initializationVector: base64("1"),
    });
    const { ciphertext } = sealed.body;
    const open = (vector: string) =>
        ask(`${own}/decrypt${version}`, { ciphertext, initializationVector: base64(vector) });
    expect(await open("1")).toEqual({ status: 200, body: { plaintext: base64("secret") } });
    expect((await open("2")).status).toBe(500);
});

test.each([
    [403, "another module", "/modules/other/genid/638000000000000000/sign?api-version=2018-06-28"],
    [403, "another generation", "/modules/m/genid/1/sign?api-version=2018-06-28"],
    [400, "no api-version", "/modules/m/genid/638000000000000000/sign"],
    [
        404,
        "an operation that there is not",
        "/modules/m/genid/638000000000000000/forge?api-version=2018-06-28",
    ],
])("answers %i for %s", async (status, _name, path) => {
    expect((await ask(path, { data: base64("x") })).status).toBe(status);
});

test.each(["2018-06-28", "2019-01-30", "2019-10-22", "2019-11-05", "2020-07-07", "2021-12-07", "2022-08-03"])(
    "takes the api-version %s",
    async (apiVersion) => {
        expect((await ask(`/trust-bundle?api-version=${apiVersion}`)).status).toBe(200);
    },
);

test.each([
    ["sign", { data: base64("x"), algo: "HMACSHA512" }, 400],
    ["sign", { data: base64("x"), algo: "HMACSHA256", keyId: "secondary" }, 200],
    ["sign", {}, 400],
    ["encrypt", { initializationVector: base64("1") }, 400],
    ["encrypt", { plaintext: base64("x") }, 400],
    ["decrypt", { initializationVector: base64("1") }, 400],
    ["decrypt", { initializationVector: base64("1"), ciphertext: base64("x".repeat(40)) }, 500],
])("answers %s of %j with %i", async (operation, body, status) => {
    expect((await ask(`${own}/${operation}${version}`, body)).status).toBe(status);
});

test("gives each module a socket of its own, which any user of its container may use, in a folder for the owner", async () => {
    const [one, two] = [await api.open("m"), await api.open("n")];
    expect(one).not.toBe(two);
    expect(await api.open("m")).toBe(one);
    expect(statSync(join(one, socketName)).mode & 0o777).toBe(0o666);
    expect(statSync(join(one, "..")).mode & 0o777).toBe(0o700);
    const asOther = await ask(
        `/modules/n/genid/638000000000000000/sign${version}`,
        { data: base64("x") },
        "n",
    );
    expect(asOther).toEqual({ status: 500, body: { message: "module identity missing key" } });
    expect((await ask(`${own}/sign${version}`, { data: base64("x") }, "n")).status).toBe(403);
});

test("a path that a socket cannot have is another, which goes with the device", async () => {
    const long = workloadApi(join(folder, "l".repeat(90)), {
        key: () => key,
        generationId: () => "1",
        trustBundle,
        issue: () => Promise.reject(new Error("no")),
    });
    const place = await long.open("m");
    expect(place.startsWith(folder)).toBe(false);
    expect(join(place, socketName).length).toBeLessThanOrEqual(104);
    await long.close();
    expect(existsSync(join(place, ".."))).toBe(false);
});

test("refuses what is no base64", async () => {
    expect((await ask(`${own}/sign${version}`, { data: "~" })).status).toBe(400);
});

test.each([
    ["the project's folder", "a".repeat(100), undefined],
    ["the project's folder has blanks in it and that of temporary files", "a b", "b".repeat(100)],
])("listens where a socket's path can be as long as it is, if %s is too long", async (_, name, temporary) => {
    const spied = temporary && jest.spyOn(os, "tmpdir").mockReturnValue(join(folder, temporary));
    const secrets = { key: () => key, generationId: () => "1", trustBundle, issue: () => Promise.reject() };
    const elsewhere = workloadApi(join(folder, name), secrets);
    if (spied) spied.mockRestore();
    const place = join(await elsewhere.open("m"), socketName);
    expect([statSync(place).isSocket(), place.length <= 104, /^[\w./-]+$/.test(place)]).toEqual([
        true,
        true,
        true,
    ]);
    await elsewhere.close();
    expect(existsSync(place)).toBe(false);
});
