import { readFileSync } from "node:fs";
import { readEndpoints } from "../../../local/endpoints";
import { startTestAzure, type TestAzure } from "../../support/localAzure";
import { startPlugin, type TestPlugin, urnOf } from "../../support/plugin";

export type Inputs = Record<string, unknown>;

/** A resource as the engine holds it. */
export interface Created {
    readonly type: string;
    readonly id: string;
    readonly inputs: Inputs;
    // biome-ignore lint/suspicious/noExplicitAny: a test reaches into outputs by the names it expects
    readonly outputs: Record<string, any>;
}

export let azure: TestAzure;
export let plugin: TestPlugin;
let groups = 0;

/** Starts a local Azure and the stand-in on it, for all tests of the file that calls this. */
export function useLocalAzure(): void {
    beforeAll(async () => {
        azure = await startTestAzure();
        plugin = await startPlugin("azure-native", "3.28.0", azure.stack.azure);
        await plugin.configure({ "azure-native:config:location": "West Europe" });
    });
    afterAll(async () => {
        await plugin?.stop();
        await azure?.remove();
    });
}

/** The authority of the local Azure's certificates, PEM. */
export const caPem = () => readFileSync(readEndpoints(azure.stack.azure).caFile, "utf8");

/** The URN of a resource of azure-native, such as `network:Subnet`. */
export const urn = (type: string) => urnOf(`azure-native:${type}`, "it");

/** Checks and creates a resource, as the engine does. */
export async function create(type: string, news: Inputs): Promise<Created> {
    const { inputs, failures } = await plugin.check(urn(type), news);
    if (failures.length > 0) throw new Error(failures.join("\n"));
    const { id, properties } = await plugin.create(urn(type), inputs);
    return { type, id, inputs, outputs: properties };
}

export const update = ({ type, id, inputs, outputs }: Created, change: Inputs) =>
    plugin.update(urn(type), id, outputs, { ...inputs, ...change });
export const remove = ({ type, id, outputs }: Created) => plugin.delete(urn(type), id, outputs);
export const read = ({ type, id, inputs, outputs }: Created) => plugin.read(urn(type), id, inputs, outputs);

/** A group of its own, by its name. */
export async function newGroup(): Promise<string> {
    const resourceGroupName = `group-${++groups}`;
    await create("resources:ResourceGroup", { resourceGroupName });
    return resourceGroupName;
}

/** Deletes a group with everything in it. */
export async function removeGroup(name: string): Promise<void> {
    const id = `/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/${name}`;
    await plugin.delete(urn("resources:ResourceGroup"), id, {});
}

export const sshKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPublicKeyOfTheAdministrator admin";

export async function newNetwork(resourceGroupName: string) {
    const vnet = await create("network:VirtualNetwork", {
        resourceGroupName,
        virtualNetworkName: "vnet",
        addressSpace: { addressPrefixes: ["10.0.0.0/16"] },
    });
    const subnet = await create("network:Subnet", {
        resourceGroupName,
        virtualNetworkName: "vnet",
        subnetName: "subnet",
        addressPrefix: "10.0.1.0/24",
    });
    return { vnet, subnet };
}

export const newAddress = (resourceGroupName: string, more: Inputs = {}) =>
    create("network:PublicIPAddress", {
        resourceGroupName,
        publicIpAddressName: "ip",
        sku: { name: "Standard" },
        publicIPAllocationMethod: "Static",
        ...more,
    });

export async function newInterface(resourceGroupName: string, subnet: Created, ip: Created, name = "nic") {
    const publicIPAddress = { id: ip.id };
    const ipConfigurations = [{ name: "primary", subnet: { id: subnet.id }, publicIPAddress }];
    return create("network:NetworkInterface", {
        resourceGroupName,
        networkInterfaceName: name,
        ipConfigurations,
    });
}

export const newIdentity = (resourceGroupName: string) =>
    create("managedidentity:UserAssignedIdentity", { resourceGroupName, resourceName: "identity" });

export function machine(
    resourceGroupName: string,
    nic: string,
    osProfile: Inputs = {},
    more: Inputs = {},
): Inputs {
    const publicKeys = [{ path: "/home/edge/.ssh/authorized_keys", keyData: sshKey }];
    return {
        resourceGroupName,
        vmName: "vm",
        hardwareProfile: { vmSize: "Standard_B2ls_v2" },
        networkProfile: { networkInterfaces: [{ id: nic, primary: true }] },
        osProfile: {
            computerName: "vm",
            adminUsername: "edge",
            customData: Buffer.from("#cloud-config\n").toString("base64"),
            linuxConfiguration: { disablePasswordAuthentication: true, ssh: { publicKeys } },
            ...osProfile,
        },
        storageProfile: {
            imageReference: { publisher: "Canonical", offer: "ubuntu-24_04-lts", sku: "server" },
            osDisk: { createOption: "FromImage", deleteOption: "Delete" },
        },
        ...more,
    };
}

/** Everything that a machine needs, and the machine. */
export async function newMachine() {
    const group = await newGroup();
    const { vnet, subnet } = await newNetwork(group);
    const nsg = await create("network:NetworkSecurityGroup", {
        resourceGroupName: group,
        networkSecurityGroupName: "nsg",
    });
    const ip = await newAddress(group);
    const nic = await create("network:NetworkInterface", {
        resourceGroupName: group,
        networkInterfaceName: "nic",
        networkSecurityGroup: { id: nsg.id },
        ipConfigurations: [{ name: "primary", subnet: { id: subnet.id }, publicIPAddress: { id: ip.id } }],
    });
    const identity = await newIdentity(group);
    const assigned = { type: "UserAssigned", userAssignedIdentities: [identity.id] };
    const vm = await create("compute:VirtualMachine", machine(group, nic.id, {}, { identity: assigned }));
    return { group, vnet, subnet, nsg, ip, nic, identity, vm };
}
