import {
    create,
    type Inputs,
    newAddress,
    newGroup,
    newInterface,
    newNetwork,
    plugin,
    update,
    urn,
    useLocalAzure,
} from "./machineParts";

useLocalAzure();

describe("Check of a machine's parts", () => {
    test.each([
        ["network:VirtualNetwork", { virtualNetworkName: "-vnet" }, "expected 2 to 64 letters"],
        ["network:Subnet", { virtualNetworkName: "v", subnetName: "a subnet" }, "expected 1 to 80 letters"],
        ["network:NetworkSecurityGroup", { networkSecurityGroupName: "nsg." }, "expected 1 to 80 letters"],
        ["network:PublicIPAddress", { publicIpAddressName: "ip-" }, "expected 1 to 80 letters"],
        ["network:NetworkInterface", { networkInterfaceName: "_nic" }, "expected 1 to 80 letters"],
        ["managedidentity:UserAssignedIdentity", { resourceName: "id" }, "expected 3 to 128 letters"],
        ["keyvault:Vault", { properties: {}, vaultName: "a--vault" }, "expected 3 to 24 letters"],
        ["keyvault:Secret", { properties: {}, vaultName: "v", secretName: "a_key" }, "expected 1 to 127"],
        ["compute:VirtualMachine", { vmName: "vm." }, "expected 1 to 64 letters"],
        ["devtestlab:GlobalSchedule", { name: "shutdown" }, "expected the form shutdown-computevm-MACHINE"],
    ])("refuses a name of %s outside Azure's rules", async (type, news, rule) => {
        const { failures } = await plugin.check(urn(type), {
            resourceGroupName: "rg",
            ...news,
        });
        expect(failures).toEqual([expect.stringContaining(rule)]);
    });

    test("gives no location to what lies within something else", async () => {
        const { inputs, failures } = await plugin.check(urn("network:Subnet"), {
            resourceGroupName: "rg",
            virtualNetworkName: "vnet",
        });
        expect(failures).toEqual([]);
        expect(inputs).not.toHaveProperty("location");
        expect(inputs.subnetName).toBe("it01020304");
    });
});

describe("Diff of a machine's parts", () => {
    test("makes another subnet where it lies in another network", async () => {
        const inputs = { resourceGroupName: "rg", virtualNetworkName: "one", subnetName: "subnet" };
        const diff = await plugin.diff(urn("network:Subnet"), inputs, {
            ...inputs,
            virtualNetworkName: "other",
        });
        expect(diff.replaces).toEqual(["virtualNetworkName"]);
    });
});

describe("the network of a machine", () => {
    test("holds its subnets", async () => {
        const { vnet, subnet } = await newNetwork(await newGroup());
        expect(subnet.id).toBe(`${vnet.id}/subnets/subnet`);
        expect(subnet.outputs).toMatchObject({ name: "subnet", addressPrefix: "10.0.1.0/24" });
    });

    test.each([
        ["no network", { virtualNetworkName: "nowhere" }, "Parent resource 'nowhere' not found."],
        ["an outside range", { addressPrefix: "10.1.0.0/24" }, 'Code="NetcfgInvalidSubnet"'],
        ["a range larger than the network", { addressPrefix: "10.0.0.0/8" }, 'Code="NetcfgInvalidSubnet"'],
        ["a range that is none", { addressPrefix: "10.0.0.0" }, 'Code="NetcfgInvalidSubnet"'],
        ["a security group that is missing", { networkSecurityGroup: { id: "/no/nsg" } }, "was not found"],
    ])("refuses a subnet with %s", async (_what, wrong, error) => {
        const resourceGroupName = await newGroup();
        await newNetwork(resourceGroupName);
        const second = { virtualNetworkName: "vnet", subnetName: "second", addressPrefix: "10.0.2.0/24" };
        await expect(create("network:Subnet", { resourceGroupName, ...second, ...wrong })).rejects.toThrow(
            error,
        );
    });

    test("has an address that no machine of the world has, and keeps it", async () => {
        const resourceGroupName = await newGroup();
        const one = await newAddress(resourceGroupName);
        const two = await newAddress(resourceGroupName, { publicIpAddressName: "ip2" });
        expect(one.outputs.ipAddress).toMatch(/^203\.0\.113\.\d+$/);
        expect(two.outputs.ipAddress).not.toBe(one.outputs.ipAddress);
        expect((await update(one, { tags: { team: "fruit" } })).ipAddress).toBe(one.outputs.ipAddress);
    });

    test("has a host name where it has a label, which is nobody else's", async () => {
        const resourceGroupName = await newGroup();
        const dnsSettings = { domainNameLabel: "my-edge" };
        const { outputs } = await newAddress(resourceGroupName, { dnsSettings });
        expect(outputs.dnsSettings.fqdn).toBe("my-edge.westeurope.cloudapp.azure.com");
        await expect(
            newAddress(resourceGroupName, { publicIpAddressName: "ip2", dnsSettings }),
        ).rejects.toThrow('Code="DnsRecordInUse"');
    });

    test.each([
        ["of the retired SKU", { sku: { name: "Basic" } }, "more than 0 IPv4 Basic SKU"],
        ["of a SKU without a name, which means the retired one", { sku: {} }, "more than 0 IPv4 Basic SKU"],
        ["that changes", { publicIPAllocationMethod: "Dynamic" }, "set to Static"],
        ["with a label that is none", { dnsSettings: { domainNameLabel: "My_Edge" } }, "is invalid"],
    ])("refuses an address %s", async (_what, wrong, error) => {
        await expect(newAddress(await newGroup(), wrong)).rejects.toThrow(error);
    });

    test("refuses two rules of one priority, and one without a name", async () => {
        const resourceGroupName = await newGroup();
        const rule = { direction: "Inbound", access: "Allow", protocol: "Tcp" };
        const rules = (securityRules: Inputs[]) =>
            create("network:NetworkSecurityGroup", { resourceGroupName, securityRules });
        await expect(
            rules([
                { ...rule, name: "ssh", priority: 100 },
                { ...rule, name: "http", priority: 100 },
            ]),
        ).rejects.toThrow("Security rule http conflicts with rule ssh.");
        await expect(rules([{ ...rule, priority: 100 }])).rejects.toThrow("to have a name");
        await expect(rules([{ ...rule, name: "ssh", priority: 99 }])).rejects.toThrow("100-4096");
    });

    test("gives an address to one interface only", async () => {
        const group = await newGroup();
        const { subnet } = await newNetwork(group);
        const ip = await newAddress(group);
        await newInterface(group, subnet, ip);
        await expect(newInterface(group, subnet, ip, "nic2")).rejects.toThrow('Code="PublicIPAddressInUse"');
    });

    test("refuses an interface that is nowhere, and one in a subnet that is missing", async () => {
        const resourceGroupName = await newGroup();
        await expect(create("network:NetworkInterface", { resourceGroupName })).rejects.toThrow(
            "to have ipConfigurations",
        );
        const ipConfigurations = [{ name: "primary", subnet: { id: "/no/subnet" } }];
        await expect(
            create("network:NetworkInterface", { resourceGroupName, ipConfigurations }),
        ).rejects.toThrow('Code="InvalidResourceReference" Message="Resource /no/subnet referenced by');
    });
});
