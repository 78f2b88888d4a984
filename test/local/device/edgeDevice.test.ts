import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { identify } from "../../../setup/processIdentity";
import { freePort } from "../../support/freePort";
import { until, within } from "../../support/waiting";
import { testClock } from "./testClock";
import { ask, module, startTestDevice, type TestDevice } from "./testDevice";

let test1: TestDevice;
let port: number;

beforeEach(async () => {
    test1 = await startTestDevice();
    port = await freePort();
});
afterEach(() => test1.close());

/** Waits until the device has reported about this version of the manifest. */
const settled = (version: number, code = 200) =>
    until(`version ${version} with code ${code}`, async () => {
        const reported = await test1.reported();
        return (
            reported.lastDesiredVersion === version && reported.lastDesiredStatus.code === code && reported
        );
    });

const statusOf = (name: string) => test1.device.status().modules.find((each) => each.name === name);

test("a device that starts without a manifest says that it has none, and runs the one that comes", async () => {
    test1.powerOn();
    const empty = await settled(1, 417);
    expect(empty.lastDesiredStatus.description).toMatch(/empty configuration/);
    const image = await test1.push("hello");
    const version = await test1.apply({
        m: module(image, port, { env: { COLOUR: { value: "blue" }, N: { value: 5 } } }),
    });
    const reported = await settled(version);
    const { greeting, env, cwd } = await until("an answer", () => ask(port));
    expect([greeting, cwd]).toEqual(["hello", expect.stringMatching(/rootfs\/app$/)]);
    const generationId = test1.hub.hub.modules("e").find(({ moduleId }) => moduleId === "m")?.generationId;
    expect(env).toMatchObject({
        COLOUR: "blue",
        N: "5",
        HOST: "127.0.0.1",
        PORT: String(port),
        LANG: "C.UTF-8",
        IOTEDGE_DEVICEID: "e",
        IOTEDGE_MODULEID: "m",
        IOTEDGE_IOTHUBHOSTNAME: test1.hub.description.hostName,
        IOTEDGE_AUTHSCHEME: "sasToken",
        IOTEDGE_MODULEGENERATIONID: generationId,
        HOME: join(test1.folder, "modules", "m"),
    });
    expect(env.SECRET_OF_THE_HOST).toBeUndefined();
    expect(reported).toMatchObject({
        schemaVersion: "1.1",
        runtime: { type: "docker", platform: { os: "linux" } },
        systemModules: {
            edgeAgent: {
                runtimeStatus: "running",
                settings: { image: "mcr.microsoft.com/azureiotedge-agent:1.6.8" },
            },
            edgeHub: {
                runtimeStatus: "running",
                settings: { image: "mcr.microsoft.com/azureiotedge-hub:1.6.8" },
            },
        },
        modules: {
            m: {
                runtimeStatus: "running",
                status: "running",
                restartPolicy: "always",
                exitCode: 0,
                restartCount: 0,
                settings: { image, imageHash: expect.stringMatching(/^sha256:/) },
                env: { COLOUR: { value: "blue" } },
            },
        },
    });
    expect(test1.device.status()).toMatchObject({
        deviceId: "e",
        connected: true,
        modules: [{ name: "m", image, status: "running", restarts: 0, url: `http://localhost:${port}` }],
    });
    expect(JSON.stringify(reported)).not.toContain(test1.registry.account.password);
});

test("a module that is killed or ends runs again, from what was pulled, though the registry is gone", async () => {
    test1.powerOn();
    await settled(await test1.apply({ m: module(await test1.push("hello"), port) }));
    await test1.registry.registry.close();
    const first = await until("an answer", () => ask(port));
    process.kill(first.pid, "SIGKILL");
    const second = await until("another process", async () => {
        const answer = await ask(port);
        return answer?.pid !== first.pid && answer;
    });
    expect(second.greeting).toBe("hello");
    const reported = await until("the restart to be reported", async () => {
        const { m } = (await test1.reported()).modules;
        return m.restartCount === 1 && m.runtimeStatus === "running" && m;
    });
    expect(Date.parse(reported.lastExitTimeUtc)).toBeLessThanOrEqual(Date.parse(reported.lastStartTimeUtc));
    expect(test1.log("edgeAgent")).toMatch(/module m: exited with code 137 \(backoff\)/);
    await ask(port, "/exit/3");
    await until("a second restart", () => statusOf("m")?.restarts === 2);
    expect(test1.log("edgeAgent")).toMatch(/module m: exited with code 3 \(backoff\)/);
    await test1.registry.restart();
});

test("another image replaces the module, and the old one's files are removed", async () => {
    test1.powerOn();
    await settled(await test1.apply({ m: module(await test1.push("old"), port) }));
    const before = await until("an answer", () => ask(port));
    const image = await test1.push("new");
    const reported = await settled(await test1.apply({ m: module(image, port) }));
    expect(reported.modules.m.settings.image).toBe(image);
    expect((await until("the new one's answer", () => ask(port))).greeting).toBe("new");
    expect(identify(before.pid)).toBeUndefined();
    expect(test1.log("m")).toBe("listening\nasked to stop\nlistening\n");
    expect(readdirSync(join(test1.folder, "images"))).toHaveLength(1);
});

test("a module that the manifest drops, or wants stopped, ends; an unchanged one is left alone", async () => {
    test1.powerOn();
    const image = await test1.push("hello");
    const ports = [port, await freePort(), await freePort()];
    const all = { a: module(image, ports[0]), b: module(image, ports[1]), c: module(image, ports[2]) };
    await settled(await test1.apply(all));
    const pids = await Promise.all(
        ports.map(async (each) => (await until("an answer", () => ask(each))).pid),
    );
    const reported = await settled(await test1.apply({ a: all.a, b: { ...all.b, status: "stopped" } }));
    expect(Object.keys(reported.modules)).toEqual(["a", "b"]);
    expect([reported.modules.a.runtimeStatus, reported.modules.b.runtimeStatus]).toEqual([
        "running",
        "stopped",
    ]);
    expect((await ask(ports[0] ?? 0)).pid).toBe(pids[0]);
    for (const pid of pids.slice(1)) expect(identify(pid)).toBeUndefined();
    await settled(await test1.apply({ a: all.a, b: all.b }));
    expect((await until("b again", () => ask(ports[1] ?? 0))).greeting).toBe("hello");
    expect(statusOf("b")?.restarts).toBe(0);
});

test("a port that another program uses is told in a sentence, and taken once it is free", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, "127.0.0.1", resolve));
    test1.powerOn();
    const version = await test1.apply({ m: module(await test1.push("hello"), port) });
    const reported = await settled(version, 500);
    const sentence = `Module m needs port ${port} on 127.0.0.1, which another program uses; stop that program and try again.`;
    expect(reported.lastDesiredStatus.description).toBe(sentence);
    expect(reported.modules.m).toMatchObject({ runtimeStatus: "backoff", statusDescription: sentence });
    await new Promise((resolve) => other.close(resolve));
    await settled(version);
    expect((await until("an answer", () => ask(port))).greeting).toBe("hello");
});

test("an image that cannot be pulled is reported, the others run, and it is pulled once it is there", async () => {
    test1.powerOn();
    const other = await freePort();
    const late = await test1.push("late");
    const digest = late.slice(late.indexOf("@") + 1);
    await test1.registry.delete(digest);
    const good = await test1.push("good");
    const version = await test1.apply({ a: module(late, other), b: module(good, port) });
    const reported = await settled(version, 500);
    const { server } = test1.registry.account;
    expect(reported.lastDesiredStatus.description).toBe(
        `The registry ${server} has no module/manifests/${digest} (404).`,
    );
    expect(Object.keys(reported.modules)).toEqual(["b"]);
    expect((await until("an answer", () => ask(port))).greeting).toBe("good");
    await test1.push("late");
    await settled(version);
    expect((await until("an answer", () => ask(other))).greeting).toBe("late");
});

test("credentials that the registry does not know are reported as it refused them", async () => {
    test1.powerOn();
    const image = await test1.push("hello");
    const runtime = (credentials: object) => ({
        runtime: { type: "docker", settings: { registryCredentials: credentials } },
    });
    const { server: address, username } = test1.registry.account;
    const wrong = { local: { address, username, password: "top-secret" } };
    const refused = await settled(await test1.apply({ m: module(image, port) }, runtime(wrong)), 500);
    expect(refused.lastDesiredStatus.description).toBe(
        `The registry ${address} refused the user name 'registry1' or its password (401).`,
    );
    const anonymous = await settled(await test1.apply({ m: module(image, port) }, runtime({})), 500);
    expect(anonymous.lastDesiredStatus.description).toMatch(/refused a request without a user name/);
    await settled(await test1.apply({ m: module(image, port) }));
});

test("a manifest that cannot be read is reported with its code, and what ran keeps running", async () => {
    test1.powerOn();
    await settled(await test1.apply({ m: module(await test1.push("hello"), port) }));
    const { pid } = await until("an answer", () => ask(port));
    const gap = { settings: { image: "r.io/c:v1", createOptions: "{", createOptions02: "}" } };
    const manifests: [number, Record<string, object>, object, RegExp][] = [
        [412, {}, { schemaVersion: "2.0" }, /schema version is 2.0, expected 1.0 or 1.1/],
        [400, {}, { runtime: undefined }, /format is invalid.*runtime/],
        [400, { m: module("r.io/c:v1@sha256:ab", 80) }, {}, /m: Image r.io\/c:v1@sha256:ab is not/],
        [400, { m: module("", 80, gap) }, {}, /createOptions01 is missing/],
        [400, { m: module("r.io/c:v1", 80, { type: "wasm" }) }, {}, /type/],
    ];
    for (const [code, modules, changes, reason] of manifests) {
        const reported = await settled(await test1.apply(modules, changes), code);
        expect(reported.lastDesiredStatus.description).toMatch(reason);
        expect((await ask(port)).pid).toBe(pid);
    }
});

test("a module that asks for more than is its own is refused and said to be", async () => {
    test1.powerOn();
    const image = await test1.push("hello");
    const wishes: [object, RegExp][] = [
        [{ HostConfig: { Privileged: true } }, /Privileged is true/],
        [{ HostConfig: { NetworkMode: "host" } }, /NetworkMode is host/],
        [{ HostConfig: { PidMode: "host" } }, /PidMode is host/],
        [{ HostConfig: { Binds: ["/etc:/etc"] } }, /Binds shares/],
    ];
    for (const [createOptions, reason] of wishes) {
        const settings = { image, createOptions: JSON.stringify(createOptions) };
        const reported = await settled(await test1.apply({ m: module("", undefined, { settings }) }), 500);
        expect(reported.lastDesiredStatus.description).toMatch(reason);
        expect(reported.modules.m.statusDescription).toMatch(reason);
        expect(test1.log("m")).toBe("");
    }
});

test("a manifest that comes during a pull is the one that is applied", async () => {
    test1.powerOn();
    const filler = { "app/filler.bin": "x".repeat(60_000_000) };
    const slow = await test1.push("slow", {}, filler);
    const quick = await test1.push("quick");
    await test1.apply({ m: module(slow, port) });
    const version = await test1.apply({ m: module(quick, port) });
    const reported = await settled(version);
    expect(reported.modules.m.settings.image).toBe(quick);
    expect((await until("an answer", () => ask(port))).greeting).toBe("quick");
    expect(test1.log("edgeAgent")).not.toContain(`created module m from ${slow}`);
    expect(readdirSync(join(test1.folder, "images"))).toHaveLength(1);
});

test("a device that is switched off stops its modules and says so; switched on, it goes on without pulling", async () => {
    test1.powerOn();
    const image = await test1.push("hello");
    const version = await test1.apply({ m: module(image, port) });
    await settled(version);
    const { pid } = await until("an answer", () => ask(port));
    await test1.device.stop();
    expect(identify(pid)).toBeUndefined();
    const off = await settled(version, 406);
    expect(off.lastDesiredStatus.description).toBe("Agent is not running");
    expect(off.modules.m.runtimeStatus).toBe("unknown");
    const twin = (await test1.hub.call("GET", "/twins/e/modules/$edgeAgent")).body;
    expect(twin.connectionState).toBe("Disconnected");
    await test1.registry.registry.close();
    test1.powerOn();
    await settled(version);
    expect((await until("an answer", () => ask(port))).greeting).toBe("hello");
    expect(statusOf("m")?.restarts).toBe(0);
    await test1.registry.restart();
});

test("a module left by a device that was killed is ended before its successor starts", async () => {
    test1.powerOn();
    await settled(await test1.apply({ m: module(await test1.push("hello"), port) }));
    await test1.device.stop();
    // A device in a process of its own, which goes by what it was told last.
    const script = `
        const { startEdgeDevice } = require("./local/device/edgeDevice");
        const { openStore } = require("./local/base/store");
        const [folder, storeFolder, hubHostName] = process.argv.slice(1);
        const hub = { connect() { throw new Error("away"); }, generationId: () => "1", key: () => undefined };
        const store = openStore(storeFolder);
        const edgeHubs = { port: 1, add: () => () => {}, forget() {} };
        startEdgeDevice({ deviceId: "e", hubHostName, hub, edgeHubs, folder, store, environment: process.env, settings: () => ({ runtime: "process" }), certificates: { caPem: "" } });
        setInterval(() => {}, 1000);`;
    const { hostName } = test1.hub.description;
    const parts = [test1.folder, join(test1.registry.scratch, "store"), hostName];
    const killed = spawn(process.execPath, ["-r", "tsx/cjs", "-e", script, ...parts], { stdio: "inherit" });
    const orphan = await until("an answer", () => ask(port));
    killed.kill("SIGKILL");
    await within("the end of the device", once(killed, "exit"));
    expect((await ask(port)).pid).toBe(orphan.pid);
    test1.powerOn();
    const successor = await until("the successor", async () => {
        const answer = await ask(port);
        return answer && answer.pid !== orphan.pid && answer;
    });
    expect(identify(orphan.pid)).toBeUndefined();
    expect(statusOf("m")).toMatchObject({ pid: successor.pid, restarts: 0 });
});

test("a device that the hub cuts off keeps its modules, and reports again when it may connect", async () => {
    test1.powerOn();
    const version = await test1.apply({ m: module(await test1.push("hello"), port) });
    await settled(version);
    const { body } = await test1.hub.call("GET", "/devices/e");
    await test1.hub.call("PUT", "/devices/e", { body: { ...body, status: "disabled" }, ifMatch: "*" });
    await until("the link to be cut", () => !test1.device.status().connected);
    const { pid } = await until("an answer", () => ask(port));
    process.kill(pid, "SIGKILL");
    await until("a restart without the hub", async () => {
        const answer = await ask(port);
        return answer && answer.pid !== pid;
    });
    await test1.hub.call("PUT", "/devices/e", { body, ifMatch: "*" });
    await until("the link", () => test1.device.status().connected);
    await until("the report", async () => (await test1.reported()).modules.m.restartCount === 1);
});

test("a module that is restarted by a direct method is another process, and its log is answered", async () => {
    test1.powerOn();
    await settled(await test1.apply({ m: module(await test1.push("hello"), port) }));
    const { pid } = await until("an answer", () => ask(port));
    const invoke = async (methodName: string, payload: object) => {
        const body = { methodName, payload };
        return (await test1.hub.call("POST", "/twins/e/modules/$edgeAgent/methods", { body })).body;
    };
    const restart = await invoke("RestartModule", { schemaVersion: "1.0", id: "m" });
    expect(restart).toEqual({ status: 200, payload: null });
    expect((await until("an answer", () => ask(port))).pid).not.toBe(pid);
    expect(statusOf("m")?.restarts).toBe(1);
    const items = [{ id: "m", filter: { tail: 2 } }];
    const logs = await invoke("GetModuleLogs", { schemaVersion: "1.0", items });
    expect(logs).toEqual({ status: 200, payload: [{ id: "m", payload: "asked to stop\nlistening\n" }] });
});

test("the unmodified module client finds hub and keys by its environment, and reports", async () => {
    test1.powerOn();
    const packages = join(__dirname, "../../../node_modules");
    const script = `
        const { ModuleClient } = require(${JSON.stringify(join(packages, "azure-iot-device"))});
        const { Mqtt } = require(${JSON.stringify(join(packages, "azure-iot-device-mqtt"))});
        (async () => {
            const client = await ModuleClient.fromEnvironment(Mqtt);
            await client.open();
            const twin = await client.getTwin();
            twin.properties.reported.update({ fruit: "banana" }, (error) => console.log(error ?? "reported"));
        })().catch((error) => console.log(error.stack));`;
    const image = await test1.push("sdk", { Cmd: ["node", "client.js"] }, { "app/client.js": script });
    await settled(await test1.apply({ m: module(image, undefined) }));
    const reported = await until("the module's report", async () => {
        const { body } = await test1.hub.call("GET", "/twins/e/modules/m");
        return body.properties?.reported.fruit;
    }).catch((error: Error) => {
        throw new Error(`${error.message} Its log: ${test1.log("m")}`);
    });
    expect(reported).toBe("banana");
    await until("the module's line about it", () => test1.log("m").includes("reported"));
});

test("a device that is erased leaves no process, file or record", async () => {
    test1.powerOn();
    await settled(await test1.apply({ m: module(await test1.push("hello"), port) }));
    const { pid } = await until("an answer", () => ask(port));
    await test1.device.erase();
    expect(identify(pid)).toBeUndefined();
    expect(existsSync(test1.folder)).toBe(false);
    const prefix = `device/${test1.hub.description.hostName}/e`;
    for (const kind of ["modules", "desired", "edgeHub", "messages", "twins"]) {
        expect(test1.registry.store.collection(`${prefix}/${kind}`).entries()).toEqual([]);
    }
});

test("a module that keeps failing rests ten seconds, then twice as long each time, and is given up after twenty", async () => {
    const clock = testClock();
    await test1.close();
    test1 = await startTestDevice({ clock, coolOffUnit: 10_000 });
    test1.powerOn();
    const image = await test1.push("fails", { Cmd: ["/bin/sh", "-c", "exit 7"] });
    await settled(await test1.apply({ m: module(image, undefined) }));
    const failedTimes = (count: number) =>
        until(
            `failure ${count}`,
            () => test1.log("edgeAgent").split("exited with code 7").length - 1 === count,
        );
    const starts = () => test1.log("edgeAgent").split("started module m").length - 1;
    for (const [restarts, seconds] of [10, 20, 40, 80, 160, 300, 300].entries()) {
        await failedTimes(restarts + 1);
        await until("its report", async () => (await test1.reported()).modules.m.runtimeStatus === "backoff");
        clock.advance(seconds * 1000 - 1);
        expect(starts()).toBe(restarts + 1);
        clock.advance(1);
        await until("the restart", () => starts() === restarts + 2);
    }
    for (let restarts = 7; restarts < 20; restarts++) {
        await failedTimes(restarts + 1);
        await until("its report", async () => (await test1.reported()).modules.m.restartCount === restarts);
        clock.advance(300_000);
    }
    const reported = await until("the end of patience", async () => {
        const { m } = (await test1.reported()).modules;
        return m.runtimeStatus === "failed" && m;
    });
    expect([reported.restartCount, reported.exitCode]).toEqual([20, 7]);
    clock.advance(3_600_000);
    expect(starts()).toBe(21);
});
