import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { contextDigest, contextFiles } from "../../../local/docker/buildContext";
import { buildImage } from "../../../local/docker/buildImage";
import { keepBuiltImages, removeBuiltImages } from "../../../local/docker/builtImages";
import { answers, DockerError, findDockerEngine, unlessRefused } from "../../../local/docker/dockerEngine";
import { imageBuilder } from "../../../local/docker/imageBuilder";
import { registryAuth } from "../../../local/docker/registryAuth";
import { within } from "../../support/waiting";
import { type FakeEngine, startFakeEngine } from "./fakeEngine";

let fake: FakeEngine;
let folder: string;
beforeEach(async () => {
    fake = await startFakeEngine();
    folder = mkdtempSync(join(tmpdir(), "docker-"));
});
afterEach(async () => {
    await fake.close();
    rmSync(folder, { recursive: true, force: true });
});

describe("the engine", () => {
    test("is asked with its query and a body as JSON, and its refusal is told in its words", async () => {
        fake.answer = () => ({ json: { Id: "1" } });
        const ask = { query: { name: "a b", none: undefined }, body: { Image: "i" } };
        expect(await fake.engine.call("POST", "/containers/create", ask)).toEqual({ Id: "1" });
        const [{ query, headers, body } = { query: undefined, headers: undefined, body: "" }] = fake.asked;
        expect([...(query ?? [])]).toEqual([["name", "a b"]]);
        expect(headers).toMatchObject({ host: "docker", "content-type": "application/json" });
        expect(JSON.parse(body)).toEqual({ Image: "i" });
        fake.answer = () => ({ status: 409, json: { message: "in use" } });
        const refused = fake.engine.call("DELETE", "/images/i");
        await expect(refused).rejects.toMatchObject({ status: 409, message: "in use" });
    });

    test("says in a stream that something failed, which is an error all the same", async () => {
        fake.answer = () => ({ lines: [{ status: "one" }, { error: "no space left" }, { status: "two" }] });
        const heard: unknown[] = [];
        const followed = fake.engine.follow("POST", "/build", {}, (line) => heard.push(line));
        await expect(followed).rejects.toMatchObject({ status: 200, message: "no space left" });
        expect(heard).toEqual([{ status: "one" }]);
    });

    test("is given up by whoever asked, and by a body that breaks off", async () => {
        fake.answer = () => undefined;
        const giving = new AbortController();
        const given = fake.engine.call("GET", "/_ping", { signal: giving.signal });
        giving.abort(new Error("no longer wanted"));
        await expect(given).rejects.toThrow("no longer wanted");
        const broken = new Readable({ read() {} });
        const sent = fake.engine.call("POST", "/build", { stream: broken });
        broken.destroy(new Error("the disk is full"));
        await expect(sent).rejects.toThrow("the disk is full");
    });

    test("answers, or does not within a while", async () => {
        expect(await answers(fake.engine)).toBe(true);
        expect(fake.calls()).toEqual(["GET /_ping"]);
        fake.answer = () => ({ status: 500 });
        expect(await answers(fake.engine)).toBe(false);
        fake.answer = () => undefined;
        expect(await within("the end of patience", answers(fake.engine))).toBe(false);
        await fake.close();
        expect(await answers(fake.engine)).toBe(false);
        await expect(fake.engine.call("GET", "/_ping")).rejects.toThrow(
            /The Docker engine at unix:\/\/.* cannot be reached: .*ENOENT/,
        );
        fake = await startFakeEngine();
    });

    test.each(["tcp://10.0.0.1:2375", "ssh://host", "unix://relative"])(
        "at %s is none of this machine",
        (host) => {
            expect(() => findDockerEngine(host)).toThrow(
                "Expected DOCKER_HOST to be a socket of this machine",
            );
        },
    );

    test("has nothing to do where it refuses with a status that says so", async () => {
        const refused = (status: number) => Promise.reject(new DockerError(status, "no"));
        expect(await unlessRefused([404, 409], refused(409))).toBeUndefined();
        await expect(unlessRefused([404], refused(409))).rejects.toThrow("no");
        await expect(unlessRefused([404], Promise.reject(new Error("away")))).rejects.toThrow("away");
    });
});

test("the account of a registry goes along as Go decodes it, an unknown one as nobody", () => {
    const account = { server: "r.io", username: "u", password: "??>>~~" };
    const { "X-Registry-Auth": header = "" } = registryAuth(account);
    expect(header).toMatch(/^[A-Za-z0-9_-]+=*$/);
    expect(header.length % 4).toBe(0);
    expect(JSON.parse(Buffer.from(header, "base64url").toString())).toEqual({
        username: "u",
        password: "??>>~~",
        serveraddress: "r.io",
    });
    expect(registryAuth({ server: "r.io" })["X-Registry-Auth"]).toBe(Buffer.from("{}").toString("base64"));
});

describe("a build context", () => {
    const write = (files: Record<string, string>) => {
        for (const [name, content] of Object.entries(files)) {
            mkdirSync(join(folder, name, ".."), { recursive: true });
            writeFileSync(join(folder, name), content);
        }
    };

    test("is what its .dockerignore lets through, sorted, without packages", () => {
        write({ ".dockerignore": "*\n!src\n!b.txt\n", "src/a.ts": "a", "b.txt": "b", "c.txt": "c" });
        write({ "src/node_modules/x/index.js": "x", "node_modules/y/index.js": "y" });
        expect(contextFiles(folder)).toEqual(["b.txt", "src/a.ts"]);
        rmSync(join(folder, ".dockerignore"));
        expect(contextFiles(folder)).toEqual(["b.txt", "c.txt", "src/a.ts"]);
    });

    test("is another one with another name or content, and not by what is ignored", () => {
        write({ ".dockerignore": "ignored\n", a: "1", ignored: "1" });
        const first = contextDigest(folder);
        write({ ignored: "2" });
        expect(contextDigest(folder)).toBe(first);
        write({ a: "2" });
        const second = contextDigest(folder);
        write({ a: "1", b: "" });
        expect(new Set([first, second, contextDigest(folder)]).size).toBe(3);
    });

    test("is built by its Dockerfile, whose steps are told, and a failed step with what it printed", async () => {
        write({ Dockerfile: "FROM a\n", "main.js": "main" });
        const build = {
            name: "r.io/app:v1",
            context: folder,
            dockerfile: join(folder, "Dockerfile"),
            args: { BASE: "b" },
            platform: "linux/amd64",
        };
        const lines = [{ stream: "Step 1/2 : FROM a\n" }, { stream: " ---> 0123456789ab\n" }];
        fake.answer = () => ({ lines: [...lines, { stream: "noise\n" }, { aux: { ID: "sha256:cd" } }] });
        const said: string[] = [];
        expect(await buildImage(fake.engine, build, (line) => said.push(line))).toEqual([
            "0123456789ab",
            "sha256:cd",
        ]);
        expect(said).toEqual(["Step 1/2 : FROM a"]);
        expect(Object.fromEntries(fake.asked[0]?.query ?? [])).toEqual({
            t: "r.io/app:v1",
            dockerfile: "Dockerfile",
            buildargs: '{"BASE":"b"}',
            platform: "linux/amd64",
            forcerm: "1",
        });
        expect(fake.asked[0]?.body).toContain("main.js");
        fake.answer = () => ({ lines: [...lines, { stream: "npm: not found\n" }, { error: "code 127" }] });
        await expect(buildImage(fake.engine, build, () => {})).rejects.toThrow(
            /The build of r\.io\/app:v1 failed: code 127\n.*npm: not found/s,
        );
    });
});

describe("what builds leave in the engine", () => {
    const file = () => join(folder, "cache", "built.json");
    const kept = () => JSON.parse(readFileSync(file(), "utf8")).images;
    const removed = () => fake.calls().map((call) => call.replace("DELETE /images/", ""));

    test("goes with the next build, the newest first, except what that needs too", async () => {
        await keepBuiltImages(file(), fake.engine, ["a", "b", "c"]);
        expect(fake.calls()).toEqual([]);
        await keepBuiltImages(file(), fake.engine, ["b", "d"]);
        expect(removed()).toEqual(["c", "a"]);
        expect(kept()).toEqual(["b", "d"]);
    });

    test("stays on record while a container needs it, and not when it is gone already", async () => {
        await keepBuiltImages(file(), fake.engine, ["a", "b"]);
        fake.answer = (call) => ({ status: call.endsWith("/a") ? 409 : 404 });
        await keepBuiltImages(file(), fake.engine, ["c"]);
        expect(kept()).toEqual(["a", "c"]);
        fake.answer = () => ({ status: 500, json: { message: "broken" } });
        await expect(keepBuiltImages(file(), fake.engine, ["d"])).rejects.toThrow("broken");
        expect(kept()).toEqual(["a", "c", "d"]);
    });

    test("is removed at the end, once nothing needs it; what is needed for longer stays on record", async () => {
        await keepBuiltImages(file(), fake.engine, ["a", "b"]);
        let tries = 0;
        fake.answer = (call) => ({ status: call.endsWith("/a") && tries++ === 0 ? 409 : 200 });
        expect(await removeBuiltImages(file(), fake.engine)).toEqual([]);
        expect(removed()).toEqual(["b", "a", "a"]);
        expect(existsSync(file())).toBe(false);
        await keepBuiltImages(file(), fake.engine, ["a", "b"]);
        fake.answer = (call) => ({ status: call.endsWith("/a") ? 409 : 200 });
        expect(await removeBuiltImages(file(), fake.engine)).toEqual(["a"]);
        expect(kept()).toEqual(["a"]);
        fake.answer = () => ({});
        expect(await removeBuiltImages(file(), fake.engine)).toEqual([]);
        expect(await removeBuiltImages(file(), fake.engine)).toEqual([]);
    });
});

describe("whether an image is built or packed", () => {
    const dockerfile = (text = "ARG BASE=node:22\nFROM $BASE\n") => {
        writeFileSync(join(folder, "Dockerfile"), text);
        return join(folder, "Dockerfile");
    };
    const host = () => fake.engine.host;
    const has = (...names: string[]) => {
        const images = new Set(names);
        fake.answer = (call, query) => {
            const pulled = query.get("fromImage");
            if (pulled) images.add(pulled);
            const [, name = ""] = /^GET \/images\/(.+)\/json$/.exec(call) ?? [];
            return name && !images.has(name) ? { status: 404 } : { json: { Id: `id of ${name}` } };
        };
    };
    const builder = (settings: object, file = dockerfile(), dockerHost: string | undefined = host()) =>
        imageBuilder({ runtime: "auto", ...settings }, dockerHost, file, () => {});

    test("is decided by the runtime, the engine and its base image", async () => {
        has("node:22", "mine");
        expect(await builder({ runtime: "process" })).toBeUndefined();
        expect(fake.calls()).toEqual([]);
        expect(await builder({})).toMatchObject({ base: { name: "node:22", id: "id of node:22" } });
        expect(await builder({ baseImage: "mine" })).toMatchObject({ base: { name: "mine" } });
        has();
        expect(await builder({})).toBeUndefined();
        expect(fake.calls()).not.toContain("POST /images/create");
        expect(await builder({ runtime: "container" })).toMatchObject({ base: { name: "node:22" } });
        expect(fake.calls()).toContain("POST /images/create");
    });

    test("with the runtime auto is packed where something is missing, with container that is an error", async () => {
        has("node:22");
        const away = "unix:///nowhere/docker.sock";
        const nameless = dockerfile("FROM node:22\n");
        expect(await builder({}, nameless)).toBeUndefined();
        await expect(builder({ runtime: "container" }, nameless)).rejects.toThrow("ARG BASE=IMAGE");
        expect(await builder({}, dockerfile(), away)).toBeUndefined();
        await expect(builder({ runtime: "container" }, dockerfile(), away)).rejects.toThrow(
            `found none that answers at ${away}`,
        );
        // The stack's own setting goes before DOCKER_HOST.
        expect(await builder({ dockerHost: host() }, dockerfile(), away)).toBeDefined();
        fake.answer = (call) =>
            call.startsWith("GET /images") ? { status: 404 } : { lines: [{ error: "denied" }] };
        await expect(builder({ runtime: "container" })).rejects.toThrow(
            /the base image node:22, found that it cannot be pulled: denied.*local base-image/,
        );
    });
});
