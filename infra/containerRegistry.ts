import * as containerregistry from "@pulumi/azure-native/containerregistry";
import * as pulumi from "@pulumi/pulumi";

/** What {@link ContainerRegistry} needs. */
export interface ContainerRegistryArgs {
    /** Name of the resource group. */
    readonly resourceGroupName: pulumi.Input<string>;
}

/** A Basic container registry with the credential that pushes and pulls. */
export class ContainerRegistry extends pulumi.ComponentResource {
    public readonly loginServer: pulumi.Output<string>;
    public readonly username: pulumi.Output<string>;
    /** Secret. */
    public readonly password: pulumi.Output<string>;

    constructor(name: string, args: ContainerRegistryArgs, opts?: pulumi.ComponentResourceOptions) {
        super("edge-classifier:index:ContainerRegistry", name, {}, opts);

        const registry = new containerregistry.Registry(
            name,
            { resourceGroupName: args.resourceGroupName, sku: { name: "Basic" }, adminUserEnabled: true },
            { parent: this },
        );
        const credentials = containerregistry.listRegistryCredentialsOutput(
            { resourceGroupName: args.resourceGroupName, registryName: registry.name },
            { parent: this },
        );

        this.loginServer = registry.loginServer;
        this.username = credentials.apply(({ username }) => present(username, "user name"));
        // The provider answers passwords in clear, so this one becomes secret here, where it is born.
        this.password = pulumi.secret(
            credentials.apply(({ passwords }) => present(passwords?.[0]?.value, "password")),
        );
        this.registerOutputs({
            loginServer: this.loginServer,
            username: this.username,
            password: this.password,
        });
    }
}

function present(value: string | undefined, what: string): string {
    if (value) return value;
    throw new Error(
        `Expected the registry's admin account to have a ${what}, found none. Check that it is enabled.`,
    );
}
