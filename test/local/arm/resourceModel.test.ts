import type { ArmResource } from "../../../local/arm/armResource";
import { parseArmPath } from "../../../local/arm/armResource";
import type { Properties } from "../../../local/arm/resourceType";
import { passwordHash, type RegistryUser } from "../../../local/planes/registry/authorization";
import { groupId, startTestModel, type TestModel } from "./testModel";

let azure: TestModel;
beforeEach(async () => {
    azure = await startTestModel();
});
afterEach(() => azure.close());

const hubPath = "Microsoft.Devices/IotHubs/hub";
const hub = (properties: Properties = {}, sku = { name: "S1", capacity: 1 }) =>
    azure.put(hubPath, { sku, properties });
const settings = (below: string) => azure.running.get(`${groupId}/providers/${below}`)?.settings;
const refusal = async (work: Promise<unknown> | (() => unknown)) => {
    try {
        await (typeof work === "function" ? work() : work);
        return "none";
    } catch (error) {
        const { status, code } = error as { status: number; code: string };
        return `${status} ${code}`;
    }
};
type Body = Partial<ArmResource>;

describe("a resource", () => {
    test("is the same in any letter case of its id, and keeps the spelling of its creation", async () => {
        await hub();
        expect(azure.get("microsoft.devices/iothubs/HUB").id).toBe(`${groupId}/providers/${hubPath}`);
        expect(await azure.remove("MICROSOFT.DEVICES/IOTHUBS/Hub")).toBe(true);
        expect(await azure.remove(hubPath)).toBe(false);
        expect(await refusal(() => azure.get(hubPath))).toBe("404 ResourceNotFound");
    });

    test.each<[string, string, Body, string]>([
        ["of a type that there is not", "Microsoft.Storage/storageAccounts/a", {}, "404 InvalidResourceType"],
        ["without a location", hubPath, { location: undefined }, "400 LocationRequired"],
        ["of a name that is none", "Microsoft.Devices/IotHubs/a", {}, "400 InvalidResourceName"],
        ["of digits alone", "Microsoft.Devices/IotHubs/123", {}, "400 InvalidResourceName"],
        ["of another tier than there is", hubPath, { sku: { name: "S4" } }, "400 400004"],
        ["without a tier", hubPath, {}, "400 400004"],
        [
            "within what there is not",
            "Microsoft.ContainerRegistry/registries/none1/tokens/token",
            {},
            "404 ParentResourceNotFound",
        ],
    ])("%s is refused", async (_name, path, body, expected) => {
        expect(await refusal(azure.put(path, body))).toBe(expected);
    });

    test("does not move, whatever the spelling of its location", async () => {
        await hub();
        expect(await refusal(azure.put(hubPath, { sku: { name: "S1" }, location: "West Europe" }))).toBe(
            "none",
        );
        expect(await refusal(azure.put(hubPath, { sku: { name: "S1" }, location: "eastus" }))).toBe(
            "409 InvalidResourceLocation",
        );
        expect(await refusal(azure.put("", { location: "eastus" }))).toBe("409 InvalidResourceLocation");
    });

    test("needs a group, and one of another subscription is not known", async () => {
        const put = (id: string) =>
            refusal(
                azure.model.put(parseArmPath(id) as never, { location: "westeurope", sku: { name: "S1" } }),
            );
        expect(await put(`${groupId}-2/providers/${hubPath}`)).toBe("404 ResourceGroupNotFound");
        const foreign = groupId.replace(/0{8}-/, "11111111-");
        expect(await put(`${foreign}/providers/${hubPath}`)).toBe("404 SubscriptionNotFound");
        const path = parseArmPath(`${foreign}/providers/${hubPath}`) as never;
        expect(await refusal(() => azure.model.get(path))).toBe("404 SubscriptionNotFound");
        expect(await refusal(azure.model.delete(path))).toBe("404 SubscriptionNotFound");
    });

    test("whose name is part of a host's is the only one of that name, in any letter case", async () => {
        await hub();
        const other = `${groupId}2`;
        await azure.model.put(parseArmPath(other) as never, { location: "westeurope" });
        const put = (below: string, body: Body) =>
            refusal(azure.model.put(parseArmPath(`${other}/providers/${below}`) as never, body));
        const body = { location: "westeurope", sku: { name: "S1" } };
        expect(await put("Microsoft.Devices/IotHubs/HUB", body)).toBe("409 NameNotAvailable");
        const network = {
            location: "westeurope",
            properties: { addressSpace: { addressPrefixes: ["10.0.0.0/8"] } },
        };
        await azure.put("Microsoft.Network/virtualNetworks/vnet", network);
        expect(await put("Microsoft.Network/virtualNetworks/vnet", network)).toBe("none");
    });

    test("goes with its secrets and its data plane, its group with all of them", async () => {
        await hub();
        const other = await azure.put("Microsoft.ContainerRegistry/registries/registry1", {
            sku: { name: "Basic" },
        });
        await azure.remove(hubPath);
        expect([...azure.running.keys()]).toEqual([other.id]);
        await hub();
        await azure.remove("");
        expect(azure.running.size).toBe(0);
        for (const name of ["arm-resources", "arm-secrets"])
            expect(azure.store.collection(name).entries()).toEqual([]);
    });

    test("answers the actions that it has, and no others", async () => {
        await hub();
        expect(await refusal(() => azure.post(`${hubPath}/restart`))).toBe("404 InvalidResourceType");
        expect(await refusal(() => azure.post("Microsoft.Devices/IotHubs/none/listkeys"))).toBe(
            "404 ResourceNotFound",
        );
    });

    test("runs again when the local Azure is started", async () => {
        await hub();
        const before = settings(hubPath);
        azure.running.clear();
        await azure.model.resume();
        expect(settings(hubPath)).toEqual(before);
    });
});

describe("a hub", () => {
    const keys = () => (azure.post(`${hubPath}/listkeys`) as { value: Properties[] }).value;
    const ours = { keyName: "ours", rights: "RegistryRead,ServiceConnect" };

    test("has the policies of Azure where none are named, each with two keys of its own, and shows none of them", async () => {
        const { properties } = await hub();
        expect(keys().map(({ keyName, rights }) => ({ keyName, rights }))).toEqual([
            { keyName: "iothubowner", rights: "RegistryWrite, ServiceConnect, DeviceConnect" },
            { keyName: "service", rights: "ServiceConnect" },
            { keyName: "device", rights: "DeviceConnect" },
            { keyName: "registryRead", rights: "RegistryRead" },
            { keyName: "registryReadWrite", rights: "RegistryWrite" },
        ]);
        expect(settings(hubPath)?.policies).toEqual(keys());
        expect(
            new Set(keys().flatMap(({ primaryKey, secondaryKey }) => [primaryKey, secondaryKey])).size,
        ).toBe(10);
        expect(azure.post(`${hubPath}/IotHubKeys/service/listkeys`)).toEqual(keys()[1]);
        expect(await refusal(() => azure.post(`${hubPath}/IotHubKeys/nobody/listkeys`))).toBe(
            "404 KeyNotFound",
        );
        await hub({ authorizationPolicies: [ours] });
        expect([properties, azure.get(hubPath).properties].flatMap(Object.keys)).not.toContain(
            "authorizationPolicies",
        );
    });

    test.each([undefined, null])(
        "keeps its policies and their keys where an update has %p in their place",
        async (authorizationPolicies) => {
            await hub({ authorizationPolicies: [ours] });
            const before = keys();
            await hub({ authorizationPolicies, minTlsVersion: "1.2" });
            expect(keys()).toEqual(before);
            expect(settings(hubPath)?.policies).toEqual(before);
        },
    );

    test("makes each key anew that an update leaves out, keeps those that it gives, and tells its data plane", async () => {
        await hub({ authorizationPolicies: [ours] });
        const [first] = keys();
        expect(first?.rights).toBe("RegistryRead, ServiceConnect");
        await hub({ authorizationPolicies: [ours] });
        const [second] = keys();
        expect(second?.primaryKey).not.toBe(first?.primaryKey);
        expect(second?.secondaryKey).not.toBe(first?.secondaryKey);
        expect(settings(hubPath)?.policies).toEqual([second]);
        for (const which of ["primaryKey", "secondaryKey"]) {
            await hub({ authorizationPolicies: [{ ...second, [which]: null }] });
            const [renewed] = keys();
            expect(renewed?.[which]).not.toBe(second?.[which]);
            expect({ ...renewed, [which]: "" }).toEqual({ ...second, [which]: "" });
        }
    });

    test("loses the policies that an update does not name, and all of them with an empty list", async () => {
        await hub();
        await hub({ authorizationPolicies: [ours] });
        expect(keys()).toMatchObject([{ keyName: "ours" }]);
        await hub({ authorizationPolicies: [] });
        expect([keys(), settings(hubPath)?.policies]).toEqual([[], []]);
        await hub();
        expect(keys()).toEqual([]);
    });

    test.each<[string, Properties]>([
        ["a right that there is not", { keyName: "p", rights: "EnrollmentRead" }],
        ["a policy without a name", { rights: "RegistryRead" }],
        ["a policy without rights", { keyName: "p" }],
        ["an empty key", { keyName: "p", rights: "RegistryRead", primaryKey: "" }],
        ["an empty second key", { keyName: "p", rights: "RegistryRead", secondaryKey: "" }],
    ])("is refused with %s", async (_name, policy) => {
        expect(await refusal(hub({ authorizationPolicies: [policy] }))).toBe("400 400004");
    });

    test("is open to no policy where local authentication is off", async () => {
        await hub({ disableLocalAuth: true });
        expect(settings(hubPath)?.policies).toEqual([]);
        await hub({ disableLocalAuth: false });
        expect(settings(hubPath)?.policies).toHaveLength(5);
    });

    test("tells its data plane its tier and units, one where it names none", async () => {
        await hub({}, { name: "S2", capacity: 3 });
        expect(settings(hubPath)).toMatchObject({ name: "hub", tier: { sku: "S2", units: 3 } });
        await azure.put(hubPath, { sku: { name: "S1" } });
        expect(settings(hubPath)?.tier).toEqual({ sku: "S1", units: 1 });
        expect(azure.get(hubPath).sku).toEqual({ name: "S1", tier: "Standard" });
    });

    test("stays free or paid for, and has another ETag after each change", async () => {
        const free = await hub({}, { name: "F1", capacity: 1 });
        expect(free.sku?.tier).toBe("Free");
        expect(await refusal(hub())).toBe("400 400086");
        expect((await hub({}, { name: "F1", capacity: 1 })).etag).not.toBe(free.etag);
        await azure.remove(hubPath);
        await hub();
        expect(await refusal(hub({}, { name: "F1", capacity: 1 }))).toBe("400 400086");
        const more = (name: string) => azure.put(`${hubPath}-${name.toLowerCase()}`, { sku: { name } });
        expect(await refusal(more("F1"))).toBe("none");
        expect(await refusal(azure.put(`${hubPath}-two`, { sku: { name: "F1" } }))).toBe("403 403002");
        expect(await refusal(more("B1"))).toBe("400 400004");
    });

    test("keeps its host name", async () => {
        const { hostName } = (await hub()).properties;
        expect(hostName).toMatch(/^localhost:\d+$/);
        expect((await hub({ tags: {} })).properties.hostName).toBe(hostName);
    });
});

describe("a provisioning service", () => {
    const dpsPath = "Microsoft.Devices/provisioningServices/dps";
    const connection = (key: unknown, name = "iothubowner") => {
        const { hostName } = azure.get(hubPath).properties;
        return `HostName=${hostName};SharedAccessKeyName=${name};SharedAccessKey=${key}`;
    };
    const dps = (connectionString: string) =>
        azure.put(dpsPath, { sku: { name: "S1" }, properties: { iotHubs: [{ connectionString }] } });
    const keys = () => azure.post(`${hubPath}/IotHubKeys/iothubowner/listkeys`);

    test("enters its hubs by the key that linked it, which a repeated mask keeps", async () => {
        await hub();
        expect(await refusal(dps(connection("****")))).toBe("400 400004");
        const { primaryKey, secondaryKey } = keys();
        const { hostName } = azure.get(hubPath).properties;
        for (const linking of [primaryKey, secondaryKey])
            for (const given of [linking, "****"]) {
                const { properties } = await dps(connection(given));
                expect(JSON.stringify(properties)).not.toContain(String(linking));
                expect(settings(dpsPath)?.hubs).toEqual([{ hostName, keyName: "iothubowner", key: linking }]);
            }
        expect(await refusal(dps(connection("b3RoZXI=")))).toBe("400 400004");
        for (const policy of ["service", "registryReadWrite", "nobody"])
            expect(await refusal(dps(connection("****", policy)))).toBe("400 400004");
    });

    test("goes on with a key that its hub has no more, until it is linked anew", async () => {
        await hub();
        const { primaryKey: before } = keys();
        await dps(connection(before));
        await hub({ authorizationPolicies: [{ keyName: "iothubowner", rights: keys().rights }] });
        await azure.model.resume();
        expect(settings(dpsPath)?.hubs).toMatchObject([{ key: before }]);
        expect(await refusal(dps(connection(before)))).toBe("400 400004");
        await dps(connection(keys().primaryKey));
        expect(settings(dpsPath)?.hubs).toMatchObject([{ key: keys().primaryKey }]);
    });

    test("keeps its scope, tells its data plane, and goes on without a hub that was deleted", async () => {
        await hub();
        const first = (await dps(connection(keys().primaryKey))).properties;
        const second = (await dps(connection("****"))).properties;
        expect([second.idScope, second.serviceOperationsHostName]).toEqual([
            first.idScope,
            first.deviceProvisioningHostName,
        ]);
        expect(settings(dpsPath)).toMatchObject({
            idScope: first.idScope,
            hostName: first.serviceOperationsHostName,
            policies: [{ keyName: "provisioningserviceowner" }],
        });
        await azure.remove(hubPath);
        await azure.model.resume();
        expect(settings(dpsPath)?.hubs).toEqual([]);
    });
});

describe("a registry", () => {
    const path = "Microsoft.ContainerRegistry/registries/registry1";
    const put = (properties: Properties = {}) => azure.put(path, { sku: { name: "Basic" }, properties });
    const users = (): RegistryUser[] => {
        const { users } = settings(path) as { users(): RegistryUser[] };
        return users();
    };
    const action = ["repositories/app/content/read"];

    async function token(name: string, registry = path) {
        const scopeMap = await azure.put(`${registry}/scopeMaps/${name}-map`, {
            properties: { actions: action },
        });
        return azure.put(`${registry}/tokens/${name}`, { properties: { scopeMapId: scopeMap.id } });
    }

    test("keeps the passwords of its admin account, which opens it while it is enabled", async () => {
        await put({ adminUserEnabled: true });
        const listed = () =>
            (azure.post(`${path}/listCredentials`).passwords as { value: string }[]).map(
                ({ value }) => value,
            );
        const passwords = listed();
        expect(passwords[0]).not.toBe(passwords[1]);
        expect(users()).toEqual([{ name: "registry1", passwordHashes: passwords.map(passwordHash) }]);
        await put();
        expect(users()).toEqual([]);
        expect(await refusal(() => azure.post(`${path}/listCredentials`))).toBe(
            "400 UnAuthorizedForCredentialOperations",
        );
        await put({ adminUserEnabled: true });
        expect(listed()).toEqual(passwords);
        expect(await refusal(azure.put(path, { sku: { name: "Free" } }))).toBe("400 InvalidSku");
    });

    test("lets in its own tokens alone, by the passwords that have not ended", async () => {
        await put();
        const { id } = await token("puller");
        await azure.put(path.replace("1", "2"), { sku: { name: "Basic" } });
        await token("stranger", path.replace("1", "2"));
        expect(users().map(({ name }) => name)).toEqual(["puller"]);
        const generate = (name: string, expiry?: string) => {
            const body = { tokenId: id, name, ...(expiry && { expiry }) };
            const { passwords } = azure.post(`${path}/generateCredentials`, body);
            return passwordHash((passwords as { value: string }[])[0]?.value ?? "");
        };
        const soon = new Date(Date.now() + 100_000);
        const [first, second] = [generate("password1", soon.toISOString()), generate("password2")];
        expect(users()).toEqual([{ name: "puller", passwordHashes: [first, second], actions: action }]);
        jest.useFakeTimers({ now: soon.getTime() + 1, doNotFake: ["nextTick", "setImmediate"] });
        try {
            expect(users()[0]?.passwordHashes).toEqual([second]);
        } finally {
            jest.useRealTimers();
        }
        await azure.remove(`${path}/tokens/puller`);
        expect(users()).toEqual([]);
    });

    test("takes no credentials of a token's own, and keeps the time of its creation", async () => {
        await put();
        const made = await token("puller");
        const again = { ...made.properties, credentials: undefined };
        const kept = await azure.put(`${path}/tokens/puller`, { properties: again });
        expect(kept.properties.creationDate).toBe(made.properties.creationDate);
        const wrong = { ...again, credentials: { passwords: [] } };
        expect(await refusal(azure.put(`${path}/tokens/puller`, { properties: wrong }))).toBe(
            "400 InvalidTokenCredentials",
        );
        const elsewhere = await refusal(
            Promise.resolve().then(() =>
                azure.post(`${path}/generateCredentials`, { tokenId: `${groupId}/providers/${path}` }),
            ),
        );
        expect(elsewhere).toBe("404 TokenNotFound");
    });

    test.each([
        ["repositories/team/*/content/delete", "none"],
        ["repositories/*/metadata/write", "none"],
        ["repositories/a-b/c_d.e/content/write", "none"],
        ["xrepositories/app/content/read", "400 InvalidScopeMapActions"],
        ["repositories/app/content/read/", "400 InvalidScopeMapActions"],
        ["repositories/app/metadata/delete", "400 InvalidScopeMapActions"],
    ])("answers a scope map of %s with %s", async (one, expected) => {
        await put();
        const map = azure.put(`${path}/scopeMaps/some-map`, { properties: { actions: [...action, one] } });
        expect(await refusal(map)).toBe(expected);
    });
});

describe("a vault", () => {
    const path = "Microsoft.KeyVault/vaults/vault-1";
    const properties = { tenantId: "t", sku: { family: "A", name: "standard" }, accessPolicies: [] };
    const put = (change: Properties = {}) => azure.put(path, { properties: { ...properties, ...change } });

    test.each<[Properties, string]>([
        [{ softDeleteRetentionInDays: 6 }, "400 BadRequest"],
        [{ softDeleteRetentionInDays: 7 }, "none"],
        [{ softDeleteRetentionInDays: 90 }, "none"],
        [{ softDeleteRetentionInDays: 91 }, "400 BadRequest"],
        [{ sku: { family: "A", name: "premium" } }, "none"],
        [{ sku: { family: "B", name: "standard" } }, "400 BadRequest"],
        [{ accessPolicies: undefined, enableRbacAuthorization: true }, "none"],
        [{ accessPolicies: undefined, enableRbacAuthorization: false }, "400 BadRequest"],
        [{ enablePurgeProtection: true }, "none"],
    ])("with %j is answered %s", async (change, expected) => {
        expect(await refusal(put(change))).toBe(expected);
    });

    test("keeps its retention where an update names none, and its name until that has passed", async () => {
        await put({ softDeleteRetentionInDays: 7 });
        expect((await put()).properties.softDeleteRetentionInDays).toBe(7);
        await azure.remove(path);
        expect(await refusal(put())).toBe("409 ConflictError");
        for (const [days, expected] of [
            [6.9, "409 ConflictError"],
            [7.1, "none"],
        ] as const) {
            const now = Date.now() + days * 86_400_000;
            jest.useFakeTimers({ now, doNotFake: ["nextTick", "setImmediate", "setTimeout"] });
            try {
                expect(await refusal(put())).toBe(expected);
            } finally {
                jest.useRealTimers();
            }
        }
    });

    test.each([
        [25_600, "none"],
        [25_601, "400 BadParameter"],
        [0, "400 BadParameter"],
    ])("answers a secret of %i characters with %s", async (length, expected) => {
        await put();
        const secret = azure.put(`${path}/secrets/key`, { properties: { value: "x".repeat(length) } });
        expect(await refusal(secret)).toBe(expected);
    });
});
