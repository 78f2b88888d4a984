import * as dps from "@pulumi/azure-native/deviceprovisioningservices";
import * as pulumi from "@pulumi/pulumi";

/** What {@link DeviceProvisioning} needs. */
export interface DeviceProvisioningArgs {
    /** Name of the resource group. */
    readonly resourceGroupName: pulumi.Input<string>;
    /** The hub that devices are assigned to. */
    readonly hub: {
        /** Service connection string, with a policy of the hub that may register devices; secret. */
        readonly provisioningConnectionString: pulumi.Output<string>;
        readonly location: pulumi.Output<string>;
    };
}

/**
 * A Device Provisioning Service that is linked to one hub, with the policy that Azure gives it. None is sent, as with the
 * hub: without its keys every later change would renew them (azure-cli PR 28955).
 */
export class DeviceProvisioning extends pulumi.ComponentResource {
    /** A device names this scope beside its registration id. */
    public readonly idScope: pulumi.Output<string>;
    /** ARM's id; whoever enrolls asks for a key of a policy when one is needed. */
    public readonly serviceId: pulumi.Output<string>;
    /** The service itself: what is enrolled there goes with it. */
    public readonly created: dps.IotDpsResource;

    constructor(name: string, args: DeviceProvisioningArgs, opts?: pulumi.ComponentResourceOptions) {
        super("edge-classifier:index:DeviceProvisioning", name, {}, opts);

        const { resourceGroupName, hub } = args;
        this.created = new dps.IotDpsResource(
            name,
            {
                resourceGroupName,
                sku: { name: dps.IotDpsSku.S1, capacity: 1 },
                properties: {
                    allocationPolicy: dps.AllocationPolicy.Static,
                    iotHubs: [
                        {
                            connectionString: hub.provisioningConnectionString,
                            location: hub.location,
                        },
                    ],
                },
            },
            { parent: this },
        );
        // The properties count as secret because the hub's connection string is among them; scope and host name are not.
        const properties = pulumi.unsecret(this.created.properties);
        this.idScope = properties.idScope;
        this.serviceId = this.created.id;
        this.registerOutputs({ idScope: this.idScope, serviceId: this.serviceId });
    }
}
