import {
    create,
    type Inputs,
    machine,
    newAddress,
    newGroup,
    newInterface,
    newMachine,
    newNetwork,
    plugin,
    read,
    remove,
    removeGroup,
    sshKey,
    update,
    urn,
    useLocalAzure,
} from "./machineParts";

useLocalAzure();

describe("Diff of a machine", () => {
    test("leaves a change of customData to the program, as azure-native does", async () => {
        const inputs = machine("rg", "nic");
        const diff = await plugin.diff(
            urn("compute:VirtualMachine"),
            inputs,
            machine("rg", "nic", { customData: "b3RoZXI=" }),
        );
        expect(diff).toMatchObject({ changes: ["osProfile.customData"], replaces: [] });
    });
});

describe("a machine", () => {
    test("does not tell what is only ever written", async () => {
        const { vm, identity } = await newMachine();
        expect(vm.outputs.osProfile).not.toHaveProperty("customData");
        expect(vm.outputs.vmId).toMatch(/^[0-9a-f-]{36}$/);
        expect(vm.outputs.identity).toEqual({
            type: "UserAssigned",
            userAssignedIdentities: { [identity.id]: {} },
        });
    });

    test("takes another size, and refuses to change what it was made with", async () => {
        const { vm, group, nic } = await newMachine();
        const resized = await update(vm, { hardwareProfile: { vmSize: "Standard_D4s_v5" } });
        expect(resized.hardwareProfile).toEqual({ vmSize: "Standard_D4s_v5" });
        for (const osProfile of [
            { customData: "b3RoZXI=" },
            { computerName: "other" },
            {
                adminUsername: "other",
                linuxConfiguration: {
                    ssh: { publicKeys: [{ path: "/home/other/.ssh/authorized_keys", keyData: sshKey }] },
                },
            },
        ]) {
            await expect(update(vm, machine(group, nic.id, osProfile))).rejects.toThrow(
                /Code="PropertyChangeNotAllowed" Message="Changing property '.*' is not allowed\."/,
            );
        }
    });

    test("has its interface to itself", async () => {
        const { group, nic } = await newMachine();
        const second = machine(group, nic.id, {}, { vmName: "second" });
        await expect(create("compute:VirtualMachine", second)).rejects.toThrow('Code="NicInUse"');
    });

    const publicKeys = (path: string, keyData: string) => ({ ssh: { publicKeys: [{ path, keyData }] } });
    const home = "/home/edge/.ssh/authorized_keys";
    test.each([
        [
            "a user name that Azure keeps for itself",
            { adminUsername: "root" },
            "Username specified is not allowed",
        ],
        ["no way in", { linuxConfiguration: {} }, "SSH or by user name and password must be enabled"],
        [
            "a password beside the order to have none",
            { adminPassword: "x", linuxConfiguration: { disablePasswordAuthentication: true } },
            "Expected no password",
        ],
        [
            "a key in another home",
            { linuxConfiguration: publicKeys("/home/somebody/.ssh", sshKey) },
            "Destination path",
        ],
        [
            "a key that is none",
            { linuxConfiguration: publicKeys(home, "ssh-dss AAAA") },
            "keyData is invalid",
        ],
        ["customData that is not base64", { customData: "#cloud-config" }, "must be in Base64 encoding"],
        [
            "customData that is too long",
            { customData: Buffer.alloc(65_536).toString("base64") },
            "maximum length of 87380 characters",
        ],
        ["no host name", { computerName: "" }, "'osProfile.computerName' is missing"],
    ])("is refused with %s", async (_what, osProfile, error) => {
        const group = await newGroup();
        const { subnet } = await newNetwork(group);
        const nic = await newInterface(group, subnet, await newAddress(group));
        await expect(create("compute:VirtualMachine", machine(group, nic.id, osProfile))).rejects.toThrow(
            error,
        );
    });

    test("is refused without an interface, and with an identity that is missing", async () => {
        const group = await newGroup();
        await expect(create("compute:VirtualMachine", machine(group, "/no/nic"))).rejects.toThrow(
            "Resource /no/nic referenced by",
        );
        const alone = machine(group, "", {}, { networkProfile: {} });
        await expect(create("compute:VirtualMachine", alone)).rejects.toThrow(
            "'networkProfile.networkInterfaces' is missing",
        );
        const identity = { type: "UserAssigned", userAssignedIdentities: ["/no/identity"] };
        const stranger = machine(group, "", {}, { networkProfile: {}, identity });
        await expect(create("compute:VirtualMachine", stranger)).rejects.toThrow("Resource /no/identity");
    });

    test("can be stopped daily, under the name that Azure demands", async () => {
        const { group: resourceGroupName, vm } = await newMachine();
        const schedule = {
            resourceGroupName,
            name: "shutdown-computevm-vm",
            status: "Enabled",
            taskType: "ComputeVmShutdownTask",
            targetResourceId: vm.id,
            dailyRecurrence: { time: "1900" },
            timeZoneId: "UTC",
        };
        const wrong: [Inputs, string][] = [
            [{ name: "shutdown-computevm-other" }, "the name shutdown-computevm-vm"],
            [{ dailyRecurrence: { time: "19:00" } }, "of the form HHmm"],
            [{ taskType: "LabVmsShutdownTask" }, "the taskType ComputeVmShutdownTask"],
            [{ timeZoneId: "" }, "a timeZoneId"],
            [{ targetResourceId: "/no/vm" }, "Resource /no/vm referenced by"],
        ];
        for (const [change, error] of wrong) {
            await expect(create("devtestlab:GlobalSchedule", { ...schedule, ...change })).rejects.toThrow(
                error,
            );
        }
        const { outputs } = await create("devtestlab:GlobalSchedule", schedule);
        expect(outputs).toMatchObject({ name: "shutdown-computevm-vm", status: "Enabled" });
        await remove(vm);
    });

    test("and all its parts show no change when nobody touched them", async () => {
        const { group: _, ...resources } = await newMachine();
        for (const resource of Object.values(resources)) {
            expect((await read(resource)).inputs).toEqual(resource.inputs);
        }
    });
});

describe("what is in use", () => {
    test("is not deleted before what uses it", async () => {
        const { vnet, subnet, nsg, ip, nic, vm } = await newMachine();
        await expect(remove(vnet)).rejects.toThrow('Code="InUseSubnetCannotBeDeleted"');
        await expect(remove(subnet)).rejects.toThrow(`Subnet subnet is in use by ${nic.id}`);
        await expect(remove(nsg)).rejects.toThrow('Code="InUseNetworkSecurityGroupCannotBeDeleted"');
        await expect(remove(ip)).rejects.toThrow('Code="PublicIPAddressCannotBeDeleted"');
        await expect(remove(nic)).rejects.toThrow(`is used by existing resource ${vm.id}`);
        for (const one of [vm, nic, ip, nsg, vnet]) await remove(one);
        expect((await read(subnet)).id).toBe("");
    });

    test("goes with its group", async () => {
        const { group, vm, nic } = await newMachine();
        await removeGroup(group);
        expect((await read(vm)).id).toBe("");
        expect((await read(nic)).id).toBe("");
    });
});
