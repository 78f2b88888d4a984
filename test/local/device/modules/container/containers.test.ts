import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Collection, openStore, type Store } from "../../../../../local/base/store";
import type { ContainerGateway } from "../../../../../local/device/modules/container/containerGateway";
import { containerRuntime } from "../../../../../local/device/modules/container/containerRuntime";
import type { ModuleRecord } from "../../../../../local/device/modules/moduleRecords";
import type {
    DeviceImage,
    ModuleRuntime,
    RunningModule,
} from "../../../../../local/device/modules/moduleRuntime";
import { until, within } from "../../../../support/waiting";
import { type FakeEngine, startFakeEngine } from "../../../docker/fakeEngine";
import { testClock } from "../../testClock";

let folder: string;
let store: Store;
let fake: FakeEngine;
let pulled: Collection<DeviceImage>;
let runtime: ModuleRuntime;
let log: string[];
let hasEngine: boolean;
const opened: string[] = [];
/** The containers whose end is waited for. */
let followed: RunningModule[];

beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "containers-"));
    store = openStore(join(folder, "store"));
    pulled = store.collection<DeviceImage>("pulled");
    fake = await startFakeEngine();
    log = [];
    hasEngine = true;
    opened.length = 0;
    followed = [];
    runtime = containerRuntime({
        folder,
        identity: (moduleId) => ({ deviceId: "d", moduleId, hubHostName: "hub", generationId: "1" }),
        logFile: (moduleId) => join(folder, `${moduleId}.log`),
        workload: async (moduleId) => {
            opened.push(moduleId);
            return join(folder, "workload", moduleId);
        },
        clock: testClock(),
        log: (line) => log.push(line),
        engine: () => (hasEngine ? fake.engine : undefined),
        gateway: {
            open: async () => ({ extraHost: "edge-gateway:172.17.0.1", hostName: "edge-gateway:1" }),
            close: async () => {},
        } satisfies ContainerGateway,
        pulled,
    });
});
afterEach(async () => {
    fake.answer = () => ({ status: 404 });
    fake.cut();
    await within("the end of what is followed", Promise.all(followed.map(({ exited }) => exited)));
    await fake.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
});

const reference = { server: "r.io", repository: "c", reference: "sha256:1" };
const inspected = (...RepoDigests: string[]) => ({ json: { Id: "sha256:2", RepoDigests } });
const image = { digest: "sha256:1", imageHash: "sha256:2" };
const account = { server: "r.io", username: "u", password: "p" };
const never = new AbortController().signal;
const record = (changes: Partial<ModuleRecord> = {}, createOptions = "{}"): ModuleRecord => ({
    desired: {
        name: "m",
        image: "r.io/c@sha256:1",
        createOptions,
        env: {},
        status: "running",
        restartPolicy: "always",
        imagePullPolicy: "on-create",
        startupOrder: 1,
    },
    ...image,
    runtimeStatus: "running",
    statusDescription: "running",
    exitCode: 0,
    restartCount: 0,
    awaitsStart: false,
    ...changes,
});

describe("an image", () => {
    test("is here when the engine has it from its own repository", async () => {
        fake.answer = () => inspected("other.io/c@sha256:9", "r.io/c@sha256:1");
        expect(await runtime.findImage(reference)).toEqual(image);
        fake.answer = () => inspected("r.io/cc@sha256:1");
        expect(await runtime.findImage(reference)).toBeUndefined();
        fake.answer = () => ({ status: 404 });
        expect(await runtime.findImage(reference)).toBeUndefined();
        fake.answer = () => ({ status: 500, json: { message: "broken" } });
        await expect(runtime.findImage(reference)).rejects.toThrow("broken");
    });

    test("is pulled with the account of its registry, and goes when no module needs it", async () => {
        fake.answer = (call) => (call.startsWith("POST") ? { lines: [] } : inspected("r.io/c@sha256:1"));
        expect(await runtime.pull(reference, account, never)).toEqual(image);
        expect(fake.asked[0]).toMatchObject({
            call: "POST /images/create",
            headers: { "x-registry-auth": expect.any(String) },
        });
        expect(fake.asked[0]?.query.get("fromImage")).toBe("r.io/c@sha256:1");
        await runtime.keepOnly(new Set(["sha256:1"]));
        expect(pulled.entries()).toHaveLength(1);
        fake.answer = () => ({ status: 500, json: { message: "broken" } });
        await expect(runtime.keepOnly(new Set())).rejects.toThrow("broken");
        expect(pulled.entries()).toHaveLength(1);
        fake.answer = () => ({ status: 409 });
        await runtime.keepOnly(new Set());
        expect([fake.calls().at(-1), pulled.entries()]).toEqual(["DELETE /images/r.io/c@sha256:1", []]);
    });

    test("that cannot be pulled, or is not named by its digest then, is an error", async () => {
        fake.answer = () => ({ lines: [{ error: "denied" }] });
        await expect(runtime.pull(reference, account, never)).rejects.toThrow("denied");
        fake.answer = (call) => (call.startsWith("POST") ? { lines: [] } : inspected());
        await expect(runtime.pull(reference, account, never)).rejects.toThrow("does not name its digest");
        expect(pulled.entries()).toEqual([]);
    });
});

describe("a container", () => {
    test("is made in the device's network, in place of an older one of its name", async () => {
        fake.answer = (call) =>
            call.endsWith("/networks/create")
                ? { status: 409 }
                : call.startsWith("DELETE")
                  ? { status: 404 }
                  : { json: { Id: "new" } };
        const options = JSON.stringify({ HostConfig: { Binds: [`${folder}/storage/a:/a`] } });
        expect(await runtime.create(record({}, options).desired, image)).toEqual({ container: "new" });
        const [network, removal, creation] = fake.asked;
        const name = creation?.query.get("name") ?? "";
        expect(name).toMatch(/^edge-[0-9a-f]{12}-m$/);
        expect(removal?.call).toBe(`DELETE /containers/${name}`);
        expect(Object.fromEntries(removal?.query ?? [])).toEqual({ force: "1", v: "1" });
        const { Name } = JSON.parse(network?.body ?? "{}");
        expect(JSON.parse(creation?.body ?? "{}")).toMatchObject({
            Image: "r.io/c@sha256:1",
            HostConfig: { NetworkMode: Name, ExtraHosts: ["edge-gateway:172.17.0.1"] },
            Labels: { "edge-classifier.module": "m", "edge-classifier.device": expect.any(String) },
        });
        // The engine would make it for the superuser.
        expect(existsSync(join(folder, "storage/a"))).toBe(true);
    });

    test("that reaches beyond its module is not made", async () => {
        const options = JSON.stringify({ HostConfig: { Privileged: true } });
        await expect(runtime.create(record({}, options).desired, image)).rejects.toThrow(
            "Privileged is true",
        );
        expect(fake.calls()).toEqual([]);
    });

    const waiting = (call: string) => call.includes("/wait") || call.includes("/logs");

    test("starts, is put on record first, and its end is told with its code", async () => {
        fake.answer = (call) =>
            call.endsWith("/wait")
                ? { json: { StatusCode: 3 } }
                : { json: { Config: { Tty: true }, Id: "c1" } };
        const notes: object[] = [];
        const started = await runtime.start(record({ container: "c1" }), (traces) => notes.push(traces));
        expect([notes, started.title, await within("the end", started.exited)]).toEqual([
            [{ container: "c1" }],
            "container c1",
            3,
        ]);
        expect(opened).toEqual(["m"]);
        expect(fake.calls()).toContain("POST /containers/c1/start");
        await until("its log", () => existsSync(join(folder, "m.log")));
        expect(readFileSync(join(folder, "m.log"), "utf8")).toContain("Tty");
        fake.answer = () => ({ status: 304 });
        await started.stop();
        fake.answer = () => ({ status: 500, json: { message: "broken" } });
        await expect(started.stop()).rejects.toThrow("broken");
    });

    test("that somebody removed is made anew, one whose network is missing is not", async () => {
        fake.answer = (call) => {
            if (call === "POST /containers/old/start")
                return { status: 404, json: { message: "no such container" } };
            if (call === "GET /containers/old/json") return { status: 404 };
            return waiting(call) ? undefined : { json: { Id: "new", Config: { Tty: false } } };
        };
        const notes: object[] = [];
        followed = [await runtime.start(record({ container: "old" }), (traces) => notes.push(traces))];
        expect(notes).toEqual([{ container: "new" }]);
        expect(log.join()).toContain("the container of m is gone (no such container): making it anew");
        fake.answer = (call) =>
            call.endsWith("/start")
                ? { status: 404, json: { message: "network x not found" } }
                : { json: {} };
        fake.asked.length = 0;
        await expect(runtime.start(record({ container: "old" }), () => {})).rejects.toThrow(
            "network x not found",
        );
        expect(fake.calls()).not.toContain("POST /containers/create");
    });

    test("whose image is gone says so, until that is pulled again", async () => {
        fake.answer = (call) => {
            if (call.endsWith("/start")) return { status: 404, json: { message: "No such image: r.io/c" } };
            return call.startsWith("GET /images") ? inspected("r.io/c@sha256:1") : { json: {} };
        };
        expect(runtime.hasImage("sha256:1")).toBe(true);
        await expect(runtime.start(record({ container: "c1" }), () => {})).rejects.toThrow("No such image");
        expect(runtime.hasImage("sha256:1")).toBe(false);
        fake.answer = (call) => (call.startsWith("POST") ? { lines: [] } : inspected("r.io/c@sha256:1"));
        await runtime.pull(reference, account, never);
        expect(runtime.hasImage("sha256:1")).toBe(true);
    });
});

describe("what an earlier run left", () => {
    const found = (...containers: [id: string, state: string, module: string][]) => {
        fake.answer = (call) => {
            if (call === "GET /containers/json") {
                const list = containers.map(([Id, State, name]) => ({
                    ...{ Id, State },
                    Labels: { "edge-classifier.module": name },
                }));
                return { json: list };
            }
            if (call.includes("/wait") || call.includes("/logs")) return undefined;
            return { json: { State: { ExitCode: 5 }, Config: { Tty: false } } };
        };
    };
    const named = (name: string, changes: Partial<ModuleRecord>) => {
        const one = record(changes);
        return { ...one, desired: { ...one.desired, name } };
    };

    test("is taken up: what runs, what ended, what is gone; and what nobody knows is removed", async () => {
        found(["c1", "running", "a"], ["c2", "exited", "b"], ["c3", "running", "c"], ["c4", "exited", "d"]);
        const left = await runtime.takeUp([
            named("a", { container: "c1" }),
            named("b", { container: "c2" }),
            named("c", { container: "another" }),
            named("d", { container: "c4", runtimeStatus: "stopped" }),
            named("e", { container: "c5" }),
            named("f", { container: "c6", runtimeStatus: "failed" }),
        ]);
        followed = [...left.values()].flatMap((how) => ("running" in how ? how.running : []));
        expect([...left].map(([name, how]) => [name, Object.keys(how)[0]]).sort()).toEqual([
            ["a", "running"],
            ["b", "exitCode"],
            ["c", "ended"],
            ["e", "ended"],
        ]);
        expect(left.get("b")).toEqual({ exitCode: 5 });
        expect(fake.calls().filter((call) => call.startsWith("DELETE"))).toEqual(["DELETE /containers/c3"]);
        expect(opened).toEqual(["a"]);
        const filters = JSON.parse(fake.asked[0]?.query.get("filters") ?? "{}");
        expect(filters.label[0]).toMatch(/^edge-classifier\.device=[0-9a-f]{12}$/);
        expect(fake.asked[0]?.query.get("all")).toBe("1");
    });

    test("needs an engine only where a container is known", async () => {
        hasEngine = false;
        expect(await runtime.takeUp([record()])).toEqual(new Map());
        await expect(runtime.takeUp([record({ container: "c1" })])).rejects.toThrow(
            "Expected a Docker engine",
        );
        await runtime.erase();
        pulled.put("r.io/c@sha256:1", image);
        await expect(runtime.erase()).rejects.toThrow("Expected a Docker engine");
    });

    test("is erased: containers, images and the network", async () => {
        found(["c1", "running", "a"], ["c2", "exited", "b"]);
        pulled.put("r.io/c@sha256:1", image);
        await runtime.erase();
        const removed = fake.calls().filter((call) => call.startsWith("DELETE"));
        expect(removed.slice(0, 3)).toEqual([
            "DELETE /containers/c1",
            "DELETE /containers/c2",
            "DELETE /images/r.io/c@sha256:1",
        ]);
        expect(removed[3]).toMatch(/^DELETE \/networks\/azure-iot-edge-[0-9a-f]{12}$/);
        expect(pulled.entries()).toEqual([]);
    });
});
