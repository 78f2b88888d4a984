import { derivedKey } from "../../../../infra/provider/enrollment/derivedKey";
import {
    askService,
    provider,
    putHub,
    putProvisioningService,
    type TestService,
    useLocalServices,
} from "../localServices";
import { workOn } from "../stackedResource";

useLocalServices();
const groups = workOn(() => provider, "EnrollmentGroup");

let hub: TestService;
let service: TestService;
beforeAll(async () => {
    hub = await putHub("hub-grouped");
    service = await putProvisioningService("dps-grouped", hub);
});

const news = (groupId: string, more: object = {}) => ({
    provisioningServiceId: service.id,
    groupId,
    hubHostName: hub.hostName,
    ...more,
});

test("a derived key is the one that the documentation's formula gives", () => {
    // echo -n sn-007-888-abc-mac-a1-b2-c3-d4-e5-f6 | openssl sha256 -mac HMAC -macopt hexkey:00…00 -binary | base64
    expect(derivedKey(Buffer.alloc(32).toString("base64"), "SN-007-888-abc-mac-a1-b2-c3-d4-e5-f6")).toBe(
        "yS9Q441ZPmAKTtPqwjvdJupHYOD8FKS9kxIlkjZx+P8=",
    );
});

describe("an enrollment group", () => {
    test("gets keys from the service, which an update keeps", async () => {
        const made = await groups.create(news("fleet"));
        expect(made.id).toBe(`${service.id}/enrollmentGroups/fleet`);
        expect(Buffer.from(made.state.primaryKey, "base64")).toHaveLength(64);
        const { body } = await askService(service, "GET", "/enrollmentGroups/fleet");
        expect(body).toMatchObject({
            enrollmentGroupId: "fleet",
            attestation: { type: "symmetricKey" },
            iotHubs: [hub.hostName],
            capabilities: { iotEdge: true },
        });
        expect(body).not.toHaveProperty("deviceId");
        const { primaryKey, secondaryKey } = made.state;
        const changed = await groups.update(made, news("fleet", { tags: { site: "field" } }));
        expect(changed.state).toMatchObject({ primaryKey, secondaryKey, tags: { site: "field" } });
        expect(await groups.refresh(changed)).toEqual(changed);
    });

    test("is taken over only where it says the same", async () => {
        const first = await groups.create(news("again"));
        expect(await groups.create(news("again"))).toEqual(first);
        await expect(groups.create(news("again", { edge: false }))).rejects.toThrow(
            "Expected the provisioning service to have no enrollmentGroups/again yet, found another one. ",
        );
    });

    test("is imported, seen as gone, and deleted twice", async () => {
        const made = await groups.create(news("passing", { status: "disabled", allocationPolicy: "hashed" }));
        expect(await groups.import(made.id)).toEqual(made);
        await groups.remove(made);
        expect(await groups.refresh(made)).toBeUndefined();
        expect(await groups.import(made.id)).toBeUndefined();
        await groups.remove(made);
    });

    test("is another one with another name", async () => {
        const made = await groups.create(news("named"));
        expect(await groups.diff(made, news("other"))).toMatchObject({
            replaces: ["groupId"],
            deleteBeforeReplace: false,
        });
    });
});
