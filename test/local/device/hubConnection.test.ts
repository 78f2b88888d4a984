import { noConnection, provision } from "../../../local/device/hubConnection";
import { startTestHub, type TestHub } from "../planes/hub/testHub";

let test1: TestHub;
beforeAll(async () => {
    test1 = await startTestHub();
    await test1.call("PUT", "/devices/e", { body: { capabilities: { iotEdge: true } } });
    await test1.call("PUT", "/devices/e/modules/own", { body: {} });
});
afterAll(() => test1.close());

const device = (deviceId = "e") => {
    const found = test1.hub.devices().find((each) => each.deviceId === deviceId);
    if (!found) throw new Error(`${deviceId} is missing`);
    return found;
};

test("a device connects its modules with the key that it was given, and no longer once that is another", async () => {
    const connection = provision(test1.hub, device());
    for (const moduleId of ["$edgeAgent", "own"]) connection.connect(moduleId).close();
    expect(() => connection.connect("none")).toThrow("Unauthorized");
    await test1.call("PUT", "/devices/e", { body: { ...device(), authentication: undefined }, ifMatch: "*" });
    expect(() => connection.connect("$edgeAgent")).toThrow("Unauthorized");
    provision(test1.hub, device()).connect("$edgeAgent").close();
});

test("a module has its own key, one of a manifest its device's, and one that is not there none", async () => {
    const connection = provision(test1.hub, device());
    const own = test1.hub.modules("e").find(({ moduleId }) => moduleId === "own");
    expect(connection.key("own")).toBe(own?.authentication.symmetricKey?.primaryKey);
    expect(connection.key("$edgeAgent")).toBe(device().authentication.symmetricKey?.primaryKey);
    expect(connection.key("none")).toBeUndefined();
    expect([connection.generationId("own"), connection.generationId("none")]).toEqual([
        own?.generationId,
        "",
    ]);
});

test("a device that proves itself by a certificate, and one whose identity is gone, does not connect", async () => {
    const authentication = { type: "selfSigned", x509Thumbprint: { primaryThumbprint: "a".repeat(40) } };
    await test1.call("PUT", "/devices/x", { body: { capabilities: { iotEdge: true }, authentication } });
    const connection = provision(test1.hub, device("x"));
    expect(() => connection.connect("$edgeAgent")).toThrow("The device x has no symmetric key");
    expect(connection.key("$edgeAgent")).toBeUndefined();
    expect(() => noConnection.connect("$edgeAgent")).toThrow("the identity of this device was deleted");
    expect([noConnection.generationId("m"), noConnection.key("m")]).toEqual(["", undefined]);
});
