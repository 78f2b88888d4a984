import { machineKinds } from "../../../edge-vm/machineKinds";
import type { ArmResource } from "../../../local/arm/armResource";
import type { Properties } from "../../../local/arm/resourceType";
import { groupId, startTestModel, type TestModel } from "./testModel";

let azure: TestModel;
beforeEach(async () => {
    azure = await startTestModel();
});
afterEach(() => azure.close());

const codeOf = (work: Promise<unknown>) =>
    work.then(
        () => "none",
        (error: { code: string }) => error.code,
    );
const network = "Microsoft.Network";
const vnetPath = `${network}/virtualNetworks/vnet`;
const vnet = (addressPrefixes = ["10.0.0.0/16", "fd00::/48"]) =>
    azure.put(vnetPath, { properties: { addressSpace: { addressPrefixes } } });
const subnet = (properties: Properties, name = "one") =>
    azure.put(`${vnetPath}/subnets/${name}`, { properties });

describe("a subnet", () => {
    test.each<[Properties, string]>([
        [{ addressPrefix: "10.0.255.0/24" }, "none"],
        [{ addressPrefixes: ["10.0.1.0/24", "fd00::/64"] }, "none"],
        [{ addressPrefixes: ["10.0.1.0/24", "10.1.0.0/24"] }, "NetcfgInvalidSubnet"],
        [{ addressPrefix: "fd01::/64" }, "NetcfgInvalidSubnet"],
        [{ addressPrefix: "10.0.0.0/15" }, "NetcfgInvalidSubnet"],
        [{ addressPrefix: "10.0.0.0/16" }, "none"],
        [{}, "NetcfgInvalidSubnet"],
        [{ addressPrefix: "10.0.1.0/24", natGateway: { id: "/no/gateway" } }, "InvalidResourceReference"],
        [{ addressPrefix: "10.0.1.0/24", routeTable: { id: "/no/table" } }, "InvalidResourceReference"],
    ])("with %j is answered %s", async (properties, expected) => {
        await vnet();
        expect(await codeOf(subnet(properties))).toBe(expected);
    });
});

test.each<[Properties, string]>([
    [{}, "InvalidRequestFormat"],
    [{ addressSpace: { addressPrefixes: [] } }, "InvalidRequestFormat"],
    [
        { addressSpace: { addressPrefixes: ["10.0.0.0/16"] }, subnets: [{ name: "a" }] },
        "InvalidRequestFormat",
    ],
])("a network with %j is refused", async (properties, expected) => {
    expect(await codeOf(azure.put(vnetPath, { properties }))).toBe(expected);
});

test.each<[Properties[], string]>([
    [[{ priority: 100 }, { priority: 4096 }], "none"],
    [[{ priority: 4097 }], "SecurityRuleInvalidPriority"],
    [[{ priority: "100" }], "SecurityRuleInvalidPriority"],
    [[{ priority: 200 }, { priority: 200, direction: "Outbound" }], "none"],
    [
        [
            { priority: 200, direction: "Outbound" },
            { priority: 200, direction: "Outbound" },
        ],
        "SecurityRuleConflict",
    ],
])("security rules of %j are answered %s", async (rules, expected) => {
    const securityRules = rules.map((rule, index) => ({
        name: `rule${index}`,
        properties: { direction: "Inbound", ...rule },
    }));
    const group = azure.put(`${network}/networkSecurityGroups/nsg`, { properties: { securityRules } });
    expect(await codeOf(group)).toBe(expected);
});

const address = (name: string, label?: string, location = "westeurope") =>
    azure.put(`${network}/publicIPAddresses/${name}`, {
        location,
        sku: { name: "Standard" },
        properties: {
            publicIPAllocationMethod: "Static",
            ...(label !== undefined && { dnsSettings: { domainNameLabel: label } }),
        },
    });

test("an address is free again once its resource is gone, and a label is taken in its region alone", async () => {
    const first = await address("one", "edge");
    const label = () => address("one", "edge").then(({ properties }) => properties.dnsSettings);
    expect(await label()).toEqual({ domainNameLabel: "edge", fqdn: "edge.westeurope.cloudapp.azure.com" });
    expect(await codeOf(address("two", "edge"))).toBe("DnsRecordInUse");
    expect((await address("two", "edge", "eastus")).properties.ipAddress).not.toBe(
        first.properties.ipAddress,
    );
    await azure.remove(`${network}/publicIPAddresses/one`);
    expect((await address("three", "edge")).properties.ipAddress).toBe(first.properties.ipAddress);
});

test.each([
    ["a1", "InvalidDomainNameLabel"],
    ["abc", "none"],
    ["1abc", "InvalidDomainNameLabel"],
    ["abc-", "InvalidDomainNameLabel"],
    ["a".repeat(63), "none"],
    ["a".repeat(64), "InvalidDomainNameLabel"],
])("the label %s is answered %s", async (label, expected) => {
    expect(await codeOf(address("one", label))).toBe(expected);
});

describe("a machine", () => {
    const path = "Microsoft.Compute/virtualMachines/vm";
    const key = (keyData = "ssh-rsa AAAAB3Nza admin") => ({
        publicKeys: [{ path: "/home/edge/.ssh/authorized_keys", keyData }],
    });
    let nic: string;
    beforeEach(async () => {
        await vnet();
        const { id } = await subnet({ addressPrefix: "10.0.1.0/24" });
        const ipConfigurations = [{ name: "primary", properties: { subnet: { id } } }];
        nic = (await azure.put(`${network}/networkInterfaces/nic`, { properties: { ipConfigurations } })).id;
    });

    const properties = (osProfile: Properties = {}, more: Properties = {}): Properties => ({
        hardwareProfile: { vmSize: "Standard_B2ls_v2" },
        networkProfile: { networkInterfaces: [{ id: nic }] },
        storageProfile: { imageReference: { offer: "ubuntu" }, osDisk: { createOption: "FromImage" } },
        osProfile: {
            computerName: "vm",
            adminUsername: "edge",
            linuxConfiguration: { disablePasswordAuthentication: true, ssh: key() },
            ...osProfile,
        },
        ...more,
    });
    const put = (osProfile?: Properties, more?: Properties, beside: Partial<ArmResource> = {}) =>
        azure.put(path, { properties: properties(osProfile, more), ...beside });

    test.each<[string, Properties, Properties, string]>([
        ["a reserved name in capitals", { adminUsername: "Root" }, {}, "InvalidParameter"],
        ["no administrator", { adminUsername: undefined }, {}, "InvalidParameter"],
        ["no size", {}, { hardwareProfile: {} }, "InvalidParameter"],
        ["no disk", {}, { storageProfile: {} }, "InvalidParameter"],
        ["no interface", {}, { networkProfile: { networkInterfaces: [] } }, "InvalidParameter"],
        ["no way in", { linuxConfiguration: { ssh: { publicKeys: [] } } }, {}, "InvalidParameter"],
        ["a password alone", { adminPassword: "x", linuxConfiguration: undefined }, {}, "none"],
        ["data of 65535 bytes", { customData: Buffer.alloc(65_535).toString("base64") }, {}, "none"],
        [
            "data of 65536 bytes",
            { customData: Buffer.alloc(65_536).toString("base64") },
            {},
            "InvalidParameter",
        ],
    ])("with %s is answered as Azure answers", async (_name, osProfile, more, expected) => {
        expect(await codeOf(put(osProfile, more))).toBe(expected);
    });

    const sized = (vmSize: string, sku: string) =>
        put(
            {},
            {
                hardwareProfile: { vmSize },
                storageProfile: { imageReference: { sku }, osDisk: { createOption: "FromImage" } },
            },
        );

    test.each([
        ["Standard_B2ls_v2", "server", "none"],
        ["standard_B2LS_v2", "server-gen1", "none"],
        ["Standard_B2pls_v2", "server-arm64", "none"],
        ["Standard_B2s", "server", "SkuNotAvailable"],
        ["Standard_X2s", "server", "SkuNotAvailable"],
        ["Standard_B2ls_v2", "server-arm64", "BadRequest"],
        ["Standard_B2pls_v2", "server", "BadRequest"],
        ["Standard_B2pls_v2", "server-arm64-gen1", "BadRequest"],
    ])("of the size %s with the image %s is answered %s", async (size, sku, expected) => {
        expect(await codeOf(sized(size, sku))).toBe(expected);
    });

    test.each(Object.entries(machineKinds))("of our own size boots our own image of %s", async (_, kind) => {
        expect(await codeOf(sized(kind.size, kind.imageSku))).toBe("none");
    });

    test("says of a size what Azure says of it", async () => {
        await expect(sized("Standard_B2s", "server")).rejects.toThrow(
            "Following SKUs have failed for Capacity Restrictions: Standard_B2s' is currently not available in location",
        );
        await expect(sized("Standard_B2pls_v2", "server")).rejects.toThrow(
            "Cannot create a VM of size 'Standard_B2pls_v2' because this VM size only supports a CPU Architecture of 'Arm64'",
        );
        await expect(sized("Standard_B2pls_v2", "arm64-gen1")).rejects.toThrow(
            "The selected VM size 'Standard_B2pls_v2' cannot boot Hypervisor Generation '1'.",
        );
    });

    test("keeps a size that nobody gets any more, and gets it by no change", async () => {
        const old = { hardwareProfile: { vmSize: "Standard_B2s" } };
        const made = await put();
        expect(await codeOf(put({}, old))).toBe("SkuNotAvailable");
        const kept = azure.store.collection("arm-resources");
        kept.put(made.id.toLowerCase(), { ...made, properties: { ...made.properties, ...old } });
        expect(await codeOf(put({}, old))).toBe("none");
    });

    test.each<[string, Properties, Properties]>([
        ["its boot data", { customData: "b3RoZXI=" }, {}],
        ["that it has boot data", { customData: undefined }, {}],
        ["its host name", { computerName: "other" }, {}],
        ["its keys", { linuxConfiguration: { ssh: key("ssh-ed25519 AAAAC3 other") } }, {}],
        [
            "its image",
            {},
            {
                storageProfile: {
                    imageReference: { offer: "debian" },
                    osDisk: { createOption: "FromImage" },
                },
            },
        ],
    ])("does not change %s", async (_name, osProfile, more) => {
        const data = { customData: "b25l" };
        await put(data);
        expect(await codeOf(put({ ...data, ...osProfile }, more))).toBe("PropertyChangeNotAllowed");
        expect(await codeOf(put(data))).toBe("none");
    });

    test("keeps its ids over an update, and tells nothing that is only ever written", async () => {
        const secrets = { adminPassword: "geheim", customData: "c2VjcmV0", linuxConfiguration: undefined };
        const identity = { type: "SystemAssigned, UserAssigned" };
        const made = await put(secrets, { userData: "dXNlcg==" }, { identity });
        const text = JSON.stringify(azure.get(path));
        for (const secret of ["geheim", "c2VjcmV0", "dXNlcg=="]) expect(text).not.toContain(secret);
        expect(made.identity?.principalId).toMatch(/^[0-9a-f-]{36}$/);
        const updated = await put(secrets, {}, { identity });
        expect(updated.identity).toEqual(made.identity);
        const ids = ({ properties: { vmId, timeCreated } }: ArmResource) => [vmId, timeCreated];
        expect(ids(updated)).toEqual(ids(made));
        expect((await put(secrets, {}, { identity: { type: "UserAssigned" } })).identity).not.toHaveProperty(
            "principalId",
        );
    });

    test.each([
        ["0000", "none"],
        ["2359", "none"],
        ["2400", "InvalidScheduleProperties"],
        ["1260", "InvalidScheduleProperties"],
    ])("stopped daily at %s is answered %s", async (time, expected) => {
        await put();
        const schedule = azure.put("Microsoft.DevTestLab/schedules/shutdown-computevm-vm", {
            properties: {
                taskType: "ComputeVmShutdownTask",
                targetResourceId: `${groupId}/providers/${path}`,
                dailyRecurrence: { time },
                timeZoneId: "UTC",
            },
        });
        expect(await codeOf(schedule)).toBe(expected);
    });
});
