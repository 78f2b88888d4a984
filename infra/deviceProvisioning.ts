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

/** The one policy we use: it enrolls, and can neither configure the service nor see registrations. */
const policyName = "edge-classifier";
const policyRights = "EnrollmentRead, EnrollmentWrite";

/** A Device Provisioning Service that is linked to one hub, with a policy that may enroll. */
export class DeviceProvisioning extends pulumi.ComponentResource {
    /** A device names this scope beside its registration id. */
    public readonly idScope: pulumi.Output<string>;
    /** ARM's id; whoever enrolls asks for a key of the policy when one is needed. */
    public readonly serviceId: pulumi.Output<string>;

    constructor(name: string, args: DeviceProvisioningArgs, opts?: pulumi.ComponentResourceOptions) {
        super("edge-classifier:index:DeviceProvisioning", name, {}, opts);

        const { resourceGroupName, hub } = args;
        const service = new dps.IotDpsResource(
            name,
            {
                resourceGroupName,
                sku: { name: dps.IotDpsSku.S1, capacity: 1 },
                properties: {
                    allocationPolicy: dps.AllocationPolicy.Static,
                    authorizationPolicies: [{ keyName: policyName, rights: policyRights }],
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
        const properties = pulumi.unsecret(service.properties);
        this.idScope = properties.idScope;
        this.serviceId = service.id;
        this.registerOutputs({ idScope: this.idScope, serviceId: this.serviceId });
    }
}
