import { containerRegistry } from "./containerRegistry";
import { deviceProvisioningService } from "./deviceProvisioningService";
import { iotHub } from "./iotHub";
import { keyVault } from "./keyVault";
import { keyVaultSecret } from "./keyVaultSecret";
import { networkInterface } from "./networkInterface";
import { networkSecurityGroup } from "./networkSecurityGroup";
import { publicIpAddress } from "./publicIpAddress";
import { registryToken } from "./registryToken";
import { resourceGroup } from "./resourceGroup";
import type { FunctionType, ResourceType } from "./resourceType";
import { scopeMap } from "./scopeMap";
import { shutdownSchedule } from "./shutdownSchedule";
import { subnet } from "./subnet";
import { userAssignedIdentity } from "./userAssignedIdentity";
import { virtualMachine } from "./virtualMachine";
import { virtualNetwork } from "./virtualNetwork";

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
            `found ${token}. Run this stack in Azure, or add the type to local/azure.`,
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
            "Run this stack in Azure, or add the function to local/azure.",
    );
}
