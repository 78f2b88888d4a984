import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { builtImagesFile } from "../../local/docker/builtImages";
import { removeFromEngine } from "../../local/removeFromEngine";
import { changeRuntimeSettings } from "../../local/runtimeSettings";
import { type FakeEngine, startFakeEngine } from "./docker/fakeEngine";

const images = ["0123456789ab", "localhost:5000/classifier:one"];
let fake: FakeEngine;
let folder: string;
beforeEach(async () => {
    fake = await startFakeEngine();
    folder = mkdtempSync(join(tmpdir(), "azure-"));
});
afterEach(async () => {
    await fake.close();
    rmSync(folder, { recursive: true });
});

function record(): void {
    mkdirSync(dirname(builtImagesFile(folder)), { recursive: true });
    writeFileSync(builtImagesFile(folder), JSON.stringify({ images }));
}
const deletions = () => fake.calls().filter((call) => call.startsWith("DELETE"));

test("an engine loses what was built in it, by the name that the stack keeps or DOCKER_HOST, and once", async () => {
    record();
    expect(await removeFromEngine(folder, fake.engine.host)).toEqual([]);
    expect(deletions()).toEqual(images.toReversed().map((image) => `DELETE /images/${image}`));
    expect(await removeFromEngine(folder, fake.engine.host)).toEqual([]);
    expect(deletions()).toHaveLength(2);
    record();
    changeRuntimeSettings(folder, { dockerHost: fake.engine.host });
    expect(await removeFromEngine(folder, "unix:///nowhere")).toEqual([]);
    expect(deletions()).toHaveLength(4);
});

test("nothing is asked where nothing was built, whatever DOCKER_HOST names", async () => {
    expect(await removeFromEngine(folder, "tcp://elsewhere:2375")).toEqual([]);
});

test("what an engine that does not answer has stays on record for the next time", async () => {
    record();
    expect(await removeFromEngine(folder, "unix:///nowhere")).toEqual(images);
    expect(JSON.parse(readFileSync(builtImagesFile(folder), "utf8"))).toEqual({ images });
    expect(await removeFromEngine(folder, fake.engine.host)).toEqual([]);
    expect(existsSync(builtImagesFile(folder))).toBe(false);
});

test("containers of the stack's devices and their networks go first where they are to go, and no others", async () => {
    record();
    const container = (Id: string, Image: string, device: string) => ({
        Id,
        Image,
        Labels: { "edge-classifier.device": device },
    });
    const found = [
        container("own", "localhost:5000/classifier@sha256:1", "tag"),
        container("other-port", "localhost:5001/classifier@sha256:1", "other"),
        container("other-repository", "localhost:5000/hub@sha256:1", "other"),
    ];
    fake.answer = (call) => ({ json: call === "GET /containers/json" ? found : {} });
    await removeFromEngine(folder, fake.engine.host, { withContainers: true });
    expect(deletions()).toEqual([
        "DELETE /containers/own",
        "DELETE /networks/azure-iot-edge-tag",
        ...images.toReversed().map((image) => `DELETE /images/${image}`),
    ]);
});
