import {
    arm,
    askService,
    configure,
    group,
    provider,
    putHub,
    type TestService,
    useLocalServices,
} from "../localServices";
import { workOn } from "../stackedResource";

useLocalServices();
const devices = workOn(() => provider, "Device");
beforeEach(() => configure(provider, {}));

const policies = (...named: [keyName: string, rights: string, primaryKey?: string][]) => ({
    authorizationPolicies: named.map(([keyName, rights, primaryKey]) => ({ keyName, rights, primaryKey })),
});
const newKey = (fill: number) => Buffer.alloc(32, fill).toString("base64");

describe("the key of a hub that is named by its id", () => {
    test("is that of the policy that is configured", async () => {
        const rights = "RegistryWrite, ServiceConnect";
        const hub = await putHub("hub-named", policies(["one", rights], ["two", rights]));
        const named = await configured({ hubPolicyName: "two" });
        await named.create({ hubId: hub.id, deviceId: "d" });
        await putHub("hub-named", policies(["one", rights]));
        const after = await configured({ hubPolicyName: "two" });
        await expect(after.create({ hubId: hub.id, deviceId: "e" })).rejects.toThrow(
            new RegExp(
                `Expected Azure to carry out POST ${hub.id}/IotHubKeys/two/listkeys, found 404 KeyNotFound: `,
            ),
        );
    });

    test("is missing where no policy has the rights, and where the configured one lacks them", async () => {
        const { id } = await putHub(
            "hub-weak",
            policies(["reader", "RegistryRead"], ["service", "ServiceConnect"]),
        );
        const sentence = (found: string) =>
            `Expected ${id} to have a shared access policy with RegistryWrite and ServiceConnect, found ${found}. Add one to it.`;
        await expect(devices.create({ hubId: id, deviceId: "d" })).rejects.toThrow(
            sentence("reader (RegistryRead); service (ServiceConnect)"),
        );
        const named = await configured({ hubPolicyName: "reader" });
        await expect(named.create({ hubId: id, deviceId: "d" })).rejects.toThrow(
            sentence("reader (RegistryRead)"),
        );
    });

    test("is asked for anew when somebody has rotated it between two calls", async () => {
        const owner = (fill: number) => policies(["owner", "RegistryWrite, ServiceConnect", newKey(fill)]);
        const hub = await putHub("hub-rotated", owner(1));
        const made = await devices.create({ hubId: hub.id, deviceId: "d" });
        await putHub("hub-rotated", owner(2));
        expect(await devices.refresh(made)).toEqual(made);
    });
});

describe("a hub without local authentication", () => {
    test("is opened by Entra, without anybody saying so, also when it becomes one meanwhile", async () => {
        const hub = await putHub("hub-entra");
        const made = await devices.create({ hubId: hub.id, deviceId: "d" });
        await putHub("hub-entra", { disableLocalAuth: true });
        expect((await askService(hub, "GET", "/devices/d")).status).toBe(401);
        expect(await devices.refresh(made)).toEqual(made);
        const fresh = await configured({});
        expect(await fresh.refresh(made)).toEqual(made);
    });

    test("has no other way in: a key is refused, and not shown", async () => {
        const hub = await putHub("hub-keyless");
        await putHub("hub-keyless", { disableLocalAuth: true });
        const keyed = await configured({ hubConnectionString: hub.connectionString });
        const inputs = { hubHostName: hub.hostName, deviceId: "d" };
        const message = await keyed.create(inputs).catch((error: Error) => error.message);
        expect(message).toMatch(
            /found 401 IotHubUnauthorizedAccess: .*policy iothubowner, and hubConnectionString\.$/,
        );
        expect(message).not.toContain(hub.key);
        await putHub("hub-keyless");
        expect((await keyed.create(inputs)).state.hubHostName).toBe(hub.hostName);
    });

    test("can be had with hubAuth, and then no key is asked for", async () => {
        const hub = await putHub("hub-by-choice", policies(["reader", "RegistryRead"]));
        const chosen = await configured({ hubAuth: "entra" });
        await chosen.create({ hubId: hub.id, deviceId: "d" });
    });
});

describe("a hub that is gone", () => {
    test("in ARM counts as a device that is gone, and one whose deletion is done", async () => {
        const hub: TestService = await putHub("hub-gone");
        const made = await devices.create({ hubId: hub.id, deviceId: "d" });
        await arm("DELETE", hub.id);
        const fresh = await configured({});
        expect(await fresh.refresh(made)).toBeUndefined();
        await fresh.remove(made);
        const nowhere = { ...made, inputs: { ...made.inputs, hubId: hub.id.replace("/group/", "/other/") } };
        expect(await fresh.refresh(nowhere)).toBeUndefined();
    });

    test("is another matter than a subscription that one does not see", async () => {
        const hubId = `${group}/providers/Microsoft.Devices/IotHubs/h`.replace(/0{12}/, "000000000009");
        const state = { hubId, deviceId: "d", edge: true, status: "enabled" };
        const unseen = { urn: devices.urn(), id: `${hubId}/devices/d`, inputs: state, state };
        for (const act of [() => devices.refresh(unseen), () => devices.remove(unseen)])
            await expect(act()).rejects.toThrow(/found 404 SubscriptionNotFound: /);
    });
});

/** Devices as a later run sees them, whose configuration is another. */
async function configured(settings: Record<string, string>) {
    await configure(provider, settings);
    return devices;
}
