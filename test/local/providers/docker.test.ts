import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { localCertificates } from "../../../local/base/certificates";
import { claimPort } from "../../../local/base/ports";
import { openStore, type Store } from "../../../local/base/store";
import { passwordHash } from "../../../local/planes/registry/authorization";
import { pullBlob, pullManifest } from "../../../local/planes/registry/client";
import { registryPlane } from "../../../local/planes/registry/plane";
import { servePlane } from "../../../local/planes/servePlane";
import { sourcesHash } from "../../../setup/sourcesHash";
import { projectFolder } from "../../support/localAzure";
import { startPlugin, type TestPlugin, urnOf } from "../../support/plugin";

const urn = urnOf("docker:index/image:Image", "classifier-image");
const platform = `linux/${process.arch === "x64" ? "amd64" : process.arch}`;

let folder: string;
let context: string;
let store: Store;
let registry: { close(): Promise<void> };
let loginServer: string;
let plugin: TestPlugin;

beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "docker-"));
    store = openStore(join(folder, "store"));
    const port = await claimPort(join(folder, "ports"), { stackFolder: folder, what: "test" }, 18_444);
    loginServer = `localhost:${port}`;
    const settings = {
        name: "r",
        hostName: loginServer,
        users: () => [{ name: "admin", passwordHashes: [passwordHash("right")] }],
    };
    const host = { store, folder, certificates: await localCertificates(store) };
    registry = await servePlane(registryPlane, settings, host);
    plugin = await startPlugin("docker", "5.2.0", join(folder, "azure"));
});
afterAll(async () => {
    await plugin?.stop();
    await registry?.close();
    await store?.close();
    rmSync(folder, { recursive: true });
});
beforeEach(() => {
    context = join(folder, "service");
    rmSync(context, { recursive: true, force: true });
    for (const path of ["src", "dist", "model", "node_modules/left"])
        mkdirSync(join(context, path), { recursive: true });
    const files: Record<string, string> = {
        ".dockerignore": "*\n!src\n!model\n!Dockerfile\n!package.json\n",
        Dockerfile:
            // biome-ignore lint/suspicious/noTemplateCurlyInString: Docker's own syntax
            'FROM base\nARG TITLE=""\nLABEL title="${TITLE}"\nWORKDIR /app\nEXPOSE 80\nCMD ["node", "dist/main.js"]\n',
        "package.json": "{}",
        "package-lock.json": JSON.stringify({
            packages: { "": {}, "node_modules/left": {}, "node_modules/tool": { dev: true } },
        }),
        "tsconfig.json": "{}",
        "src/main.ts": "main",
        "dist/main.js": "main",
        "model/model.onnx": "network",
        "node_modules/.package-lock.json": "{}",
        "node_modules/left/index.js": "left",
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(context, name), text);
    stamp();
});

function stamp(): void {
    const sources = sourcesHash(context, ["src", "tsconfig.json", "package-lock.json"]);
    writeFileSync(join(context, "dist/.sources"), sources);
}

async function inputs(tag = "one", password = "right") {
    const build = {
        context: relative(projectFolder, context),
        dockerfile: relative(projectFolder, join(context, "Dockerfile")),
        platform,
        args: { TITLE: "Bananas" },
    };
    const server = loginServer;
    const news = {
        imageName: `${server}/classifier:${tag}`,
        build,
        registry: { server, username: "admin", password },
    };
    return plugin.check(urn, news);
}

async function push(tag?: string) {
    return (await plugin.create(urn, (await inputs(tag)).inputs)).properties;
}

const account = () => ({ server: loginServer, username: "admin", password: "right" });

describe("the docker stand-in", () => {
    test("pushes dependencies, service and model as layers, the model last, and names the digest", async () => {
        const properties = await push();
        const [repository, digest = ""] = String(properties.repoDigest).split("@");
        expect(repository).toBe(`${loginServer}/classifier`);
        const { manifest } = await pullManifest(account(), "classifier", digest);
        const layers = await Promise.all(
            manifest.layers.map(async (layer) =>
                Buffer.concat(
                    await (await pullBlob(account(), "classifier", layer.digest)).toArray(),
                ).toString("latin1"),
            ),
        );
        expect(
            layers.map((layer) =>
                ["app/node_modules/left/index.js", "app/dist/main.js", "app/model/model.onnx"].filter(
                    (name) => layer.includes(name),
                ),
            ),
        ).toEqual([["app/node_modules/left/index.js"], ["app/dist/main.js"], ["app/model/model.onnx"]]);
    });

    test("configures the image as the Dockerfile's last stage says", async () => {
        const properties = await push();
        const { manifest } = await pullManifest(
            account(),
            "classifier",
            String(properties.repoDigest).split("@")[1] ?? "",
        );
        const blob = await pullBlob(account(), "classifier", manifest.config.digest);
        expect(JSON.parse(Buffer.concat(await blob.toArray()).toString()).config).toEqual({
            Cmd: ["node", "dist/main.js"],
            WorkingDir: "/app",
            Env: [],
            ExposedPorts: { "80/tcp": {} },
            Labels: { title: "Bananas", "edge-classifier.base": "none" },
        });
    });

    test("gives equal content an equal digest, whatever its times, and another model another one", async () => {
        const first = await push("one");
        utimesSync(join(context, "model/model.onnx"), new Date(0), new Date(0));
        expect((await push("two")).repoDigest).toBe(first.repoDigest);
        writeFileSync(join(context, "model/model.onnx"), "another network");
        expect((await push("three")).repoDigest).not.toBe(first.repoDigest);
    });

    test("sees a changed mode in Check, as the genuine provider does", async () => {
        const digest = async () => ((await inputs()).inputs.build as { contextDigest: string }).contextDigest;
        const before = await digest();
        chmodSync(join(context, "src/main.ts"), 0o755);
        expect(await digest()).not.toBe(before);
    });

    test("refuses a context that changed since Check, and pushes nothing", async () => {
        const checked = await inputs("changed");
        writeFileSync(join(context, "src/main.ts"), "edited meanwhile");
        await expect(plugin.create(urn, checked.inputs)).rejects.toThrow(
            /to stay as it was when this update began/,
        );
        await expect(pullManifest(account(), "classifier", "changed")).rejects.toThrow("404");
    });

    test("refuses compiled code that is older than its source", async () => {
        writeFileSync(join(context, "src/main.ts"), "edited before");
        await expect(push()).rejects.toThrow("Compile it with: npm run setup");
    });

    test("does not build again because a password changed", async () => {
        const { inputs: stored } = await inputs();
        const { inputs: news } = await inputs("one", "another password");
        const state = { __inputs: stored };
        expect((await plugin.diff(urn, stored, news, state)).changes).toEqual([]);
        expect((await plugin.diff(urn, stored, (await inputs("two")).inputs, state)).changes).toEqual([
            "imageName",
        ]);
    });

    test("pushes nothing in a preview", async () => {
        const { id, properties } = await plugin.create(urn, (await inputs("previewed")).inputs, true);
        expect(id).toBe("");
        expect(properties).not.toHaveProperty("repoDigest");
        await expect(pullManifest(account(), "classifier", "previewed")).rejects.toThrow("404");
    });

    test.each([
        ["skipPush", { skipPush: true }, "expected false: without Docker an image exists only in a registry"],
        ["registry", { registry: { server: "localhost:1" } }, "expected server, username and password"],
        ["colour", { colour: "red" }, "knows no property 'colour'"],
    ])("refuses the input %s", async (_, extra, sentence) => {
        const { inputs: good } = await inputs();
        const { failures } = await plugin.check(urn, { ...good, ...extra });
        expect(failures).toEqual([expect.stringContaining(sentence)]);
    });

    test("refuses a platform that this machine cannot run", async () => {
        const { inputs: good } = await inputs();
        const other = { ...good, build: { ...(good.build as object), platform: "linux/s390x" } };
        await expect(plugin.create(urn, other)).rejects.toThrow(`Expected the platform ${platform}`);
    });
});
