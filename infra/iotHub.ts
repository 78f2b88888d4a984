import * as iothub from "@pulumi/azure-native/iothub";
import * as pulumi from "@pulumi/pulumi";
import { existingResource } from "./existingResource";

/** What {@link IotHub} needs. */
export interface IotHubArgs {
    /** Name of the resource group of a new hub. */
    readonly resourceGroupName: pulumi.Input<string>;
    /** Tier of a new hub: F1 (free, one per subscription) or S1 and up. */
    readonly sku: "F1" | "S1" | "S2" | "S3";
    /** How our own calls show who they are; `key` is the default. With `entra` a new hub has no key that opens it. */
    readonly auth?: "key" | "entra";
    /** ARM's id of a hub that exists already; then nothing is made. */
    readonly existingId?: string;
    /** The policy of an existing hub that links a provisioning service. Default: {@link defaultPolicyName}. */
    readonly existingPolicyName?: string;
    /** Whether a Device Provisioning Service registers devices in it. Not with `entra`. */
    readonly provisioning?: boolean;
}

/** The policy that Azure gives every hub and that may do everything there. */
const defaultPolicyName = "iothubowner";

/**
 * An IoT Hub with the policies that Azure gives it. None is sent: azure-native would send it with every later change, without
 * keys, and the hub would make new ones each time (azure-cli PR 30334), while a change that names no policy leaves all as
 * they are (`az iot hub update`).
 */
export class IotHub extends pulumi.ComponentResource {
    /** The hub itself where the stack makes it: what lies in it goes with it. */
    public readonly created?: iothub.IotHubResource;
    public readonly hostName: pulumi.Output<string>;
    /** ARM's id; whoever opens the hub asks for a key of it when one is needed. */
    public readonly hubId: pulumi.Output<string>;
    /** Connection string with which a provisioning service registers devices, secret; there only with `provisioning`. */
    public readonly provisioningConnectionString?: pulumi.Output<string>;
    public readonly location: pulumi.Output<string>;

    constructor(name: string, args: IotHubArgs, opts?: pulumi.ComponentResourceOptions) {
        super("edge-classifier:index:IotHub", name, {}, opts);

        this.created = args.existingId ? undefined : this.create(name, args);
        const { hostName, hubId, location, ...policy } = this.created
            ? found(this.created, args)
            : this.existing(args.existingId ?? "", args);
        this.hostName = hostName;
        this.hubId = hubId;
        this.location = location;
        if (args.provisioning) this.provisioningConnectionString = this.connectionString(hostName, policy);
        this.registerOutputs({ hostName, hubId });
    }

    private create(name: string, { resourceGroupName, sku, auth }: IotHubArgs): iothub.IotHubResource {
        return new iothub.IotHubResource(
            name,
            {
                resourceGroupName,
                sku: { name: sku, capacity: 1 },
                properties: {
                    minTlsVersion: "1.2",
                    ...(auth === "entra" ? { disableLocalAuth: true } : {}),
                },
            },
            { parent: this },
        );
    }

    private existing(id: string, { existingPolicyName }: IotHubArgs) {
        const { resourceGroupName, name: resourceName } = existingResource(id, "Microsoft.Devices/IotHubs");
        const hub = iothub.getIotHubResourceOutput({ resourceGroupName, resourceName }, { parent: this });
        const hostName = hub.apply(({ sku, properties }) => {
            requireIotEdge(resourceName, sku.name);
            return properties.hostName;
        });
        const keyName = existingPolicyName ?? defaultPolicyName;
        const { location } = hub;
        return { hostName, hubId: pulumi.output(id), location, resourceGroupName, resourceName, keyName };
    }

    private connectionString(
        hostName: pulumi.Output<string>,
        policy: {
            resourceGroupName: pulumi.Input<string>;
            resourceName: pulumi.Input<string>;
            keyName: string;
        },
    ): pulumi.Output<string> {
        const keys = iothub.listIotHubResourceKeysForKeyNameOutput(policy, { parent: this });
        // The provider answers keys in clear, so they become secret here, where they are born.
        return pulumi.secret(
            pulumi.interpolate`HostName=${hostName};SharedAccessKeyName=${policy.keyName};SharedAccessKey=${keys.primaryKey}`,
        );
    }
}

/** What a hub that the stack makes tells of itself. */
function found(
    { id: hubId, location, name: resourceName, properties }: iothub.IotHubResource,
    { resourceGroupName }: IotHubArgs,
) {
    const { hostName } = properties;
    return { hostName, hubId, location, resourceGroupName, resourceName, keyName: defaultPolicyName };
}

/** Refuses a hub that exists already and whose tier has no IoT Edge. */
export function requireIotEdge(hubName: string, tier: string): void {
    if (!tier.startsWith("B")) return;
    throw new pulumi.RunError(
        `Expected the hub ${hubName} to be of tier F1, S1, S2 or S3, found ${tier}: ` +
            "the basic tiers have no IoT Edge. Name another hub.",
    );
}
