import * as containerregistry from "@pulumi/azure-native/containerregistry";
import * as pulumi from "@pulumi/pulumi";
import { existingResource } from "./existingResource";
import * as iotedge from "./iotedge";

/** What {@link ContainerRegistry} needs. */
export interface ContainerRegistryArgs {
    /** Name of the resource group of a new registry. */
    readonly resourceGroupName: pulumi.Input<string>;
    /** ARM's id of a registry that exists already; then only tokens are made, in its own resource group. */
    readonly existingId?: string;
    /** The one repository that the tokens are for. */
    readonly repository: string;
    /** A number one higher renews both passwords; the former ones stay valid until the next time. It begins with 1. */
    readonly rotation?: number;
}

/** A user name of the registry, with its password. */
export interface RegistryAccount {
    readonly username: pulumi.Output<string>;
    /** Secret. */
    readonly password: pulumi.Output<string>;
}

/**
 * What a token may do in its repository (learn: "Token-based repository permissions"). Pushing asks for what is there
 * before it sends, so it reads, too.
 */
const rights = {
    pull: ["content/read", "metadata/read"],
    push: ["content/read", "content/write"],
};

/** A Basic container registry without an admin account: one token pulls from one repository, another pushes to it. */
export class ContainerRegistry extends pulumi.ComponentResource {
    public readonly loginServer: pulumi.Output<string>;
    /** The account of the device, which can read the repository and nothing else. */
    public readonly pull: RegistryAccount;
    /** The account of whoever builds the image; it never reaches a device. */
    public readonly push: RegistryAccount;

    constructor(name: string, args: ContainerRegistryArgs, opts?: pulumi.ComponentResourceOptions) {
        super("edge-classifier:index:ContainerRegistry", name, {}, opts);

        const { resourceGroupName, registryName, loginServer } = args.existingId
            ? this.existing(args.existingId)
            : this.created(name, args);

        const account = (role: keyof typeof rights): RegistryAccount => {
            const place = { resourceGroupName, registryName };
            const actions = rights[role].map((right) => `repositories/${args.repository}/${right}`);
            const scopeMap = new containerregistry.ScopeMap(
                `${name}-${role}`,
                { ...place, actions },
                { parent: this },
            );
            const token = new containerregistry.Token(
                `${name}-${role}`,
                { ...place, scopeMapId: scopeMap.id },
                { parent: this },
            );
            const { password } = new iotedge.RegistryTokenPassword(
                `${name}-${role}`,
                { tokenId: token.id, rotation: args.rotation ?? 1 },
                { parent: this },
            );
            return { username: token.name, password };
        };

        this.loginServer = loginServer;
        this.pull = account("pull");
        this.push = account("push");
        this.registerOutputs({ loginServer, pull: this.pull, push: this.push });
    }

    private created(name: string, { resourceGroupName }: ContainerRegistryArgs) {
        const registry = new containerregistry.Registry(
            name,
            { resourceGroupName, sku: { name: "Basic" }, adminUserEnabled: false },
            { parent: this },
        );
        return { resourceGroupName, registryName: registry.name, loginServer: registry.loginServer };
    }

    private existing(id: string) {
        const { resourceGroupName, name: registryName } = existingResource(
            id,
            "Microsoft.ContainerRegistry/registries",
        );
        const { loginServer } = containerregistry.getRegistryOutput(
            { resourceGroupName, registryName },
            { parent: this },
        );
        return { resourceGroupName, registryName, loginServer };
    }
}
