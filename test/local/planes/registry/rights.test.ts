import { passwordHash, type RegistryUser } from "../../../../local/planes/registry/authorization";
import { pullManifest, pushImage } from "../../../../local/planes/registry/client";
import { registryPlane } from "../../../../local/planes/registry/plane";
import { servePlane } from "../../../../local/planes/servePlane";
import { layerFile, sha256, startTestRegistry, type TestRegistry } from "./testRegistry";

/** The two tokens of a stack, one for a whole team and the admin account, as scope maps write what they may do. */
const users: RegistryUser[] = [
    { name: "admin", passwordHashes: [passwordHash("p")] },
    {
        name: "pull",
        passwordHashes: [passwordHash("p")],
        actions: ["repositories/app/content/read", "repositories/app/metadata/read"],
    },
    {
        name: "push",
        passwordHashes: [passwordHash("p")],
        actions: ["repositories/app/content/read", "repositories/app/content/write"],
    },
    {
        name: "team",
        passwordHashes: [passwordHash("p")],
        actions: ["repositories/team/*/content/read", "repositories/team/*/content/delete"],
    },
];

let test1: TestRegistry;
let digest: string;
const config = Buffer.from('{"os":"linux"}');
const account = (username: string) => ({ ...test1.account, username, password: "p" });

beforeAll(async () => {
    test1 = await startTestRegistry();
    await test1.registry.close();
    test1.registry = await servePlane(
        registryPlane,
        { ...test1.description, users: () => users },
        test1.host,
    );
    const image = { config, layers: [layerFile(test1.scratch, "layer")] };
    digest = await pushImage(account("push"), "app", "v1", image);
    for (const repository of ["other", "team/app"])
        await pushImage(account("admin"), repository, "v1", image);
});
afterAll(() => test1.close());

async function ask(username: string, method: string, path: string, password = "p") {
    const basic = Buffer.from(`${username}:${password}`).toString("base64");
    const headers = { Authorization: `Basic ${basic}`, Connection: "close" };
    const response = await fetch(`http://${test1.description.hostName}${path}`, { method, headers });
    const body = await response.text();
    const code = response.ok ? undefined : JSON.parse(body || "{}").errors?.[0].code;
    return code === undefined ? response.status : `${response.status} ${code}`;
}

const layer = sha256("layer");

test("a token that may push and one that may pull take an image to its device", async () => {
    expect((await pullManifest(account("pull"), "app", digest)).digest).toBe(digest);
    expect((await pullManifest(account("push"), "app", "v1")).digest).toBe(digest);
});

test.each([
    ["pull", "GET", "/v2/", 200],
    ["pull", "GET", "/v2/app/manifests/v1", 200],
    ["pull", "GET", `/v2/app/blobs/${layer}`, 200],
    ["pull", "GET", "/v2/app/tags/list", 200],
    ["pull", "POST", "/v2/app/blobs/uploads/", "403 DENIED"],
    ["pull", "PUT", "/v2/app/manifests/v2", "403 DENIED"],
    ["pull", "DELETE", "/v2/app/manifests/v1", "403 DENIED"],
    ["pull", "GET", "/v2/other/manifests/v1", "403 DENIED"],
    ["pull", "GET", `/v2/other/blobs/${layer}`, "403 DENIED"],
    ["pull", "GET", "/v2/application/manifests/v1", "403 DENIED"],
    ["pull", "GET", "/v2/_catalog", "403 DENIED"],
    ["push", "POST", "/v2/app/blobs/uploads/", 202],
    ["push", "POST", "/v2/other/blobs/uploads/", "403 DENIED"],
    ["push", "GET", "/v2/app/tags/list", "403 DENIED"],
    ["push", "DELETE", "/v2/app/manifests/v1", "403 DENIED"],
    ["push", "GET", `/v2/app/blobs/${layer}`, 200],
    ["pull", "HEAD", "/v2/app/manifests/v1", 200],
    ["pull", "HEAD", `/v2/app/blobs/${layer}`, 200],
    ["pull", "HEAD", `/v2/other/blobs/${layer}`, 403],
    ["pull", "GET", "/v2/app/blobs/uploads/1", "403 DENIED"],
    ["pull", "PATCH", "/v2/app/blobs/uploads/1", "403 DENIED"],
    ["pull", "PUT", "/v2/app/blobs/uploads/1", "403 DENIED"],
    ["pull", "DELETE", "/v2/app/blobs/uploads/1", "403 DENIED"],
    ["team", "GET", "/v2/team/app/tags/list", "403 DENIED"],
    ["team", "DELETE", "/v2/team/app/manifests/none", "404 MANIFEST_UNKNOWN"],
    ["team", "GET", "/v2/teams/app/manifests/v1", "403 DENIED"],
    ["admin", "GET", "/v2/_catalog", "405 UNSUPPORTED"],
    ["team", "GET", "/v2/team/app/manifests/v1", 200],
    ["team", "GET", "/v2/app/manifests/v1", "403 DENIED"],
    ["admin", "GET", "/v2/other/tags/list", 200],
])("%s that asks %s %s gets %s", async (name, method, path, expected) => {
    expect(await ask(name, method, path)).toBe(expected);
});

test("a blob of a repository that a token may not read is not mounted for it", async () => {
    const path = `/v2/app/blobs/uploads/?mount=${layer}&from=other`;
    expect(await ask("push", "POST", path)).toBe(202);
    expect(await ask("admin", "POST", path)).toBe(201);
});

test("an account that is not there, and a wrong or empty password, are unknown, whatever they ask", async () => {
    for (const [name, password] of [
        ["nobody", "p"],
        ["pull", "q"],
        ["pull", ""],
        ["", "p"],
    ] as const)
        expect(await ask(name, "GET", "/v2/app/manifests/v1", password)).toBe("401 UNAUTHORIZED");
});
