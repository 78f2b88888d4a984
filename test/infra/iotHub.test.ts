import { IotHub, requireIotEdge } from "../../infra/iotHub";
import { mockEngine, type RegisteredResource, settled } from "../support/pulumiMocks";

const idOf = (name: string) =>
    `/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/their-group/providers/Microsoft.Devices/IotHubs/${name}`;

let resources: RegisteredResource[];

beforeEach(async () => {
    resources = await mockEngine("dev", { "azure-native:location": "westeurope" });
});

async function made(args: Partial<ConstructorParameters<typeof IotHub>[1]>) {
    const hub = new IotHub("hub", { resourceGroupName: "group", sku: "S1", ...args });
    const { value, secret } = await settled(hub.connectionString);
    const inputs = resources.find(({ type }) => type.endsWith(":IotHubResource"))?.inputs;
    return { hostName: (await settled(hub.hostName)).value, connectionString: value, secret, inputs };
}

describe("the IoT hub", () => {
    test("is opened by the key of a policy of its own, which is secret", async () => {
        const { connectionString, secret, inputs } = await made({ sku: "S3" });
        expect([connectionString, secret]).toEqual([
            "HostName=hub.azure-devices.net;SharedAccessKeyName=edge-classifier;SharedAccessKey=a-key-of-edge-classifier",
            true,
        ]);
        expect(inputs).toMatchObject({ sku: { name: "S3", capacity: 1 } });
        expect(inputs?.properties).toEqual({
            minTlsVersion: "1.2",
            authorizationPolicies: [
                { keyName: "edge-classifier", rights: "RegistryRead, RegistryWrite, ServiceConnect" },
            ],
        });
    });

    test("is opened by whoever deploys, and by no key, under Entra", async () => {
        const { connectionString, inputs } = await made({ auth: "entra" });
        expect(connectionString).toBe("HostName=hub.azure-devices.net");
        expect(inputs?.properties).toEqual({ minTlsVersion: "1.2", disableLocalAuth: true });
    });

    test("that exists already is used as it is, by the policy that is named", async () => {
        const existingId = idOf("theirs");
        const { connectionString, hostName, inputs } = await made({ existingId });
        expect(hostName).toBe("theirs.azure-devices.net");
        expect(connectionString).toBe(
            "HostName=theirs.azure-devices.net;SharedAccessKeyName=iothubowner;SharedAccessKey=a-key-of-iothubowner",
        );
        expect(inputs).toBeUndefined();
        const named = await made({ existingId, existingPolicyName: "ours" });
        expect(named.connectionString).toContain("SharedAccessKeyName=ours;SharedAccessKey=a-key-of-ours");
        const entra = await made({ existingId, auth: "entra" });
        expect([entra.connectionString, entra.secret]).toEqual(["HostName=theirs.azure-devices.net", false]);
    });

    test("of a basic tier is refused with the reason", () => {
        expect(() => requireIotEdge("basic-one", "B1")).toThrow(
            "Expected the hub basic-one to be of tier F1, S1, S2 or S3, found B1: the basic tiers have no IoT Edge. Name another hub.",
        );
        for (const tier of ["F1", "S1", "S2", "S3"]) requireIotEdge("theirs", tier);
    });
});
