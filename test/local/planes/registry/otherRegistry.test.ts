import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import {
    imageDigest,
    pullBlob,
    pullImageConfig,
    pullManifest,
    pushImage,
} from "../../../../local/planes/registry/client";
import { layerFile, sha256 } from "./testRegistry";

// The client rests between its attempts; here nobody waits.
jest.mock("node:timers/promises", () => ({
    ...jest.requireActual("node:timers/promises"),
    setTimeout: async () => {},
}));

/** A registry that answers what the test says, and what it was asked. */
let answer: (method: string, path: string, response: ServerResponse) => void;
let asked: { call: string; headers: NodeJS.Dict<string | string[]> }[] = [];
let server: Server;
let folder: string;
let account: { server: string; username: string; password: string };

beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "registry-"));
    server = createServer((request, response) => {
        asked.push({ call: `${request.method} ${request.url}`, headers: request.headers });
        request.resume().on("end", () => answer(request.method ?? "", request.url ?? "", response));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    account = { server: `localhost:${port}`, username: "robot", password: "a:password" };
});
afterAll(async () => {
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
});
beforeEach(() => {
    asked = [];
});

const config = Buffer.from('{"os":"linux","architecture":"amd64","config":{"Labels":{"a":"b"}}}');
const manifest = JSON.stringify({
    config: { mediaType: "c", digest: sha256(config), size: config.length },
    layers: [],
});
const refusing = (status: number, body = '{"errors":[{"code":"NO"}]}') => {
    answer = (_method, _path, response) => response.writeHead(status).end(body);
};
const pull = () => pullManifest(account, "app", "v1");

test.each([403, 409, 400])("a refusal with %i is final, and told with its words", async (status) => {
    refusing(status);
    await expect(pull()).rejects.toThrow(
        new RegExp(`The registry ${account.server} refused GET app/manifests/v1 with ${status}: .*"NO"`),
    );
    expect(asked).toHaveLength(1);
});

test.each([401, 404])(
    "a refusal with %i is final, and told in a sentence without the password",
    async (status) => {
        refusing(status);
        const error = (await pull().catch((reason: unknown) => reason)) as Error;
        expect(error.message).toMatch(new RegExp(`\\(${status}\\)\\.$`));
        expect(error.message).not.toContain(account.password);
        expect(asked).toHaveLength(1);
    },
);

test.each([429, 500, 502, 503, 504])(
    "after a refusal with %i the registry is asked again",
    async (status) => {
        answer = (_method, _path, response) =>
            asked.length < 3 ? response.writeHead(status).end() : response.end(manifest);
        expect((await pull()).digest).toBe(sha256(manifest));
        expect(asked).toHaveLength(3);
    },
);

test("it is asked as who the account says, for manifests of both kinds, on a connection of its own", async () => {
    answer = (_method, _path, response) => response.end(manifest);
    await pull();
    const { authorization = "", accept, connection } = asked[0]?.headers ?? {};
    expect(Buffer.from(String(authorization).replace("Basic ", ""), "base64").toString()).toBe(
        "robot:a:password",
    );
    expect(accept).toBe(
        "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json",
    );
    expect(connection).toBe("close");
    await pullManifest({ server: account.server }, "app", "v1");
    expect(asked[1]?.headers.authorization).toBeUndefined();
});

test("content of another digest, and what is no manifest, is refused", async () => {
    answer = (_method, _path, response) => response.end(manifest);
    const other = sha256("other");
    await expect(pullManifest(account, "app", other)).rejects.toThrow(
        `sent other content for app@${other}: its digest is ${sha256(manifest)}.`,
    );
    await expect(pullBlob(account, "app", other).then(buffer)).rejects.toThrow(`for app@${other}`);
    for (const body of ["<html>", "{}"]) {
        refusing(200, body);
        await expect(pull()).rejects.toThrow(`${account.server}/app has no image manifest under v1`);
    }
});

test("what an image says of itself is read without its layers", async () => {
    answer = (_method, path, response) => response.end(path.includes("/blobs/") ? config : manifest);
    expect(await pullImageConfig(account, "app", "v1")).toMatchObject({
        os: "linux",
        architecture: "amd64",
        config: { Labels: { a: "b" } },
    });
    expect(asked.map(({ call }) => call)).toEqual([
        "GET /v2/app/manifests/v1",
        `GET /v2/app/blobs/${sha256(config)}`,
    ]);
});

test("the digest of an image is asked for as Docker asks, and must be named", async () => {
    answer = (_method, _path, response) =>
        response.setHeader("Docker-Content-Digest", "sha256:ab").writeHead(200).end();
    expect(await imageDigest(account, "app", "v1")).toBe("sha256:ab");
    expect(asked[0]).toMatchObject({
        call: "HEAD /v2/app/manifests/v1",
        headers: { accept: expect.stringMatching(/^application\/vnd\.docker.*, application\/vnd\.oci/) },
    });
    refusing(200);
    await expect(imageDigest(account, "app", "v1")).rejects.toThrow("names no digest of app:v1");
});

test("a blob is put where the registry says, with what it says; the configuration comes after the layers", async () => {
    answer = (method, path, response) => {
        if (method === "HEAD") return response.writeHead(404).end();
        if (method === "POST") response.setHeader("Location", "/upload/1?_state=x%26y");
        return response.writeHead(path.includes("manifests") ? 201 : 202).end();
    };
    const layer = layerFile(folder, "layer");
    const digest = await pushImage(account, "app", "v1", { config, layers: [layer] });
    const puts = asked.map(({ call }) => call).filter((call) => call.startsWith("PUT"));
    const place = (of: string) => `PUT /upload/1?_state=x%26y&digest=${encodeURIComponent(of)}`;
    expect(puts).toEqual([place(layer.digest), place(sha256(config)), "PUT /v2/app/manifests/v1"]);
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(asked.at(-1)?.headers["content-type"]).toBe("application/vnd.oci.image.manifest.v1+json");
});

test("nothing follows a look for a blob that is refused", async () => {
    refusing(403);
    await expect(pushImage(account, "app", "v1", { config, layers: [] })).rejects.toThrow(
        /refused HEAD app\/blobs/,
    );
    expect(asked).toHaveLength(1);
});
