import * as pulumi from "@pulumi/pulumi";

/** What {@link RegistryTokenPassword} needs. */
export interface RegistryTokenPasswordArgs {
    /** ARM's id of the token. */
    readonly tokenId: pulumi.Input<string>;
    /** A number one higher generates the token's other password; the present one stays valid until the next time. */
    readonly rotation: number;
}

/** A constant shell, for the reason given in `edgeDevice.ts`. */
const provider: pulumi.dynamic.ResourceProvider = {
    diff: async (id, olds, news) => require("edge-classifier-hub/registryTokenPassword").diff(id, olds, news),
    create: async (inputs) => require("edge-classifier-hub/registryTokenPassword").create(inputs),
    read: async (id, props) => require("edge-classifier-hub/registryTokenPassword").read(id, props),
    update: async (id, olds, news) =>
        require("edge-classifier-hub/registryTokenPassword").update(id, olds, news),
    delete: async (id, props) => require("edge-classifier-hub/registryTokenPassword").remove(id, props),
};

/** A password of a registry's token. The registry shows it once, when it makes it, so the stack keeps it, secret. */
export class RegistryTokenPassword extends pulumi.dynamic.Resource {
    /** Secret. */
    declare public readonly password: pulumi.Output<string>;

    constructor(name: string, args: RegistryTokenPasswordArgs, opts?: pulumi.CustomResourceOptions) {
        super(
            provider,
            name,
            { ...args, password: undefined },
            pulumi.mergeOptions(opts, { additionalSecretOutputs: ["password"] }),
            "edge-classifier",
            "RegistryTokenPassword",
        );
    }
}
