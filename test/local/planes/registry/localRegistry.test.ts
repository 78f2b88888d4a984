import { once } from "node:events";
import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { registryPlane } from "../../../../local/planes/registry/plane";
import { servePlane } from "../../../../local/planes/servePlane";
import { until, within } from "../../../support/waiting";
import { sha256, startTestRegistry, type TestRegistry } from "./testRegistry";

let test1: TestRegistry;

beforeEach(async () => {
    test1 = await startTestRegistry();
});
afterEach(() => test1.close());

const ociManifest = "application/vnd.oci.image.manifest.v1+json";
const basic = (password: string) => `Basic ${Buffer.from(`registry1:${password}`).toString("base64")}`;

function call(method: string, path: string, init: { body?: string; headers?: Record<string, string> } = {}) {
    const url = new URL(path, `http://${test1.description.hostName}`);
    return fetch(url, {
        method,
        ...init,
        headers: { Authorization: basic("first-password"), Connection: "close", ...init.headers },
    });
}

async function code(response: Response): Promise<[number, string]> {
    const { errors } = (await response.json()) as { errors: { code: string; message: string }[] };
    return [response.status, errors[0]?.code ?? ""];
}

async function pushBlob(content: string, repository = "app"): Promise<string> {
    const digest = sha256(content);
    const response = await call("POST", `/v2/${repository}/blobs/uploads/?digest=${digest}`, {
        body: content,
    });
    expect([response.status, response.headers.get("location")]).toEqual([
        201,
        `/v2/${repository}/blobs/${digest}`,
    ]);
    return digest;
}

function manifestOf(config: string, ...layers: string[]): string {
    const descriptor = (content: string, mediaType: string) => ({
        mediaType,
        digest: sha256(content),
        size: content.length,
    });
    return JSON.stringify({
        schemaVersion: 2,
        mediaType: ociManifest,
        config: descriptor(config, "application/vnd.oci.image.config.v1+json"),
        layers: layers.map((layer) => descriptor(layer, "application/vnd.oci.image.layer.v1.tar")),
    });
}

const pushManifest = (reference: string, body: string, type = ociManifest) =>
    call("PUT", `/v2/app/manifests/${reference}`, { body, headers: { "Content-Type": type } });

test("whoever knows neither password is refused and told how to say one", async () => {
    for (const authorization of ["", basic("wrong"), "Basic !!!", "Bearer abc", basic("")]) {
        const response = await call("GET", "/v2/", { headers: { Authorization: authorization } });
        expect(response.headers.get("www-authenticate")).toBe(`Basic realm="${test1.description.hostName}"`);
        expect(await code(response)).toEqual([401, "UNAUTHORIZED"]);
    }
    for (const authorization of [
        basic("first-password"),
        basic("second-password"),
        basic("first-password").replace("Basic", "basic"),
    ]) {
        const response = await call("GET", "/v2/", { headers: { Authorization: authorization } });
        expect([response.status, response.headers.get("docker-distribution-api-version")]).toEqual([
            200,
            "registry/2.0",
        ]);
    }
});

test("a registry without accounts lets nobody in", async () => {
    await test1.registry.close();
    test1.registry = await servePlane(registryPlane, { ...test1.description, users: () => [] }, test1.host);
    expect((await call("GET", "/v2/")).status).toBe(401);
});

test("a blob is uploaded in one request, and read by its digest in its repository alone", async () => {
    const digest = await pushBlob("content");
    const head = await call("HEAD", `/v2/app/blobs/${digest}`);
    expect([
        head.status,
        head.headers.get("content-length"),
        head.headers.get("docker-content-digest"),
    ]).toEqual([200, "7", digest]);
    expect(await (await call("GET", `/v2/app/blobs/${digest}`)).text()).toBe("content");
    expect(await code(await call("GET", `/v2/other/blobs/${digest}`))).toEqual([404, "BLOB_UNKNOWN"]);
    const mounted = await call("POST", `/v2/other/blobs/uploads/?mount=${digest}&from=app`);
    expect(mounted.status).toBe(201);
    expect((await call("GET", `/v2/other/blobs/${digest}`)).status).toBe(200);
    for (const fruitless of [`mount=${sha256("no")}&from=app`, `mount=${digest}`, `mount=${digest}&from=no`])
        expect((await call("POST", `/v2/third/blobs/uploads/?${fruitless}`)).status).toBe(202);
    expect(await code(await call("GET", `/v2/third/blobs/${digest}`))).toEqual([404, "BLOB_UNKNOWN"]);
    expect((await call("GET", `/v2/app/blobs/${digest}`)).headers.get("content-type")).toBe(
        "application/octet-stream",
    );
});

test("a blob is uploaded in chunks, each where the last one ended", async () => {
    const begun = await call("POST", "/v2/app/blobs/uploads/");
    expect([begun.status, begun.headers.get("range")]).toEqual([202, "0-0"]);
    const location = begun.headers.get("location") ?? "";
    const first = await call("PATCH", location, { body: "one", headers: { "Content-Range": "0-2" } });
    expect([first.status, first.headers.get("range")]).toEqual([202, "0-2"]);
    const gap = await call("PATCH", location, { body: "three", headers: { "Content-Range": "6-10" } });
    expect(gap.headers.get("range")).toBe("0-2");
    expect(await code(gap)).toEqual([416, "BLOB_UPLOAD_INVALID"]);
    const asked = await call("GET", location);
    expect([asked.status, asked.headers.get("range"), asked.headers.get("docker-upload-uuid")]).toEqual([
        204,
        "0-2",
        location.split("/").at(-1),
    ]);
    expect(await code(await call("GET", location.replace("/app/", "/other/")))).toEqual([
        404,
        "BLOB_UPLOAD_UNKNOWN",
    ]);
    const finished = await call("PUT", `${location}?digest=${sha256("onetwo")}`, { body: "two" });
    expect(finished.status).toBe(201);
    expect(await (await call("GET", `/v2/app/blobs/${sha256("onetwo")}`)).text()).toBe("onetwo");
    expect(await code(await call("GET", location))).toEqual([404, "BLOB_UPLOAD_UNKNOWN"]);
});

test("content with another digest is refused and leaves nothing", async () => {
    const refused = await call("POST", `/v2/app/blobs/uploads/?digest=${sha256("a")}`, { body: "b" });
    expect(await code(refused)).toEqual([400, "DIGEST_INVALID"]);
    const malformed = await call("POST", "/v2/app/blobs/uploads/?digest=sha256:abc", { body: "b" });
    expect(await code(malformed)).toEqual([400, "DIGEST_INVALID"]);
    expect(readdirSync(join(test1.folder, "uploads"))).toEqual([]);
    expect(readdirSync(join(test1.folder, "blobs"))).toEqual([]);
});

test("an upload is written to by one request at a time", async () => {
    const location = (await call("POST", "/v2/app/blobs/uploads/")).headers.get("location") ?? "";
    const url = new URL(location, `http://${test1.description.hostName}`);
    const headers = { Authorization: basic("first-password"), "Transfer-Encoding": "chunked" };
    const first = request(url, { method: "PATCH", headers, agent: false });
    first.write("one");
    const upload = join(test1.folder, "uploads", location.split("/").at(-1) ?? "");
    await until("what was sent", () => readFileSync(upload, "utf8") === "one");
    expect(await code(await call("PATCH", location, { body: "two" }))).toEqual([416, "BLOB_UPLOAD_INVALID"]);
    expect((await call("DELETE", location)).status).toBe(416);
    const answered = once(first, "response");
    first.end();
    const [response] = await within("the answer", answered);
    response.resume();
    expect([response.statusCode, response.headers.range]).toEqual([202, "0-2"]);
});

test("what was uploaded before a restart is begun again, and nobody else may look", async () => {
    const location = (await call("POST", "/v2/app/blobs/uploads/")).headers.get("location") ?? "";
    await call("PATCH", location, { body: "one" });
    const uploads = join(test1.folder, "uploads");
    const [upload = ""] = readdirSync(uploads);
    expect(statSync(join(uploads, upload)).mode & 0o777).toBe(0o600);
    const folders = [test1.folder, uploads, join(test1.folder, "blobs")];
    for (const folder of folders) chmodSync(folder, 0o755);
    await test1.restart();
    expect(folders.map((folder) => statSync(folder).mode & 0o777)).toEqual([0o700, 0o700, 0o700]);
    expect(readdirSync(uploads)).toEqual([]);
    expect(await code(await call("PATCH", location, { body: "two" }))).toEqual([404, "BLOB_UPLOAD_UNKNOWN"]);
});

test("an upload can be cancelled", async () => {
    const location = (await call("POST", "/v2/app/blobs/uploads/")).headers.get("location") ?? "";
    expect((await call("DELETE", location)).status).toBe(204);
    expect((await call("PATCH", location, { body: "a" })).status).toBe(404);
});

test("a manifest is kept byte for byte under its digest and its tag, also over a restart", async () => {
    await pushBlob("config");
    await pushBlob("layer");
    const manifest = manifestOf("config", "layer");
    const pushed = await pushManifest("v1", manifest);
    expect([pushed.status, pushed.headers.get("docker-content-digest")]).toEqual([201, sha256(manifest)]);
    await test1.restart();
    for (const reference of ["v1", sha256(manifest)]) {
        const response = await call("GET", `/v2/app/manifests/${reference}`);
        expect(response.headers.get("content-type")).toBe(ociManifest);
        expect(await response.text()).toBe(manifest);
        const head = await call("HEAD", `/v2/app/manifests/${reference}`);
        expect(head.headers.get("docker-content-digest")).toBe(sha256(manifest));
    }
    expect((await call("GET", `/v2/app/blobs/${sha256("layer")}`)).status).toBe(200);
});

const index = "application/vnd.oci.image.index.v1+json";
const docker = "application/vnd.docker.distribution.manifest";

test.each([
    [ociManifest, index],
    [`${docker}.v2+json`, `${docker}.list.v2+json`],
])("manifests of type %s are taken, and a list of them once all are there", async (single, list) => {
    await pushBlob("config");
    const manifest = manifestOf("config").replace(ociManifest, single);
    const listed = JSON.stringify({
        schemaVersion: 2,
        mediaType: list,
        manifests: [{ mediaType: single, digest: sha256(manifest), size: manifest.length }],
    });
    expect(await code(await pushManifest("all", listed, list))).toEqual([404, "MANIFEST_UNKNOWN"]);
    const pushed = await pushManifest(sha256(manifest), manifest, single);
    expect([pushed.status, pushed.headers.get("location")]).toEqual([
        201,
        `/v2/app/manifests/${sha256(manifest)}`,
    ]);
    expect((await pushManifest("all", listed, list)).status).toBe(201);
    expect((await call("GET", "/v2/app/manifests/all")).headers.get("content-type")).toBe(list);
    // Pushed by its digest, it has no tag.
    expect(await (await call("GET", "/v2/app/tags/list")).json()).toEqual({ name: "app", tags: ["all"] });
});

test("a manifest that is no UTF-8, or larger than a registry takes, is refused", async () => {
    await pushBlob("config");
    const [start, rest] = [Buffer.from('{"note":"'), Buffer.from(`",${manifestOf("config").slice(1)}`)];
    const bytes = Buffer.concat([start, Buffer.from([0xff]), rest]);
    expect(await code(await pushManifest("v1", bytes as unknown as string))).toEqual([
        400,
        "MANIFEST_INVALID",
    ]);
    const large = manifestOf("config").padEnd(4 * 1024 * 1024 + 1, " ");
    expect(await code(await pushManifest("v1", large))).toEqual([413, "SIZE_INVALID"]);
});

test("a manifest is refused when a blob is missing or has another size, or when it is none", async () => {
    await pushBlob("config");
    expect(await code(await pushManifest("v1", manifestOf("config", "layer")))).toEqual([
        400,
        "MANIFEST_BLOB_UNKNOWN",
    ]);
    await pushBlob("layer");
    for (const [stated, wrong] of [
        ['"size":6', '"size":7'],
        ['"size":6', '"size":5'],
        ['"size":5', '"size":6'],
        ['"size":5', '"size":4'],
    ] as const) {
        const wrongSize = manifestOf("config", "layer").replace(stated, wrong);
        expect([wrong, await code(await pushManifest("v1", wrongSize))]).toEqual([
            wrong,
            [400, "MANIFEST_INVALID"],
        ]);
    }
    expect(await code(await pushManifest("v1", "{}"))).toEqual([400, "MANIFEST_INVALID"]);
    expect(await code(await pushManifest("v1", "{"))).toEqual([400, "MANIFEST_INVALID"]);
    expect(await code(await pushManifest("v1", manifestOf("config"), "text/plain"))).toEqual([
        400,
        "MANIFEST_INVALID",
    ]);
    expect(await code(await pushManifest("v1", manifestOf("config"), `${docker}.v2+json`))).toEqual([
        400,
        "MANIFEST_INVALID",
    ]);
    expect(await code(await pushManifest(sha256("other"), manifestOf("config")))).toEqual([
        400,
        "DIGEST_INVALID",
    ]);
    expect(await code(await call("GET", "/v2/app/manifests/v1"))).toEqual([404, "MANIFEST_UNKNOWN"]);
});

test("tags are listed in order and in pages, and vanish alone or with their manifest", async () => {
    await pushBlob("config");
    const manifest = manifestOf("config");
    for (const tag of ["b", "a", "c"]) await pushManifest(tag, manifest);
    const list = async (query = "") => (await call("GET", `/v2/app/tags/list${query}`)).json();
    expect(await list()).toEqual({ name: "app", tags: ["a", "b", "c"] });
    const page = await call("GET", "/v2/app/tags/list?n=2");
    expect(page.headers.get("link")).toBe('</v2/app/tags/list?n=2&last=b>; rel="next"');
    expect(await list("?n=2&last=b")).toEqual({ name: "app", tags: ["c"] });
    expect(await list("?last=a")).toEqual({ name: "app", tags: ["b", "c"] });
    for (const whole of ["?n=3", "?n=1&last=b", "?n=0"])
        expect((await call("GET", `/v2/app/tags/list${whole}`)).headers.get("link")).toBeNull();
    expect(await code(await call("GET", "/v2/app/tags/list?n=many"))).toEqual([405, "UNSUPPORTED"]);
    await pushBlob("layer");
    await pushManifest("d", manifestOf("config", "layer"));
    expect((await call("DELETE", "/v2/app/manifests/b")).status).toBe(202);
    expect(await list()).toEqual({ name: "app", tags: ["a", "c", "d"] });
    expect((await call("GET", `/v2/app/manifests/${sha256(manifest)}`)).status).toBe(200);
    expect((await call("DELETE", `/v2/app/manifests/${sha256(manifest)}`)).status).toBe(202);
    for (const gone of ["a", "b", sha256(manifest)]) {
        expect(await code(await call("GET", `/v2/app/manifests/${gone}`))).toEqual([404, "MANIFEST_UNKNOWN"]);
        expect((await call("DELETE", `/v2/app/manifests/${gone}`)).status).toBe(404);
    }
    expect(await list()).toEqual({ name: "app", tags: ["d"] });
    expect((await call("DELETE", "/v2/app/manifests/d")).status).toBe(202);
    expect(await list()).toEqual({ name: "app", tags: [] });
    const last = sha256(manifestOf("config", "layer"));
    expect((await call("DELETE", `/v2/app/manifests/${last}`)).status).toBe(202);
    expect(await code(await call("GET", "/v2/app/tags/list"))).toEqual([404, "NAME_UNKNOWN"]);
});

test.each([
    ["GET", "/v2/App/tags/list", 400, "NAME_INVALID"],
    ["GET", "/v2/a..b/tags/list", 400, "NAME_INVALID"],
    ["GET", "/v2/app/manifests/-x", 400, "MANIFEST_INVALID"],
    ["GET", "/v2/app/blobs/latest", 400, "DIGEST_INVALID"],
    ["GET", `/v2/app/blobs/${sha256("a").toUpperCase()}`, 400, "DIGEST_INVALID"],
    ["GET", `/v2/app/blobs/${sha256("a")}0`, 400, "DIGEST_INVALID"],
    ["POST", "/v2/app/blobs/uploads/?mount=latest&from=other", 400, "DIGEST_INVALID"],
    ["GET", `/v2/app/manifests/${"t".repeat(128)}`, 404, "MANIFEST_UNKNOWN"],
    ["GET", `/v2/app/manifests/${"t".repeat(129)}`, 400, "MANIFEST_INVALID"],
    ["GET", `/v2/${"a".repeat(255)}/tags/list`, 404, "NAME_UNKNOWN"],
    ["GET", `/v2/${"a".repeat(256)}/tags/list`, 400, "NAME_INVALID"],
    ["GET", "/v2/app-/tags/list", 400, "NAME_INVALID"],
    ["GET", "/V2/app/tags/list", 405, "UNSUPPORTED"],
    ["POST", "/v2/app/manifests/v1", 405, "UNSUPPORTED"],
    ["GET", "/v2/_catalog", 405, "UNSUPPORTED"],
    ["GET", "/v1/search", 405, "UNSUPPORTED"],
])("%s %s answers %i %s", async (method, path, status, expected) => {
    expect(await code(await call(method, path))).toEqual([status, expected]);
});

test("a deleted registry leaves neither files nor records, and its neighbour keeps its own", async () => {
    await pushBlob("config");
    await pushManifest("v1", manifestOf("config"));
    test1.store.collection<number>("registry/registry2/blobs").put("app@x", 1);
    await test1.registry.close();
    await test1.registry.forget();
    expect(existsSync(test1.folder)).toBe(false);
    expect(test1.store.collection("registry/registry1/manifests").entries()).toEqual([]);
    expect(test1.store.collection("registry/registry2/blobs").get("app@x")).toBe(1);
    test1.registry = await servePlane(registryPlane, test1.description, test1.host);
    expect((await call("GET", `/v2/app/blobs/${sha256("config")}`)).status).toBe(404);
});
