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
    const hostName = (await settled(hub.hostName)).value;
    const provisioning =
        hub.provisioningConnectionString && (await settled(hub.provisioningConnectionString));
    const inputs = resources.find(({ type }) => type.endsWith(":IotHubResource"))?.inputs;
    return { hostName, hubId: (await settled(hub.hubId)).value, provisioning, inputs };
}

describe("the IoT hub", () => {
    test("is sent no policy, which each change would send again, and no key is asked for", async () => {
        const { hubId, hostName, provisioning, inputs } = await made({ sku: "S3" });
        expect({ hubId, hostName, provisioning }).toEqual({
            hubId: "hub-id",
            hostName: "hub.azure-devices.net",
            provisioning: undefined,
        });
        expect(inputs).toMatchObject({ sku: { name: "S3", capacity: 1 } });
        expect(inputs?.properties).toEqual({ minTlsVersion: "1.2" });
    });

    test("is opened by no key under Entra", async () => {
        const { inputs } = await made({ auth: "entra" });
        expect(inputs?.properties).toEqual({ minTlsVersion: "1.2", disableLocalAuth: true });
    });

    test("lets a provisioning service in by the policy that Azure makes, whose key is secret", async () => {
        const { provisioning, inputs } = await made({ provisioning: true });
        expect(provisioning).toEqual({
            value: "HostName=hub.azure-devices.net;SharedAccessKeyName=iothubowner;SharedAccessKey=a-key-of-iothubowner",
            secret: true,
        });
        expect(inputs?.properties).toEqual({ minTlsVersion: "1.2" });
    });

    test("that exists already is used as it is, and linked by the policy that is named", async () => {
        const existingId = idOf("theirs");
        const { hostName, hubId, inputs } = await made({ existingId });
        expect({ hostName, hubId, inputs }).toEqual({
            hostName: "theirs.azure-devices.net",
            hubId: existingId,
            inputs: undefined,
        });
        const linked = await made({ existingId, provisioning: true });
        expect(linked.provisioning?.value).toContain("SharedAccessKeyName=iothubowner;");
        const named = await made({ existingId, existingPolicyName: "ours", provisioning: true });
        expect(named.provisioning?.value).toContain("SharedAccessKeyName=ours;SharedAccessKey=a-key-of-ours");
    });

    test("of a basic tier is refused with the reason", () => {
        expect(() => requireIotEdge("basic-one", "B1")).toThrow(
            "Expected the hub basic-one to be of tier F1, S1, S2 or S3, found B1: the basic tiers have no IoT Edge. Name another hub.",
        );
        for (const tier of ["F1", "S1", "S2", "S3"]) requireIotEdge("theirs", tier);
    });
});
