import { ArmError, subscriptionNotFound } from "./armError";
import { type ArmPath, subscriptionId } from "./armResource";
import type { FunctionType, ResourceType } from "./resourceType";
import { containerRegistry } from "./types/containerRegistry";
import { deviceProvisioningService } from "./types/deviceProvisioningService";
import { iotHub } from "./types/iotHub";
import { keyVault } from "./types/keyVault";
import { keyVaultSecret } from "./types/keyVaultSecret";
import { networkInterface } from "./types/networkInterface";
import { networkSecurityGroup } from "./types/networkSecurityGroup";
import { publicIpAddress } from "./types/publicIpAddress";
import { registryToken } from "./types/registryToken";
import { resourceGroup } from "./types/resourceGroup";
import { scopeMap } from "./types/scopeMap";
import { shutdownSchedule } from "./types/shutdownSchedule";
import { subnet } from "./types/subnet";
import { userAssignedIdentity } from "./types/userAssignedIdentity";
import { virtualMachine } from "./types/virtualMachine";
import { virtualNetwork } from "./types/virtualNetwork";

/** Everything the local Azure knows of ARM. A program that asks for more gets an error, not a yes. */
export const resourceTypes: readonly ResourceType[] = [
    resourceGroup,
    iotHub,
    deviceProvisioningService,
    containerRegistry,
    scopeMap,
    registryToken,
    virtualNetwork,
    subnet,
    networkSecurityGroup,
    publicIpAddress,
    networkInterface,
    userAssignedIdentity,
    keyVault,
    keyVaultSecret,
    virtualMachine,
    shutdownSchedule,
];

/** The type behind Pulumi's token; throws when the local Azure does not know it. */
export function resourceTypeOf(token: string): ResourceType {
    const found = resourceTypes.find((type) => type.token === token);
    if (found) return found;
    throw new Error(
        `Expected a resource type that the local Azure knows (${resourceTypes.map((type) => type.token).join(", ")}), ` +
            `found ${token}. Run this stack in Azure, or add the type to local/arm/types.`,
    );
}

/** The function behind Pulumi's token, with the type it belongs to; throws when the local Azure does not know it. */
export function functionOf(token: string): { type: ResourceType; function: FunctionType } {
    for (const type of resourceTypes) {
        const found = type.functions[token];
        if (found) return { type, function: found };
    }
    const known = resourceTypes.flatMap((type) => Object.keys(type.functions));
    throw new Error(
        `Expected a function that the local Azure knows (${known.join(", ")}), found ${token}. ` +
            "Run this stack in Azure, or add the function to local/arm/types.",
    );
}

/** The type that a path is one of; throws what ARM answers for a type or a subscription that there is not. */
export function typeOf(path: Pick<ArmPath, "type"> & Partial<ArmPath>): ResourceType {
    if (path.subscriptionId !== undefined && path.subscriptionId !== subscriptionId) {
        throw subscriptionNotFound(path.subscriptionId);
    }
    const found = resourceTypes.find((type) => type.armType.toLowerCase() === path.type.toLowerCase());
    if (found) return found;
    throw new ArmError(
        404,
        "InvalidResourceType",
        `The local Azure does not know the resource type '${path.type}'.`,
    );
}
