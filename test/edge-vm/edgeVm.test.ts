import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { EdgeVm, type EdgeVmArgs } from "../../edge-vm/edgeVm";
import { isSecretInput, mockEngine, type RegisteredResource, settled } from "../support/pulumiMocks";

const key = Buffer.from("a device key of thirty-two bytes").toString("base64");
const sshPublicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPublicKeyOfTheAdministrator admin";
const identity = {
    method: "sas",
    hubHostName: "hub.azure-devices.net",
    deviceId: "edge-device",
    key: pulumi.secret(key),
} as const;

/** Inputs of any depth, as the engine sees them. */
// biome-ignore lint/suspicious/noExplicitAny: a test reaches into them by the names it expects
type Loose = any;

async function create(args: Partial<EdgeVmArgs> = {}, opts?: pulumi.ComponentResourceOptions) {
    // The SDK takes a stack trace with every output, and jest maps each to its sources, which takes most of the time.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
        return await createdMachine(args, opts);
    } finally {
        Error.stackTraceLimit = stackTraceLimit;
    }
}

async function createdMachine(args: Partial<EdgeVmArgs>, opts?: pulumi.ComponentResourceOptions) {
    const resources = await mockEngine("dev", { "azure-native:location": "westeurope" });
    const warn = jest.spyOn(pulumi.log, "warn").mockResolvedValue();
    const vm = new EdgeVm("vm", { resourceGroupName: "rg", identity, sshPublicKey, ...args }, opts);
    const outputs = {
        publicIp: (await settled(vm.publicIp)).value,
        fqdn: (await settled(vm.fqdn)).value,
        ssh: (await settled(vm.ssh)).value,
        classifierUrl: (await settled(vm.classifierUrl)).value,
    };
    // Registrations are made in the background; the last one waits for outputs of all others.
    const last = args.autoShutdown ? /GlobalSchedule$/ : /VirtualMachine$/;
    for (let tries = 0; tries < 1000 && !resources.some(({ type }) => last.test(type)); tries++)
        await pause(5);
    const warnings = warn.mock.calls.map(([message]) => message);
    warn.mockRestore();
    const inputsOf = (name: string): Loose => {
        const found = resources.find((one) => one.name === name && one.type.startsWith("azure-native:"));
        if (!found) throw new Error(`No resource ${name} among ${resources.map((one) => one.name)}`);
        return found.inputs;
    };
    return { resources, outputs, warnings, inputsOf, cloudConfig: () => cloudConfigOf(inputsOf("vm")) };
}

function cloudConfigOf(inputs: Loose): string {
    return Buffer.from(inputs.osProfile.customData, "base64").toString();
}

/** What a resource was registered with beside its inputs, in words: other resources by their names. */
interface RegisteredOptions {
    readonly parent?: string;
    readonly deletedWith?: string;
    readonly replaceOnChanges?: readonly string[];
    readonly deleteBeforeReplace?: boolean;
    readonly others: readonly string[];
}

/** Creates the machine and collects the options of each of its resources by name. */
async function optionsOf(args: Partial<EdgeVmArgs>): Promise<Record<string, RegisteredOptions>> {
    const found: Record<string, RegisteredOptions> = {};
    const nameOf = (resource: unknown) => (resource as { __name?: string } | undefined)?.__name;
    const transformation: pulumi.ResourceTransformation = ({ name, type, props, opts }) => {
        const { parent, deletedWith, replaceOnChanges, deleteBeforeReplace, ...others } =
            opts as pulumi.CustomResourceOptions;
        if (type.startsWith("azure-native:")) {
            found[name] = {
                parent: nameOf(parent),
                ...(deletedWith !== undefined && { deletedWith: nameOf(deletedWith) }),
                ...(replaceOnChanges && { replaceOnChanges }),
                ...(deleteBeforeReplace !== undefined && { deleteBeforeReplace }),
                // The SDK's own: aliases to older API versions, and the version of its plugin.
                others: Object.entries(others).flatMap(([option, value]) =>
                    value === undefined || ["version", "aliases"].includes(option) ? [] : [option],
                ),
            };
        }
        return { props, opts };
    };
    await create(args, { transformations: [transformation] });
    return found;
}

function types(resources: RegisteredResource[]): string {
    return `${resources
        .map(({ type, name }) => `${type}::${name}`)
        .sort()
        .join("\n")}\n`;
}

/** The machine without any option, which several tests look at. */
let plain: ReturnType<typeof create>;
beforeAll(() => {
    plain = create();
});

describe("the machine that becomes an edge device", () => {
    test("registers the resources of the golden list", async () => {
        const { resources } = await plain;
        expect(types(resources)).toBe(readFileSync(join(__dirname, "edgeVm.golden.txt"), "utf8"));
    });

    test("honours its options and owns its children", async () => {
        const reached: string[] = [];
        // Reaches the children only where the component passes its options on and is their parent.
        const transformation: pulumi.ResourceTransformation = ({ type, name, props, opts }) => {
            reached.push(`${type}::${name}`);
            return { props, opts };
        };
        const autoShutdown = { time: "19:30", timeZone: "UTC" };
        const { resources } = await create({ autoShutdown }, { transformations: [transformation] });
        expect(`${reached.sort().join("\n")}\n`).toBe(types(resources));
        expect(reached).toHaveLength(11);
    });

    test.each<[string, Partial<EdgeVmArgs>]>([
        ["default", {}],
        [
            "every-option",
            {
                identity: { method: "dps", idScope: "0ne00ABCDEF", registrationId: "edge-device", key },
                adminUsername: "fruit",
                platform: "linux/arm64",
                dnsLabel: "label",
                sshFrom: ["198.51.100.7/32"],
                httpFrom: ["2001:db8::/48"],
                httpPort: 8080,
                autoShutdown: { time: "19:30", timeZone: "W. Europe Standard Time" },
            },
        ],
    ])("gives Azure the golden inputs: %s", async (name, args) => {
        const { resources } = await create(args);
        const azure = resources.filter(({ type }) => type.startsWith("azure-native:"));
        const inputs = Object.fromEntries(
            azure.map((one): [string, object] => [one.name, one.inputs]).sort(),
        );
        // What the machine reads at its first boot has goldens of its own.
        const withoutCustomData = (key: string, value: unknown) =>
            key === "customData" ? "the cloud-config" : value;
        expect(`${JSON.stringify(inputs, withoutCustomData, 4)}\n`).toBe(
            readFileSync(join(__dirname, `edgeVm.${name}.golden.json`), "utf8"),
        );
    });

    test("tells the engine what belongs together, what goes first and what makes another machine", async () => {
        const found = await optionsOf({ autoShutdown: { time: "19:30", timeZone: "UTC" } });
        const child = { parent: "vm", others: [] };
        expect(found).toEqual({
            "vm-nsg": child,
            "vm-ip": child,
            "vm-vnet": child,
            "vm-subnet": child,
            "vm-nic": child,
            "vm-identity": child,
            "vm-kv": child,
            // Whoever deploys has no right to delete it by itself.
            "vm-key": { ...child, deletedWith: "vm-kv" },
            vm: {
                ...child,
                replaceOnChanges: [
                    "osProfile.adminUsername",
                    "osProfile.computerName",
                    "osProfile.customData",
                    "osProfile.linuxConfiguration.ssh",
                    "storageProfile.imageReference",
                ],
                deleteBeforeReplace: true,
            },
            "vm-shutdown": child,
        });
    });

    test("has nothing open, and a way out by its own address", async () => {
        const { inputsOf, warnings, outputs } = await plain;
        expect(inputsOf("vm-nsg").securityRules).toEqual([]);
        expect(inputsOf("vm-subnet").defaultOutboundAccess).toBe(false);
        expect(inputsOf("vm-ip")).toMatchObject({
            sku: { name: "Standard" },
            publicIPAllocationMethod: "Static",
        });
        expect(inputsOf("vm-nic")).toMatchObject({
            networkSecurityGroup: { id: "vm-nsg-id" },
            ipConfigurations: [{ subnet: { id: "vm-subnet-id" }, publicIPAddress: { id: "vm-ip-id" } }],
        });
        expect(warnings).toEqual([]);
        expect(outputs).toEqual({
            publicIp: "203.0.113.7",
            fqdn: "",
            ssh: "",
            classifierUrl: "http://203.0.113.7",
        });
    });

    test("is an Ubuntu 24.04 LTS that is entered by key alone, and leaves no disk behind", async () => {
        const { inputsOf } = await plain;
        const vm = inputsOf("vm");
        expect(vm.storageProfile).toMatchObject({
            imageReference: { publisher: "Canonical", offer: "ubuntu-24_04-lts", sku: "server" },
            osDisk: { createOption: "FromImage", deleteOption: "Delete" },
        });
        expect(vm.hardwareProfile.vmSize).toBe("Standard_B2ls_v2");
        expect(vm.osProfile).toMatchObject({
            adminUsername: "edge",
            computerName: "vm",
            linuxConfiguration: {
                disablePasswordAuthentication: true,
                ssh: { publicKeys: [{ path: "/home/edge/.ssh/authorized_keys", keyData: sshPublicKey }] },
            },
        });
        expect(vm.osProfile).not.toHaveProperty("adminPassword");
        expect(vm.diagnosticsProfile.bootDiagnostics.enabled).toBe(true);
    });

    test("gets the key from a vault that only its identity may read", async () => {
        const { inputsOf } = await plain;
        expect(inputsOf("vm-kv").properties).toMatchObject({
            tenantId: "a-tenant",
            accessPolicies: [
                { tenantId: "a-tenant", objectId: "a-principal", permissions: { secrets: ["get"] } },
            ],
            softDeleteRetentionInDays: 7,
        });
        expect(inputsOf("vm-kv").properties.accessPolicies).toHaveLength(1);
        expect(isSecretInput(inputsOf("vm-key").properties)).toBe(true);
        expect(inputsOf("vm-key").properties.value).toEqual({ value: key });
        expect(inputsOf("vm").identity).toEqual({
            type: "UserAssigned",
            userAssignedIdentities: ["vm-identity-id"],
        });
    });

    test("shows its customData in a review, with the key's place and without the key", async () => {
        const { inputsOf, cloudConfig } = await plain;
        expect(isSecretInput(inputsOf("vm").osProfile)).toBe(false);
        expect(cloudConfig()).toContain("https://vault.vault.azure.net/secrets/vm-key/1");
        expect(cloudConfig()).toContain("a-client");
        const everything = JSON.stringify(inputsOf("vm"));
        for (const form of [key, Buffer.from(key).toString("base64"), "a device key of thirty-two"]) {
            expect(everything).not.toContain(form);
            expect(cloudConfig()).not.toContain(form);
        }
    });
});

describe("each option of the machine", () => {
    test("sshFrom and httpFrom open their ports to those ranges, one rule each", async () => {
        const { inputsOf, outputs } = await create({
            sshFrom: ["198.51.100.7/32"],
            httpFrom: ["198.51.100.0/24", "2001:db8::/48"],
            httpPort: 8080,
        });
        const rule = { direction: "Inbound", access: "Allow", protocol: "Tcp" };
        expect(inputsOf("vm-nsg").securityRules).toEqual([
            expect.objectContaining({
                ...rule,
                name: "ssh-1",
                priority: 100,
                sourceAddressPrefix: "198.51.100.7/32",
                destinationPortRange: "22",
            }),
            expect.objectContaining({
                ...rule,
                name: "http-1",
                priority: 200,
                sourceAddressPrefix: "198.51.100.0/24",
                destinationPortRange: "8080",
            }),
            expect.objectContaining({
                ...rule,
                name: "http-2",
                priority: 201,
                sourceAddressPrefix: "2001:db8::/48",
                destinationPortRange: "8080",
            }),
        ]);
        expect(outputs.ssh).toBe("ssh edge@203.0.113.7");
        expect(outputs.classifierUrl).toBe("http://203.0.113.7:8080");
    });

    test.each([["198.51.100.7"], ["198.51.100.0/33"], ["2001:db8::/129"], ["anywhere"], ["Internet"], ["*"]])(
        "a range that is none, %s, is refused before anything is registered",
        async (range) => {
            const resources = await mockEngine("dev");
            const args = { resourceGroupName: "rg", identity, sshPublicKey, httpFrom: [range] };
            expect(() => new EdgeVm("vm", args)).toThrow(
                `Expected the ranges that may reach http to be like 198.51.100.7/32, found "${range}".`,
            );
            await pause(50);
            expect(resources.filter(({ type }) => type.startsWith("azure-native:"))).toEqual([]);
        },
    );

    test("dnsLabel gives it a host name", async () => {
        const { inputsOf, outputs } = await create({ dnsLabel: "label", sshFrom: ["198.51.100.7/32"] });
        expect(inputsOf("vm-ip").dnsSettings).toEqual({ domainNameLabel: "label" });
        expect(outputs).toMatchObject({
            fqdn: "label.westeurope.cloudapp.azure.com",
            ssh: "ssh edge@label.westeurope.cloudapp.azure.com",
            classifierUrl: "http://label.westeurope.cloudapp.azure.com",
        });
    });

    test("subnetId puts it into an existing network", async () => {
        const { inputsOf, resources } = await create({ subnetId: "/an/existing/subnet" });
        expect(inputsOf("vm-nic").ipConfigurations[0].subnet).toEqual({ id: "/an/existing/subnet" });
        expect(resources.filter(({ type }) => /VirtualNetwork|Subnet/.test(type))).toEqual([]);
    });

    test("platform chooses the image and the size, which size overrules", async () => {
        const arm = (await create({ platform: "linux/arm64" })).inputsOf("vm");
        expect(arm.storageProfile.imageReference.sku).toBe("server-arm64");
        expect(arm.hardwareProfile.vmSize).toBe("Standard_B2pls_v2");
        const sized = await create({ size: "Standard_D2s_v5" });
        expect(sized.inputsOf("vm").hardwareProfile.vmSize).toBe("Standard_D2s_v5");
    });

    test("adminUsername is the user, whose key is in their home", async () => {
        const { inputsOf, outputs } = await create({ adminUsername: "fruit", sshFrom: ["198.51.100.7/32"] });
        const { adminUsername, linuxConfiguration } = inputsOf("vm").osProfile;
        expect(adminUsername).toBe("fruit");
        expect(linuxConfiguration.ssh.publicKeys[0].path).toBe("/home/fruit/.ssh/authorized_keys");
        expect(outputs.ssh).toBe("ssh fruit@203.0.113.7");
    });

    test("autoShutdown stops it daily, under the only name that Azure accepts", async () => {
        const { inputsOf } = await create({ autoShutdown: { time: "19:30", timeZone: "UTC" } });
        expect(inputsOf("vm-shutdown")).toMatchObject({
            name: "shutdown-computevm-vm",
            status: "Enabled",
            taskType: "ComputeVmShutdownTask",
            targetResourceId: "vm-id",
            dailyRecurrence: { time: "1930" },
            timeZoneId: "UTC",
        });
    });

    test.each([
        [
            "a time that is none",
            { autoShutdown: { time: "7 pm", timeZone: "UTC" } },
            'to be like 19:00, found "7 pm"',
        ],
        ["a name that Azure reserves", { adminUsername: "admin" }, 'such as edge, found "admin"'],
        ["a name that Linux refuses", { adminUsername: "Fruit Lady" }, 'such as edge, found "Fruit Lady"'],
    ])("%s is refused before anything is registered", async (_what, wrong, sentence) => {
        const resources = await mockEngine("dev");
        const args = { resourceGroupName: "rg", identity, sshPublicKey, ...wrong };
        expect(() => new EdgeVm("vm", args)).toThrow(sentence);
        await pause(50);
        expect(resources.filter(({ type }) => type.startsWith("azure-native:"))).toEqual([]);
    });

    test("upstreamProtocol is that of the first agent", async () => {
        expect((await plain).cloudConfig()).toContain('UpstreamProtocol = "AmqpWs"');
        expect((await create({ upstreamProtocol: "Mqtt" })).cloudConfig()).toContain(
            'UpstreamProtocol = "Mqtt"',
        );
    });

    test("an X.509 identity has its certificate in customData and its private key in the vault", async () => {
        const pem = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        const { inputsOf, cloudConfig } = await create({
            identity: {
                method: "x509",
                hubHostName: "hub.azure-devices.net",
                deviceId: "edge-device",
                certificate: "-----BEGIN CERTIFICATE-----\nBBBB\n-----END CERTIFICATE-----\n",
                privateKey: pulumi.secret(pem),
            },
        });
        expect(isSecretInput(inputsOf("vm-key").properties)).toBe(true);
        const { value } = inputsOf("vm-key").properties.value;
        expect(Buffer.from(value.value ?? value, "base64").toString()).toBe(pem);
        expect(cloudConfig()).toContain("BBBB");
        expect(cloudConfig()).not.toContain("AAAA");
        expect(cloudConfig()).not.toContain(Buffer.from(pem).toString("base64"));
        expect(cloudConfig()).toContain('iothub_hostname = "hub.azure-devices.net"');
        expect(cloudConfig()).toContain('device_id = "edge-device"');
    });

    test("a DPS identity names its registration", async () => {
        const { cloudConfig, inputsOf } = await create({
            identity: { method: "dps", idScope: "0ne00ABCDEF", registrationId: "edge-device", key },
        });
        expect(cloudConfig()).toContain('id_scope = "0ne00ABCDEF"');
        expect(cloudConfig()).toContain('registration_id = "edge-device"');
        expect(isSecretInput(inputsOf("vm-key").properties)).toBe(true);
        expect(inputsOf("vm-key").properties.value.value).toBe(key);
        expect(cloudConfig()).not.toContain(key);
    });

    test("hostStorage is a folder that the first boot makes", async () => {
        const { cloudConfig } = await create({ hostStorage: "/var/lib/edge" });
        expect(cloudConfig()).toContain("/var/lib/edge/edgeAgent");
        expect((await plain).cloudConfig()).not.toContain("edgeHub");
    });

    test("httpFrom alone gives nobody a way in by SSH, and the usual port is in no URL", async () => {
        const { outputs, warnings } = await create({ httpFrom: ["198.51.100.0/24"] });
        expect(outputs).toMatchObject({ ssh: "", classifierUrl: "http://203.0.113.7" });
        expect(warnings).toEqual([]);
    });

    test.each([
        [{ sshFrom: ["::/0"] }, "ssh (port 22)"],
        [{ sshFrom: ["0.0.0.0/0"], httpFrom: ["10.0.0.0/8", "::/0"] }, "ssh (port 22) and http (port 80)"],
        [{ httpFrom: ["10.0.0.0/8", "0.0.0.0/0"], httpPort: 8080 }, "http (port 8080)"],
    ])("the warning names the opening that is for everyone and no other: %j", async (args, named) => {
        const { warnings } = await create(args);
        expect(warnings).toEqual([
            `The whole Internet may reach ${named}. Name the ranges that need it instead of 0.0.0.0/0 or ::/0.`,
        ]);
    });
});
