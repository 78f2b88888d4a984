import { randomBytes } from "node:crypto";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { pullBlob, pullManifest, pushImage } from "../../../../local/planes/registry/client";
import { freePort } from "../../../support/freePort";
import { layerFile, startTestRegistry, type TestRegistry } from "./testRegistry";

let test1: TestRegistry;

beforeEach(async () => {
    test1 = await startTestRegistry();
});
afterEach(() => test1.close());

const config = Buffer.from('{"os":"linux"}');

test("an image that was pushed is pulled back by tag and by digest, byte for byte", async () => {
    const content = randomBytes(3_000_000);
    const layers = [layerFile(test1.scratch, content), layerFile(test1.scratch, "small")];
    const digest = await pushImage(test1.account, "team/app", "v1", { config, layers });
    for (const reference of ["v1", digest]) {
        const pulled = await pullManifest(test1.account, "team/app", reference);
        expect(pulled.digest).toBe(digest);
        expect(pulled.manifest.layers.map((layer) => layer.digest)).toEqual(
            layers.map((layer) => layer.digest),
        );
    }
    const { manifest } = await pullManifest(test1.account, "team/app", digest);
    const [large, small] = manifest.layers;
    expect(
        (await buffer(await pullBlob(test1.account, "team/app", large?.digest ?? ""))).equals(content),
    ).toBe(true);
    expect((await buffer(await pullBlob(test1.account, "team/app", small?.digest ?? ""))).toString()).toBe(
        "small",
    );
    expect(await buffer(await pullBlob(test1.account, "team/app", manifest.config.digest))).toEqual(config);
});

test("blobs that the repository has are not sent again, and equal content gives an equal digest", async () => {
    const layers = [layerFile(test1.scratch, "a".repeat(1000))];
    const first = await pushImage(test1.account, "app", "v1", { config, layers });
    const blob = join(test1.folder, "blobs", layers[0]?.digest.replace(":", "-") ?? "");
    const before = statSync(blob).ino;
    expect(await pushImage(test1.account, "app", "v2", { config, layers })).toBe(first);
    expect(statSync(blob).ino).toBe(before);
    const model = layerFile(test1.scratch, "another model");
    expect(await pushImage(test1.account, "app", "v2", { config, layers: [...layers, model] })).not.toBe(
        first,
    );
    expect(statSync(blob).ino).toBe(before);
});

test("a file that changed since its digest was taken is not pushed", async () => {
    const layer = layerFile(test1.scratch, "before");
    writeFileSync(layer.file, "after!");
    await expect(pushImage(test1.account, "app", "v1", { config, layers: [layer] })).rejects.toThrow(
        /refused PUT app\/blobs\/uploads\/.* with 400: .*DIGEST_INVALID/,
    );
});

test("a blob that was damaged at the registry is noticed", async () => {
    const layer = layerFile(test1.scratch, "content");
    await pushImage(test1.account, "app", "v1", { config, layers: [layer] });
    writeFileSync(join(test1.folder, "blobs", layer.digest.replace(":", "-")), "cONTENT");
    await expect(pullBlob(test1.account, "app", layer.digest).then(buffer)).rejects.toThrow(
        `sent other content for app@${layer.digest}`,
    );
});

test("refusals say which registry refused what", async () => {
    const { server } = test1.account;
    const missing = `sha256:${"0".repeat(64)}`;
    await expect(pullManifest(test1.account, "app", missing)).rejects.toThrow(
        `The registry ${server} has no app/manifests/${missing} (404).`,
    );
    await expect(pullManifest({ ...test1.account, password: "geheim" }, "app", "v1")).rejects.toThrow(
        // The whole text: the password is not in it.
        new Error(`The registry ${server} refused the user name 'registry1' or its password (401).`),
    );
    await expect(pullManifest({ server }, "app", "v1")).rejects.toThrow(
        `The registry ${server} refused a request without a user name (401).`,
    );
    const nobody = `localhost:${await freePort()}`;
    await expect(pullManifest({ server: nobody }, "app", "v1")).rejects.toThrow(
        new RegExp(`The registry ${nobody} cannot be reached: .*ECONNREFUSED`),
    );
});

test("a pull can be given up", async () => {
    const controller = new AbortController();
    controller.abort(new Error("another manifest came"));
    await expect(pullManifest(test1.account, "app", "v1", controller.signal)).rejects.toThrow(
        "another manifest came",
    );
});
