import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "../../../../local/base/store";
import { deleteHubData } from "../../../../local/planes/hub/hubData";
import { hubPlane } from "../../../../local/planes/hub/plane";
import { servePlane } from "../../../../local/planes/servePlane";
import { within } from "../../../support/waiting";
import { startTestHub, type TestHub } from "./testHub";

let test1: TestHub;
const call: TestHub["call"] = (...request) => test1.call(...request);

beforeEach(async () => {
    test1 = await startTestHub();
});
afterEach(() => test1.close());

test("identities and twins are as they were after the hub starts again", async () => {
    await call("PUT", "/devices/e", { body: { capabilities: { iotEdge: true } } });
    await call("PATCH", "/twins/e", { body: { tags: { a: 1 } } });
    const before = [(await call("GET", "/devices/e")).body, (await call("GET", "/twins/e")).body];
    await test1.restart();
    expect([(await call("GET", "/devices/e")).body, (await call("GET", "/twins/e")).body]).toEqual(before);
});

test("whoever listens hears of every device that comes, changes or goes, once it is so", async () => {
    const heard: string[][] = [];
    const stop = test1.hub.onDevicesChanged(() => {
        heard.push(test1.hub.devices().map(({ deviceId, status }) => `${deviceId} ${status}`));
    });
    await call("PUT", "/devices/a", { body: {} });
    await call("PUT", "/devices/a", { body: {} });
    await call("PATCH", "/twins/a", { body: { tags: {} } });
    await call("PUT", "/devices/a", { body: { status: "disabled" }, ifMatch: "*" });
    await call("DELETE", "/devices/a", { ifMatch: "*" });
    expect(heard).toEqual([["a enabled"], ["a disabled"], []]);
    stop();
    await call("PUT", "/devices/b", { body: {} });
    expect(heard).toHaveLength(3);
});

test("the module identities of a device are told with their generation", async () => {
    await call("PUT", "/devices/e", { body: { capabilities: { iotEdge: true } } });
    expect(
        test1.hub.modules("e").map(({ moduleId, generationId }) => [moduleId, generationId.length]),
    ).toEqual([
        ["$edgeAgent", 18],
        ["$edgeHub", 18],
    ]);
    expect(test1.hub.modules("nobody")).toEqual([]);
});

test("two hubs live side by side in one store and know nothing of each other's devices", async () => {
    await call("PUT", "/devices/a", { body: {} });
    const second = await servePlane(
        hubPlane(),
        { ...test1.description, name: "hub2", hostName: "localhost:0" },
        test1.host,
    );
    expect([test1.hub.devices().length, second.devices().length]).toEqual([1, 0]);
    await second.close();
    deleteHubData("hub2", test1.store);
    expect(test1.hub.devices()).toHaveLength(1);
    deleteHubData("hub1", test1.store);
    expect(test1.hub.devices()).toHaveLength(0);
    expect(test1.store.collection("hub/hub1/twins").entries()).toEqual([]);
});

test("a port in use is told in a sentence", async () => {
    const { port } = test1.description;
    await expect(servePlane(hubPlane(), test1.description, test1.host)).rejects.toThrow(
        `The IoT Hub hub1 needs port ${port} on 127.0.0.1, which another program uses; stop that program and try again.`,
    );
});

test("a hub whose process is killed between two requests has kept every write that it answered", async () => {
    await test1.hub.close();
    const folder = mkdtempSync(join(tmpdir(), "killed-hub-"));
    const script = `
        const { hubPlane } = require("./local/planes/hub/plane");
        const { servePlane } = require("./local/planes/servePlane");
        const { openStore } = require("./local/base/store");
        const { folder, description, certificates } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
        servePlane(hubPlane(), description, { store: openStore(folder), folder, certificates }).then(() => console.log("ready"));`;
    const child = spawn(process.execPath, ["-r", "tsx/cjs", "-e", script], {
        stdio: ["pipe", "pipe", "inherit"],
    });
    try {
        const { description, certificates } = test1;
        child.stdin.end(JSON.stringify({ folder, description, certificates }));
        await within("the hub in a process of its own", once(child.stdout, "data"));
        const created = await call("PUT", "/devices/e", { body: { capabilities: { iotEdge: true } } });
        child.kill("SIGKILL");
        await within("the end of its process", once(child, "exit"));
        const store = openStore(folder);
        test1.hub = await servePlane(hubPlane(), test1.description, { ...test1.host, store });
        expect((await call("GET", "/devices/e")).body).toEqual(created.body);
        expect((await call("GET", "/twins/e/modules/$edgeHub")).status).toBe(200);
        await test1.restart();
        await store.close();
    } finally {
        child.kill("SIGKILL");
        rmSync(folder, { recursive: true, force: true });
    }
});
