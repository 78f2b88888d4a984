import * as keyvault from "@pulumi/azure-native/keyvault";
import * as managedidentity from "@pulumi/azure-native/managedidentity";
import * as pulumi from "@pulumi/pulumi";

/** What {@link deviceKeyVault} needs. */
export interface DeviceKeyVaultArgs {
    readonly resourceGroupName: pulumi.Input<string>;
    /** The bytes of the device's key file in base64, secret. */
    readonly key: pulumi.Input<string>;
}

/** A key that one identity may get. */
export interface DeviceKeyVault {
    readonly identityId: pulumi.Output<string>;
    readonly clientId: pulumi.Output<string>;
    /** Names the version of the key, so that another key is another URI. */
    readonly secretUri: pulumi.Output<string>;
}

/**
 * A vault with the device's key and the identity that may get it, as children of `parent`. The identity is one of its own
 * and not the machine's, which would exist only after the machine has booted without its rights.
 */
export function deviceKeyVault(
    name: string,
    args: DeviceKeyVaultArgs,
    parent: pulumi.Resource,
): DeviceKeyVault {
    const { resourceGroupName } = args;
    const identity = new managedidentity.UserAssignedIdentity(
        `${name}-identity`,
        { resourceGroupName },
        { parent },
    );
    // The name keeps the random part of Pulumi's auto-name: a deleted vault's name stays taken for a week.
    const vault = new keyvault.Vault(
        `${name}-kv`,
        {
            resourceGroupName,
            properties: {
                tenantId: identity.tenantId,
                sku: { family: keyvault.SkuFamily.A, name: keyvault.SkuName.Standard },
                softDeleteRetentionInDays: 7,
                // An access policy and no role: only an owner of the subscription may assign roles, while this needs
                // no right beyond those that create the vault.
                enableRbacAuthorization: false,
                accessPolicies: [
                    {
                        tenantId: identity.tenantId,
                        objectId: identity.principalId,
                        permissions: { secrets: [keyvault.SecretPermissions.Get] },
                    },
                ],
            },
        },
        { parent },
    );
    const secret = new keyvault.Secret(
        `${name}-key`,
        {
            resourceGroupName,
            vaultName: vault.name,
            properties: { value: pulumi.secret(args.key) },
        },
        // To delete it by itself whoever deploys would need a right in the vault, so it goes with the vault. The random
        // part of its name matters for that: with a fixed one a replacement would have to delete it first.
        { parent, deletedWith: vault },
    );
    return {
        identityId: identity.id,
        clientId: identity.clientId,
        // The properties count as secret because the value is among them. The URI is none, and a review shall show it.
        secretUri: pulumi.unsecret(secret.properties.secretUriWithVersion),
    };
}
