import { randomBytes } from "node:crypto";
import { ArmError } from "../armError";
import type { ArmResource } from "../armResource";
import type { AzureContext, ResourceType } from "../resourceType";
import { generateCredentials } from "./generateCredentials";
import { registryUsers } from "./registryUsers";

const knownSkus = ["Basic", "Standard", "Premium"];

/** Rules of names: Azure resource naming rules, Microsoft.ContainerRegistry; shapes: azure-native 3.28.0. */
export const containerRegistry: ResourceType = {
    token: "azure-native:containerregistry:Registry",
    apiVersion: "2023-01-01-preview",
    armType: "Microsoft.ContainerRegistry/registries",
    name: {
        property: "registryName",
        pattern: /^[a-zA-Z0-9]{5,50}$/,
        rule: "5 to 50 letters or digits",
        global: true,
    },
    required: ["resourceGroupName", "sku"],
    inputs: [
        "adminUserEnabled",
        "anonymousPullEnabled",
        "dataEndpointEnabled",
        "encryption",
        "identity",
        "location",
        "networkRuleBypassOptions",
        "networkRuleSet",
        "policies",
        "publicNetworkAccess",
        "registryName",
        "resourceGroupName",
        "sku",
        "tags",
        "zoneRedundancy",
    ],
    defaults: {
        adminUserEnabled: false,
        anonymousPullEnabled: false,
        networkRuleBypassOptions: "AzureServices",
        publicNetworkAccess: "Enabled",
        zoneRedundancy: "Disabled",
    },
    replaceOnChange: ["location", "zoneRedundancy"],
    computed: [
        "creationDate",
        "loginServer",
        "name",
        "privateEndpointConnections",
        "provisioningState",
        "status",
        "systemData",
        "type",
    ],
    toBody: ({ location, tags, sku, resourceGroupName, registryName, ...properties }) => ({
        location: location as string,
        tags: tags as Record<string, string>,
        sku: sku as ArmResource["sku"],
        properties,
    }),
    toOutputs: ({ name, type, location, tags, sku, properties }) => ({
        name,
        type,
        location,
        tags,
        sku,
        ...properties,
    }),
    service: {
        provision: async (wanted, previous, azure) => {
            const tier = wanted.sku?.name ?? "";
            if (!knownSkus.includes(tier)) {
                throw new ArmError(
                    400,
                    "InvalidSku",
                    `Expected the SKU to be one of ${knownSkus.join(", ")}, found "${tier}".`,
                );
            }
            const loginServer = `localhost:${await azure.dataPlanes.port(wanted.id)}`;
            if (!azure.secrets.get(wanted.id)) {
                azure.secrets.put(wanted.id, { passwords: [newPassword(), newPassword()] });
            }
            const provisioned: ArmResource = {
                ...wanted,
                sku: { name: tier, tier },
                properties: {
                    ...wanted.properties,
                    loginServer,
                    creationDate: previous?.properties.creationDate ?? new Date().toISOString(),
                    provisioningState: "Succeeded",
                    privateEndpointConnections: [],
                },
            };
            await run(provisioned, azure);
            return provisioned;
        },
        deprovision: async (resource, azure) => {
            await azure.dataPlanes.remove(resource.id);
            azure.secrets.remove(resource.id);
        },
        resume: run,
        action: (resource, action, azure, body) => {
            if (action === "generateCredentials") return generateCredentials(resource, body, azure);
            if (action !== "listCredentials") return undefined;
            if (resource.properties.adminUserEnabled !== true) {
                throw new ArmError(
                    400,
                    "UnAuthorizedForCredentialOperations",
                    `Cannot perform credential operations for ${resource.id} as admin user is disabled. ` +
                        "Kindly enable admin user as per docs.",
                );
            }
            const [first, second] = passwordsOf(resource, azure);
            return {
                username: resource.name,
                passwords: [
                    { name: "password", value: first },
                    { name: "password2", value: second },
                ],
            };
        },
    },
    functions: {
        "azure-native:containerregistry:listRegistryCredentials": {
            required: ["registryName", "resourceGroupName"],
            action: () => "listCredentials",
        },
        "azure-native:containerregistry:getRegistry": { required: ["registryName", "resourceGroupName"] },
    },
};

async function run(resource: ArmResource, azure: AzureContext): Promise<void> {
    await azure.dataPlanes.run("registry", resource.id, {
        name: resource.name,
        hostName: resource.properties.loginServer as string,
        users: () => registryUsers(resource.id, azure),
    });
}

function passwordsOf(resource: ArmResource, azure: AzureContext): string[] {
    return (azure.secrets.get(resource.id)?.passwords ?? []) as string[];
}

function newPassword(): string {
    return randomBytes(39).toString("base64url");
}
