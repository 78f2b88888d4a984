import * as pulumi from "@pulumi/pulumi";

/** Names by which azure-native's functions find a resource that the stack uses and did not make. */
export interface ExistingResource {
    readonly resourceGroupName: string;
    readonly name: string;
}

/** Takes ARM's id of a resource apart; `armType` is what it must be, such as `Microsoft.Devices/IotHubs`. */
export function existingResource(id: string, armType: string): ExistingResource {
    const pattern = /^\/subscriptions\/[^/]+\/resourceGroups\/([^/]+)\/providers\/([^/]+\/[^/]+)\/([^/]+)$/i;
    const [, resourceGroupName, foundType, name] = pattern.exec(id) ?? [];
    if (resourceGroupName && name && foundType?.toLowerCase() === armType.toLowerCase())
        return { resourceGroupName, name };
    throw new pulumi.RunError(
        `Expected an id of the form /subscriptions/…/resourceGroups/…/providers/${armType}/NAME, found "${id}". ` +
            "Print it with: az resource show --ids … --query id, or copy it from the portal's JSON view.",
    );
}
