import type { DesiredModule } from "../../../../local/device/modules/desiredModule";
import type { ModuleRuntime } from "../../../../local/device/modules/moduleRuntime";
import { moduleRuntimes } from "../../../../local/device/modules/moduleRuntimes";
import type { RegistryAccount } from "../../../../local/planes/registry/client";
import { type FakeEngine, startFakeEngine } from "../../docker/fakeEngine";

let engine: FakeEngine;
beforeAll(async () => {
    engine = await startFakeEngine();
});
afterAll(() => engine.close());

const image = { digest: "sha256:1", imageHash: "sha256:2" };
const never = new AbortController().signal;

/** Two runtimes that note what they are asked, of which those in `have` have the image. */
function testRuntimes(runtime: "auto" | "container" | "process", have: string[] = [], hasEngine = true) {
    const asked: string[] = [];
    const accounts: RegistryAccount[] = [];
    const one = (kind: "process" | "container") =>
        ({
            kind,
            findImage: async () => (have.includes(kind) ? image : undefined),
            async pull(_reference: unknown, account: RegistryAccount) {
                asked.push(`${kind} pulls`);
                accounts.push(account);
                return image;
            },
            keepOnly: async () => void asked.push(`${kind} keeps`),
            async takeUp() {
                asked.push(`${kind} takes up`);
                return new Map([[kind, { ended: true } as const]]);
            },
            erase: async () => void asked.push(`${kind} erases`),
        }) as unknown as ModuleRuntime;
    const runtimes = moduleRuntimes({
        process: one("process"),
        container: one("container"),
        engine: () => (hasEngine ? engine.engine : undefined),
        settings: () => ({ runtime }),
        log: (line) => asked.push(line),
    });
    return { runtimes, asked, accounts };
}

const wanted = (changes: Partial<DesiredModule> = {}): DesiredModule => ({
    name: "m",
    image: "r.io/c:v1",
    createOptions: "{}",
    env: {},
    status: "running",
    restartPolicy: "always",
    imagePullPolicy: "on-create",
    startupOrder: 1,
    ...changes,
});

test.each([
    ["process", ["process"], "process"],
    ["container", ["container"], "container"],
    ["auto", ["process", "container"], "container"],
    ["auto", ["process"], "process"],
    ["auto", ["container"], "container"],
] as const)(
    "with the runtime %s and an image that %j has, %s runs it without a pull",
    async (runtime, have, kind) => {
        const { runtimes, asked } = testRuntimes(runtime, [...have]);
        const provided = await runtimes.provide(wanted({ imagePullPolicy: "never" }), [], never);
        expect([provided.runtime.kind, provided.image, asked]).toEqual([kind, image, []]);
    },
);

test("a process runs what only it may, also where an engine has the image or none answers", async () => {
    const alone = testRuntimes("process", ["container"]);
    expect((await alone.runtimes.provide(wanted(), [], never)).runtime.kind).toBe("process");
    expect(alone.asked).toEqual(["pulling r.io/c:v1", "process pulls"]);
    const without = testRuntimes("auto", ["container"], false);
    expect((await without.runtimes.provide(wanted(), [], never)).runtime.kind).toBe("process");
});

test("an image that may not be pulled and is not there is an error", async () => {
    const { runtimes, asked } = testRuntimes("process");
    await expect(runtimes.provide(wanted({ imagePullPolicy: "never" }), [], never)).rejects.toThrow(
        "The image r.io/c:v1 of m is not on the device, and imagePullPolicy is never.",
    );
    expect(asked).toEqual([]);
});

test("it is pulled with the account of its own registry, or as nobody", async () => {
    const { runtimes, accounts } = testRuntimes("process");
    const credentials = [
        { address: "other.io", username: "a", password: "1" },
        { address: "r.io", username: "b", password: "2" },
    ];
    await runtimes.provide(wanted(), credentials, never);
    await runtimes.provide(wanted({ image: "r.io.de/c" }), credentials, never);
    expect(accounts).toMatchObject([{ server: "r.io", username: "b", password: "2" }, { server: "r.io.de" }]);
    expect(accounts[1]).not.toHaveProperty("username");
});

test("what concerns all modules is asked of both runtimes, and each module's of its own", async () => {
    const { runtimes, asked } = testRuntimes("process");
    await runtimes.keepOnly(new Set());
    expect([...(await runtimes.takeUp([])).keys()].sort()).toEqual(["container", "process"]);
    await runtimes.erase();
    expect(asked.sort()).toEqual(
        ["erases", "keeps", "takes up"].flatMap((what) => [`container ${what}`, `process ${what}`]).sort(),
    );
    const kinds = (["container", "process", undefined] as const).map(
        (runtime) => runtimes.of({ runtime } as never).kind,
    );
    expect(kinds).toEqual(["container", "process", "process"]);
});
