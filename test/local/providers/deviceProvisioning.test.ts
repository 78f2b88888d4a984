import { signSas } from "../../../local/planes/sas";
import { groupDeviceKey, registerDevice, sendJson } from "../planes/dps/testProvisioning";
import { inAnHour, newKey } from "../planes/hub/testHub";
import {
    type Created,
    caPem,
    create,
    type Inputs,
    newGroup,
    plugin,
    read,
    update,
    useLocalAzure,
} from "./machineParts";

useLocalAzure();

const keysOf = (module: string, name: string, args: Inputs) =>
    plugin.invoke(`azure-native:${module}:${name}KeysForKeyName`, args);

let resourceGroupName: string;
let hub: Created;
let link: { connectionString: string; location: string };

const linkAs = async (keyName: string, key?: string) => {
    const { primaryKey } = await keysOf("iothub", "listIotHubResource", {
        keyName,
        resourceGroupName,
        resourceName: hub.outputs.name,
    });
    const { hostName } = hub.outputs.properties;
    const connectionString = `HostName=${hostName};SharedAccessKeyName=${keyName};SharedAccessKey=${key ?? primaryKey}`;
    return { connectionString, location: "westeurope" };
};

beforeAll(async () => {
    resourceGroupName = await newGroup();
    hub = await create("iothub:IotHubResource", {
        resourceGroupName,
        resourceName: "hub-linked",
        sku: { name: "S1", capacity: 1 },
        properties: {
            authorizationPolicies: [
                { keyName: "linking", rights: "RegistryWrite, ServiceConnect" },
                { keyName: "reading", rights: "RegistryRead" },
            ],
        },
    });
    link = await linkAs("linking");
});

const service = (provisioningServiceName: string, change: Inputs = {}, tier = "S1") =>
    create("deviceprovisioningservices:IotDpsResource", {
        resourceGroupName,
        provisioningServiceName,
        sku: { name: tier, capacity: 1 },
        properties: { iotHubs: [link], ...change },
    });

test("a provisioning service has its scope and hosts, which stay, and shows no key of the hub", async () => {
    const created = await service("dps-plain");
    const { properties } = created.outputs;
    expect(properties).toMatchObject({
        idScope: expect.stringMatching(/^0ne[0-9A-F]{8}$/),
        serviceOperationsHostName: expect.stringMatching(/^localhost:\d+$/),
        iotHubs: [
            { name: hub.outputs.properties.hostName, connectionString: expect.stringMatching(/=\*\*\*\*$/) },
        ],
    });
    const updated = await update(created, { tags: { team: "fruit" } });
    expect(updated.properties).toMatchObject({
        idScope: properties.idScope,
        serviceOperationsHostName: properties.serviceOperationsHostName,
    });
    // A refresh finds the mask where it was, and takes it for no change.
    expect((await read(created)).inputs).toMatchObject({ properties: { iotHubs: [link] } });
});

test("the mask that an answer shows may come back with another update", async () => {
    const created = await service("dps-masked");
    const { iotHubs } = created.outputs.properties;
    const [{ connectionString, location }] = iotHubs;
    const again = { properties: { iotHubs: [{ connectionString, location }] } };
    expect((await update(created, again)).properties).toMatchObject({ iotHubs });
});

test("keys are told by the name of their policy, and are others after an update that names it without them", async () => {
    const authorizationPolicies = [{ keyName: "enroller", rights: "EnrollmentRead, EnrollmentWrite" }];
    const created = await service("dps-keys", { authorizationPolicies });
    const ask = (keyName: string) =>
        keysOf("deviceprovisioningservices", "listIotDpsResource", {
            keyName,
            resourceGroupName,
            provisioningServiceName: "dps-keys",
        });
    const { primaryKey } = await ask("enroller");
    expect(Buffer.from(String(primaryKey), "base64")).toHaveLength(32);
    await update(created, { properties: { iotHubs: [link] } });
    expect(await ask("enroller")).toMatchObject({ primaryKey });
    await update(created, { tags: { team: "fruit" } });
    expect((await ask("enroller")).primaryKey).not.toBe(primaryKey);
    await expect(ask("nobody")).rejects.toThrow('has no policy "nobody"');
    expect(JSON.stringify(created.outputs)).not.toContain(primaryKey);
});

test("a device of an enrollment group registers with the service and is in the hub that is linked", async () => {
    const authorizationPolicies = [{ keyName: "enroller", rights: "EnrollmentRead, EnrollmentWrite" }];
    const { outputs } = await service("dps-registers", { authorizationPolicies });
    const { serviceOperationsHostName: hostName, idScope } = outputs.properties;
    const enroller = await keysOf("deviceprovisioningservices", "listIotDpsResource", {
        keyName: "enroller",
        resourceGroupName,
        provisioningServiceName: "dps-registers",
    });
    const linking = await keysOf("iothub", "listIotHubResource", {
        keyName: "linking",
        resourceGroupName,
        resourceName: hub.outputs.name,
    });
    const ca = caPem();
    const call = (method: string, host: string, path: string, policy: string, key: unknown, body?: unknown) =>
        sendJson({
            port: Number(host.split(":")[1]),
            ca,
            method,
            path,
            authorization: signSas({ resource: host, key: String(key), policy, expiresAt: inAnHour() }),
            body,
        });
    const symmetricKey = { primaryKey: newKey(), secondaryKey: newKey() };
    const path = "/enrollmentGroups/fleet?api-version=2021-10-01";
    const fleet = { enrollmentGroupId: "fleet", attestation: { type: "symmetricKey", symmetricKey } };
    await call("PUT", hostName, path, "enroller", enroller.primaryKey, fleet);
    const key = groupDeviceKey(symmetricKey.primaryKey, "van-1");
    const device = { protocol: "HTTP" as const, hostName, idScope, registrationId: "van-1", key, ca };
    const hubHost = hub.outputs.properties.hostName;
    expect(await registerDevice(device)).toMatchObject({ assignedHub: hubHost, deviceId: "van-1" });
    const registered = "/devices/van-1?api-version=2021-04-12";
    const { body } = await call("GET", hubHost, registered, "linking", linking.primaryKey);
    expect(body).toMatchObject({ deviceId: "van-1", authentication: { symmetricKey: { primaryKey: key } } });
});

test.each<[string, () => Promise<unknown>, RegExp]>([
    ["another tier", () => service("dps-tier", {}, "F1"), /Expected the SKU to be S1, found "F1"/],
    ["a name that is none", () => service("-dps"), /3 to 64 letters, digits or dashes/],
    [
        "a right that there is not",
        () => service("dps-right", { authorizationPolicies: [{ keyName: "p", rights: "RegistryWrite" }] }),
        /rights out of ServiceConfig/,
    ],
    [
        "a hub that there is not",
        () =>
            service("dps-hub", {
                iotHubs: [
                    { ...link, connectionString: "HostName=x;SharedAccessKeyName=p;SharedAccessKey=k" },
                ],
            }),
        /on x that does not get in/,
    ],
    [
        "a wrong key of the hub",
        async () => service("dps-key", { iotHubs: [await linkAs("linking", "d3Jvbmc=")] }),
        /that does not get in/,
    ],
    [
        "a policy of the hub that may only read",
        async () => service("dps-policy", { iotHubs: [await linkAs("reading")] }),
        /RegistryWrite, ServiceConnect, found one of "reading"/,
    ],
])("is refused with %s", async (_, creating, sentence) => {
    await expect(creating()).rejects.toThrow(sentence);
});
