import * as iothub from "@pulumi/azure-native/iothub";
import * as pulumi from "@pulumi/pulumi";

/** What {@link IotHub} needs. */
export interface IotHubArgs {
    /** Name of the resource group. */
    readonly resourceGroupName: pulumi.Input<string>;
    /** F1 (free, one per subscription) or S1 to S3. */
    readonly sku: "F1" | "S1" | "S2" | "S3";
}

/** The one policy we use. `iothubowner` could also change the hub's devices' telemetry and settings. */
const policyName = "edge-classifier";
const policyRights = iothub.AccessRights.RegistryRead_RegistryWrite_ServiceConnect;

/** An IoT Hub with a policy that may manage identities and twins, and no other right. */
export class IotHub extends pulumi.ComponentResource {
    public readonly hostName: pulumi.Output<string>;
    /** Service connection string of the policy, secret. */
    public readonly connectionString: pulumi.Output<string>;

    constructor(name: string, args: IotHubArgs, opts?: pulumi.ComponentResourceOptions) {
        super("edge-classifier:index:IotHub", name, {}, opts);

        const hub = new iothub.IotHubResource(
            name,
            {
                resourceGroupName: args.resourceGroupName,
                sku: { name: args.sku, capacity: 1 },
                properties: {
                    minTlsVersion: "1.2",
                    authorizationPolicies: [{ keyName: policyName, rights: policyRights }],
                },
            },
            { parent: this },
        );
        const keys = iothub.listIotHubResourceKeysForKeyNameOutput(
            { resourceGroupName: args.resourceGroupName, resourceName: hub.name, keyName: policyName },
            { parent: this },
        );

        this.hostName = hub.properties.hostName;
        // The provider answers keys in clear, so they become secret here, where they are born.
        this.connectionString = pulumi.secret(
            pulumi.interpolate`HostName=${this.hostName};SharedAccessKeyName=${policyName};SharedAccessKey=${keys.primaryKey}`,
        );
        this.registerOutputs({ hostName: this.hostName, connectionString: this.connectionString });
    }
}
