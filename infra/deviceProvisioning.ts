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
    /** Service connection string of the policy, secret. */
    public readonly connectionString: pulumi.Output<string>;

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
        const keys = dps.listIotDpsResourceKeysForKeyNameOutput(
            { resourceGroupName, provisioningServiceName: service.name, keyName: policyName },
            { parent: this },
        );

        // The properties count as secret because the hub's connection string is among them; scope and host name are not.
        const properties = pulumi.unsecret(service.properties);
        this.idScope = properties.idScope;
        const hostName = properties.serviceOperationsHostName;
        // The provider answers keys in clear, so they become secret here, where they are born.
        this.connectionString = pulumi.secret(
            pulumi.interpolate`HostName=${hostName};SharedAccessKeyName=${policyName};SharedAccessKey=${keys.primaryKey}`,
        );
        this.registerOutputs({ idScope: this.idScope, connectionString: this.connectionString });
    }
}
