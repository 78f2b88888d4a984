import type { ArmResource } from "../armResource";
import { defineType } from "../defineType";
import { registryOperations } from "../longRunning";
import { madeOnce, now, succeeded } from "../provisioned";
import { demand, demandSku } from "../refusals";
import type { AzureContext } from "../resourceType";
import { generateCredentials } from "./generateCredentials";
import { adminPasswords, newPassword, registryUsers } from "./registryUsers";

/** Rules of names: Azure resource naming rules, Microsoft.ContainerRegistry; shapes: azure-native 3.28.0. */
export const containerRegistry = defineType({
    token: "azure-native:containerregistry:Registry",
    apiVersion: "2023-01-01-preview",
    armType: "Microsoft.ContainerRegistry/registries",
    name: {
        property: "registryName",
        pattern: /^[a-zA-Z0-9]{5,50}$/,
        rule: "5 to 50 letters or digits",
        global: true,
    },
    required: ["sku"],
    inputs: [
        "adminUserEnabled",
        "anonymousPullEnabled",
        "dataEndpointEnabled",
        "encryption",
        "identity",
        "networkRuleBypassOptions",
        "networkRuleSet",
        "policies",
        "publicNetworkAccess",
        "sku",
        "zoneRedundancy",
    ],
    defaults: {
        adminUserEnabled: false,
        anonymousPullEnabled: false,
        networkRuleBypassOptions: "AzureServices",
        publicNetworkAccess: "Enabled",
        zoneRedundancy: "Disabled",
    },
    replaceOnChange: ["zoneRedundancy"],
    computed: [
        "creationDate",
        "loginServer",
        "privateEndpointConnections",
        "provisioningState",
        "status",
        "systemData",
    ],
    longRunning: registryOperations,
    service: {
        provision: async (wanted, previous, azure) => {
            const tier = demandSku(wanted, ["Basic", "Standard", "Premium"], "InvalidSku");
            const loginServer = `localhost:${await azure.dataPlanes.port(wanted.id)}`;
            if (!azure.secrets.get(wanted.id)) {
                azure.secrets.put(wanted.id, { passwords: [newPassword(), newPassword()] });
            }
            const provisioned = succeeded(
                { ...wanted, sku: { name: tier, tier } },
                { loginServer, ...madeOnce(previous, { creationDate: now }), privateEndpointConnections: [] },
            );
            await run(provisioned, azure);
            return provisioned;
        },
        resume: run,
        action: (resource, action, azure, body) => {
            if (action === "generateCredentials") return generateCredentials(resource, body, azure);
            if (action !== "listCredentials") return undefined;
            demand(
                resource.properties.adminUserEnabled === true,
                "UnAuthorizedForCredentialOperations",
                `Cannot perform credential operations for ${resource.id} as admin user is disabled. ` +
                    "Kindly enable admin user as per docs.",
            );
            const [first, second] = adminPasswords(resource, azure);
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
        "azure-native:containerregistry:listRegistryCredentials": { action: () => "listCredentials" },
        "azure-native:containerregistry:getRegistry": {},
    },
});

async function run(resource: ArmResource, azure: AzureContext): Promise<void> {
    await azure.dataPlanes.run("registry", resource.id, {
        name: resource.name,
        hostName: resource.properties.loginServer as string,
        users: () => registryUsers(resource.id, azure),
    });
}
