import * as compute from "@pulumi/azure-native/compute";
import * as pulumi from "@pulumi/pulumi";
import { checkAdminUsername } from "./adminUsername";
import { renderCloudInit } from "./cloudInit";
import type { UpstreamProtocol } from "./configToml";
import { customData } from "./customData";
import { checkTimeOfDay, type DailyShutdown, dailyShutdown } from "./dailyShutdown";
import { deviceKeyVault } from "./deviceKeyVault";
import { edgeNetwork } from "./edgeNetwork";
import { type EdgeVmIdentity, splitKey } from "./edgeVmIdentity";
import { machineKinds } from "./machineKinds";
import type { Opening } from "./securityRules";

/** What {@link EdgeVm} needs. */
export interface EdgeVmArgs {
    /** Name of the resource group. */
    readonly resourceGroupName: pulumi.Input<string>;
    readonly identity: EdgeVmIdentity;
    /** OpenSSH public key of the administrator, `ssh-ed25519 …` or `ssh-rsa …`. There is no password. */
    readonly sshPublicKey: pulumi.Input<string>;
    /** Default `edge`. Azure reserves names such as `admin` and `root`. */
    readonly adminUsername?: string;
    /** Platform of the images that the device runs. Default `linux/amd64`. */
    readonly platform?: keyof typeof machineKinds;
    /** Size of the machine. Default that of {@link machineKinds}. */
    readonly size?: pulumi.Input<string>;
    /** First label of the host name `LABEL.REGION.cloudapp.azure.com`. Without one there is only the address. */
    readonly dnsLabel?: pulumi.Input<string>;
    /** Ranges that may connect by SSH, such as `198.51.100.7/32`. Default none. */
    readonly sshFrom?: readonly string[];
    /** Ranges that may ask the classifier. Default none. */
    readonly httpFrom?: readonly string[];
    /** Port on which the classifier answers. Default 80. */
    readonly httpPort?: number;
    /** Id of an existing subnet. Default is a network of its own. */
    readonly subnetId?: pulumi.Input<string>;
    /** Daily stop, which saves the price of the machine but not of its disk and address. Default none. */
    readonly autoShutdown?: DailyShutdown;
    /** Default `AmqpWs`, which needs no port but 443. */
    readonly upstreamProtocol?: UpstreamProtocol;
    /** Folder of the machine in which edgeAgent and edgeHub keep their data. Default: in their containers. */
    readonly hostStorage?: string;
}

/** Properties that Azure fixes when it creates a machine, and refuses to change afterwards. */
const fixedProperties = [
    "osProfile.adminUsername",
    "osProfile.computerName",
    "osProfile.customData",
    "osProfile.linuxConfiguration.ssh",
    "storageProfile.imageReference",
];

/** An Ubuntu 24.04 LTS machine that becomes an IoT Edge device at its first boot, with nothing open unless asked for. */
export class EdgeVm extends pulumi.ComponentResource {
    public readonly publicIp: pulumi.Output<string>;
    /** Host name of the machine; empty without a DNS label. */
    public readonly fqdn: pulumi.Output<string>;
    /** Command line that connects; empty while `sshFrom` lets nobody in. */
    public readonly ssh: pulumi.Output<string>;
    /** URL at which the classifier answers those in `httpFrom`. */
    public readonly classifierUrl: pulumi.Output<string>;

    constructor(name: string, args: EdgeVmArgs, opts?: pulumi.ComponentResourceOptions) {
        super("edge-classifier:index:EdgeVm", name, {}, opts);
        const {
            resourceGroupName,
            adminUsername = "edge",
            httpPort = 80,
            sshFrom = [],
            httpFrom = [],
        } = args;
        // These settings are checked before the first resource is made, as the ranges are.
        if (args.autoShutdown) checkTimeOfDay(args.autoShutdown.time);
        checkAdminUsername(adminUsername);
        const openings: Opening[] = [
            { name: "ssh", port: 22, from: sshFrom },
            { name: "http", port: httpPort, from: httpFrom },
        ];

        const network = edgeNetwork(name, { ...args, openings }, this);
        const { identity, key } = splitKey(args.identity);
        const vault = deviceKeyVault(name, { resourceGroupName, key }, this);
        const cloudInit = pulumi
            .all([identity, vault.secretUri, vault.clientId])
            .apply(([device, secretUri, clientId]) =>
                renderCloudInit({
                    identity: device,
                    upstreamProtocol: args.upstreamProtocol ?? "AmqpWs",
                    secretUri,
                    clientId,
                    hostStorage: args.hostStorage,
                }),
            );

        const { size, imageSku } = machineKinds[args.platform ?? "linux/amd64"];
        const vm = new compute.VirtualMachine(
            name,
            {
                resourceGroupName,
                hardwareProfile: { vmSize: args.size ?? size },
                identity: {
                    type: compute.ResourceIdentityType.UserAssigned,
                    userAssignedIdentities: [vault.identityId],
                },
                networkProfile: { networkInterfaces: [{ id: network.interfaceId, primary: true }] },
                osProfile: {
                    computerName: name,
                    adminUsername,
                    customData: cloudInit.apply(customData),
                    linuxConfiguration: keysOnly(adminUsername, args.sshPublicKey),
                },
                storageProfile: {
                    imageReference: {
                        publisher: "Canonical",
                        offer: "ubuntu-24_04-lts",
                        sku: imageSku,
                        version: "latest",
                    },
                    osDisk: {
                        createOption: compute.DiskCreateOptionTypes.FromImage,
                        managedDisk: { storageAccountType: compute.StorageAccountTypes.StandardSSD_LRS },
                        deleteOption: compute.DiskDeleteOptionTypes.Delete,
                    },
                },
                // Keeps the serial log, where the stages of the first boot are told.
                diagnosticsProfile: { bootDiagnostics: { enabled: true } },
            },
            {
                parent: this,
                replaceOnChanges: fixedProperties,
                // A network interface belongs to one machine at a time, so the old one goes first.
                deleteBeforeReplace: true,
            },
        );
        if (args.autoShutdown) {
            dailyShutdown(`${name}-shutdown`, { ...args.autoShutdown, resourceGroupName, vm }, this);
        }

        const host = pulumi.all([network.fqdn, network.publicIp]).apply(([fqdn, ip]) => fqdn || ip);
        this.publicIp = network.publicIp;
        this.fqdn = network.fqdn;
        this.ssh = pulumi.output(sshFrom.length > 0 ? pulumi.interpolate`ssh ${adminUsername}@${host}` : "");
        this.classifierUrl = pulumi.interpolate`http://${host}${httpPort === 80 ? "" : `:${httpPort}`}`;
        this.registerOutputs({
            publicIp: this.publicIp,
            fqdn: this.fqdn,
            ssh: this.ssh,
            classifierUrl: this.classifierUrl,
        });
    }
}

function keysOnly(adminUsername: string, keyData: pulumi.Input<string>) {
    const path = `/home/${adminUsername}/.ssh/authorized_keys`;
    return { disablePasswordAuthentication: true, ssh: { publicKeys: [{ path, keyData }] } };
}
