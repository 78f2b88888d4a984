import * as pulumi from "@pulumi/pulumi";

/** What {@link EdgeDevice} needs. */
export interface EdgeDeviceArgs {
    /** Service connection string of the hub, secret. */
    readonly hubConnectionString: pulumi.Input<string>;
    /** Name of the device in the hub. */
    readonly deviceId: pulumi.Input<string>;
    /** Keys that were made elsewhere, base64, secret. Default: the hub makes them. */
    readonly symmetricKey?: pulumi.Input<{
        primaryKey: pulumi.Input<string>;
        secondaryKey: pulumi.Input<string>;
    }>;
    /** Thumbprints (SHA-1 or SHA-256, hexadecimal) of one or two self-signed certificates, instead of keys. */
    readonly thumbprints?: readonly string[];
    /** Whether the device may connect. Default `enabled`. */
    readonly status?: "enabled" | "disabled";
    /** Tags of the device's twin; those that others have set stay. */
    readonly tags?: Readonly<Record<string, unknown>>;
}

/**
 * A constant shell: its text is part of the state, so the code it calls lives in a compiled package. Code captured
 * here would show as a change of the device in every review, or delete it with old code.
 */
const provider: pulumi.dynamic.ResourceProvider = {
    diff: async (id, olds, news) => require("edge-classifier-hub/edgeDevice").diff(id, olds, news),
    create: async (inputs) => require("edge-classifier-hub/edgeDevice").create(inputs),
    read: async (id, props) => require("edge-classifier-hub/edgeDevice").read(id, props),
    update: async (id, olds, news) => require("edge-classifier-hub/edgeDevice").update(id, olds, news),
    delete: async (id, props) => require("edge-classifier-hub/edgeDevice").remove(id, props),
};

/** The identity of an IoT Edge device in the hub, with symmetric keys or the thumbprints of certificates. */
export class EdgeDevice extends pulumi.dynamic.Resource {
    declare public readonly deviceId: pulumi.Output<string>;
    /** base64, secret; empty with a certificate. */
    declare public readonly primaryKey: pulumi.Output<string>;
    /** base64, secret; empty with a certificate. */
    declare public readonly secondaryKey: pulumi.Output<string>;
    /** The device connects to the hub with this connection string; secret. */
    declare public readonly connectionString: pulumi.Output<string>;

    constructor(name: string, args: EdgeDeviceArgs, opts?: pulumi.CustomResourceOptions) {
        const owner = `Created by Pulumi: ${pulumi.getProject()}/${pulumi.getStack()}`;
        const { thumbprints = [], status, tags = {}, ...required } = args;
        const inputs = {
            ...required,
            owner,
            // A default is left out, so that a device made before there was this choice shows no change.
            thumbprints: thumbprints.length > 0 ? thumbprints : undefined,
            status: status === "disabled" ? status : undefined,
            tags: Object.keys(tags).length > 0 ? tags : undefined,
        };
        const secrets = ["primaryKey", "secondaryKey", "connectionString"];
        super(
            provider,
            name,
            { ...inputs, ...Object.fromEntries(secrets.map((secret) => [secret, undefined])) },
            pulumi.mergeOptions(opts, { additionalSecretOutputs: secrets }),
            "edge-classifier",
            "EdgeDevice",
        );
    }
}
