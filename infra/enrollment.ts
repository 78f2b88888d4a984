import * as pulumi from "@pulumi/pulumi";

/** What {@link Enrollment} needs. */
export interface EnrollmentArgs {
    /** Service connection string of the provisioning service, secret. */
    readonly dpsConnectionString: pulumi.Input<string>;
    /** One device with keys of its own, or every device whose key is derived from the group's. */
    readonly kind: "individual" | "group";
    /** Registration id of the device, or name of the group; lower case. */
    readonly enrollmentId: string;
    /** Host name of the hub to which its devices are assigned. */
    readonly hubHostName: pulumi.Input<string>;
    /** Keys of an individual enrollment, base64, secret. The service makes those of a group. */
    readonly symmetricKey?: pulumi.Input<{
        primaryKey: pulumi.Input<string>;
        secondaryKey: pulumi.Input<string>;
    }>;
    /** Tags of the twin that a device gets with its first registration. */
    readonly tags?: Readonly<Record<string, unknown>>;
}

/** A constant shell, for the reason given in `edgeDevice.ts`. */
const provider: pulumi.dynamic.ResourceProvider = {
    diff: async (id, olds, news) => require("edge-classifier-hub/enrollment").diff(id, olds, news),
    create: async (inputs) => require("edge-classifier-hub/enrollment").create(inputs),
    read: async (id, props) => require("edge-classifier-hub/enrollment").read(id, props),
    update: async (id, olds, news) => require("edge-classifier-hub/enrollment").update(id, olds, news),
    delete: async (id, props) => require("edge-classifier-hub/enrollment").remove(id, props),
};

/** An entry of the provisioning service's enrollment list. */
export class Enrollment extends pulumi.dynamic.Resource {
    /** base64, secret. */
    declare public readonly primaryKey: pulumi.Output<string>;
    /** base64, secret. */
    declare public readonly secondaryKey: pulumi.Output<string>;

    constructor(name: string, args: EnrollmentArgs, opts?: pulumi.CustomResourceOptions) {
        const { tags = {}, ...required } = args;
        super(
            provider,
            name,
            {
                ...required,
                tags: Object.keys(tags).length > 0 ? tags : undefined,
                primaryKey: undefined,
                secondaryKey: undefined,
            },
            pulumi.mergeOptions(opts, { additionalSecretOutputs: ["primaryKey", "secondaryKey"] }),
            "edge-classifier",
            "Enrollment",
        );
    }
}
