import { mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openImages } from "../../../../../local/device/modules/process/images";
import { pushImage } from "../../../../../local/planes/registry/client";
import { layerFile, startTestRegistry, type TestRegistry } from "../../../planes/registry/testRegistry";
import { packImage, tar } from "../../testImage";

let test1: TestRegistry;
let folder: string;

beforeEach(async () => {
    test1 = await startTestRegistry();
    folder = join(realpathSync(test1.scratch), "images");
});
afterEach(() => test1.close());

const never = new AbortController().signal;

async function push(files: Record<string, string>, tag = "v1"): Promise<string> {
    return pushImage(test1.account, "module", tag, await packImage(test1.scratch, files));
}

const pull = (reference: string, signal = never) =>
    openImages(folder).pull(
        { server: test1.account.server, repository: "module", reference },
        test1.account,
        signal,
    );

test("an image is unpacked under its digest, layer over layer, with its configuration", async () => {
    const lower = layerFile(test1.scratch, await tar({ "app/a": "old", "app/b": "kept" }));
    const upper = layerFile(test1.scratch, await tar({ "app/a": "new" }));
    const config = Buffer.from(JSON.stringify({ config: { Cmd: ["node", "a"], Env: ["A=1"] } }));
    const digest = await pushImage(test1.account, "module", "v1", { config, layers: [lower, upper] });
    const image = await pull(digest);
    expect(image).toMatchObject({ digest, config: { Cmd: ["node", "a"], Env: ["A=1"] } });
    expect(image.rootfs).toBe(join(folder, digest.replace(":", "-"), "rootfs"));
    expect(["a", "b"].map((name) => readFileSync(join(image.rootfs, "app", name), "utf8"))).toEqual([
        "new",
        "kept",
    ]);
    expect(openImages(folder).find(digest)).toEqual(image);
});

test("an image that lies here needs no registry, one by tag is asked for", async () => {
    const digest = await push({ a: "1" });
    expect((await pull("v1")).digest).toBe(digest);
    await test1.registry.close();
    expect((await pull(digest)).digest).toBe(digest);
    await expect(pull("v1")).rejects.toThrow("cannot be reached");
    await test1.restart();
});

test("a pull that fails or is given up leaves nothing, and what a crash left is removed", async () => {
    const digest = await push({ a: "1", b: "2" });
    const blobs = join(test1.folder, "blobs");
    const given = new AbortController();
    given.abort(new Error("another manifest came"));
    await expect(pull(digest, given.signal)).rejects.toThrow("another manifest came");
    const large = readdirSync(blobs).find((name) => readFileSync(join(blobs, name)).length > 1000) ?? "";
    const whole = readFileSync(join(blobs, large));
    writeFileSync(join(blobs, large), Buffer.concat([whole.subarray(0, -1), Buffer.from("x")]));
    await expect(pull(digest)).rejects.toThrow("sent other content");
    expect(readdirSync(folder)).toEqual([]);
    mkdirSync(join(folder, "pulling-abc"));
    writeFileSync(join(blobs, large), whole);
    await pull(digest);
    expect(readdirSync(folder)).toEqual([digest.replace(":", "-")]);
});

test("an image whose layer leads out is not kept", async () => {
    const digest = await push({ "../evil": "x" });
    await expect(pull(digest)).rejects.toThrow("The layer's entry ../evil leads out of the image.");
    expect(readdirSync(folder)).toEqual([]);
});

test("images that nobody needs are removed", async () => {
    const first = await push({ a: "1" });
    const second = await push({ a: "2" });
    await pull(first);
    await pull(second);
    openImages(folder).keepOnly(new Set([second]));
    expect(readdirSync(folder)).toEqual([second.replace(":", "-")]);
});
