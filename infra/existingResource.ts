import * as authorization from "@pulumi/azure-native/authorization";
import * as resources from "@pulumi/azure-native/resources";
import * as pulumi from "@pulumi/pulumi";
import { subscriptionOf } from "./existingIds";

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

/**
 * Refuses resources of another subscription than the stack's, before anything is made: azure-native looks a resource up by
 * group and name in its own subscription, and a machine's network must lie there. `named` are the settings that
 * name one, with ARM's id.
 */
export async function requireOwnSubscription(named: readonly [setting: string, id: string][]): Promise<void> {
    if (named.length === 0) return;
    const { subscriptionId } = await authorization.getClientConfig();
    const foreign = named.filter(([, id]) => subscriptionOf(id) !== subscriptionId.toLowerCase());
    if (foreign.length === 0) return;
    throw new pulumi.RunError(foreign.map((one) => foreignSubscription(one, subscriptionId)).join("\n"));
}

function foreignSubscription([setting, id]: [string, string], subscriptionId: string): string {
    return (
        `Expected config \`${setting}\` to be of the stack's subscription ${subscriptionId}, found ${subscriptionOf(id)}. ` +
        `Deploy to that one with: pulumi config set azure-native:subscriptionId ${subscriptionOf(id)}, or name another resource.`
    );
}

/** A resource group that the stack uses and did not make; refused where it does not exist. */
export async function existingResourceGroup(name: string): Promise<{ name: string; location: string }> {
    const group = await resources.getResourceGroup({ resourceGroupName: name }).catch((error: Error) => {
        const [reason = ""] = error.message.split("\n");
        throw new pulumi.RunError(
            `Expected config \`resourceGroup\` to name a resource group that exists, found "${name}" and: ${reason} ` +
                `Make it with: az group create --name ${name} --location REGION, or let the stack make one: pulumi config rm resourceGroup`,
        );
    });
    return { name: group.name, location: group.location };
}
