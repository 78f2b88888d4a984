import * as pulumi from "@pulumi/pulumi";

/** What {@link EdgeDevice} needs. */
export interface EdgeDeviceArgs {
    /** Service connection string of the hub, secret. */
    readonly hubConnectionString: pulumi.Input<string>;
    /** Name of the device in the hub. */
    readonly deviceId: pulumi.Input<string>;
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

/** The identity of an IoT Edge device in the hub, with symmetric keys of the hub's making. */
export class EdgeDevice extends pulumi.dynamic.Resource {
    declare public readonly deviceId: pulumi.Output<string>;
    /** base64, secret. */
    declare public readonly primaryKey: pulumi.Output<string>;
    /** What the device provisions itself with, secret. */
    declare public readonly connectionString: pulumi.Output<string>;

    constructor(name: string, args: EdgeDeviceArgs, opts?: pulumi.CustomResourceOptions) {
        const owner = `Created by Pulumi: ${pulumi.getProject()}/${pulumi.getStack()}`;
        super(
            provider,
            name,
            { ...args, owner, primaryKey: undefined, connectionString: undefined },
            pulumi.mergeOptions(opts, { additionalSecretOutputs: ["primaryKey", "connectionString"] }),
            "edge-classifier",
            "EdgeDevice",
        );
    }
}
