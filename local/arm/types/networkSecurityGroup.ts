import { ArmError } from "../armError";
import type { Properties, ResourceType } from "../resourceType";
import { fromEntries, toEntries } from "./armEntries";

/** Rules of names: Azure resource naming rules, Microsoft.Network; shapes: azure-native 3.28.0, network. */
export const networkSecurityGroup: ResourceType = {
    token: "azure-native:network:NetworkSecurityGroup",
    apiVersion: "2024-05-01",
    armType: "Microsoft.Network/networkSecurityGroups",
    name: {
        property: "networkSecurityGroupName",
        pattern: /^[a-zA-Z0-9]([a-zA-Z0-9_.-]{0,78}[a-zA-Z0-9_])?$/,
        rule: "1 to 80 letters, digits, underscores, dots or dashes, beginning with a letter or digit, not ending in a dot or dash",
        global: false,
    },
    required: ["resourceGroupName"],
    inputs: [
        "flushConnection",
        "id",
        "location",
        "networkSecurityGroupName",
        "resourceGroupName",
        "securityRules",
        "tags",
    ],
    replaceOnChange: ["location"],
    computed: [
        "defaultSecurityRules",
        "etag",
        "flowLogs",
        "name",
        "networkInterfaces",
        "provisioningState",
        "resourceGuid",
        "subnets",
        "type",
    ],
    toBody: ({ location, tags, flushConnection, securityRules }) => ({
        location: location as string,
        tags: tags as Record<string, string>,
        properties: { flushConnection, securityRules: toEntries(securityRules) },
    }),
    toOutputs: ({ name, type, location, tags, properties }) => ({
        name,
        type,
        location,
        tags,
        ...properties,
        securityRules: fromEntries(properties.securityRules),
    }),
    service: {
        provision: async (wanted) => {
            checkRules(fromEntries(wanted.properties.securityRules));
            return { ...wanted, properties: { ...wanted.properties, provisioningState: "Succeeded" } };
        },
        refuseDelete: (resource, [user]) => {
            if (!user) return;
            throw new ArmError(
                400,
                "InUseNetworkSecurityGroupCannotBeDeleted",
                `Network security group ${resource.id} cannot be deleted because it is in use by the following ` +
                    `resources: ${user.id}. In order to delete the Network security group, remove the association ` +
                    "with the resource(s). To learn how to do this, see aka.ms/deletensg.",
            );
        },
        deprovision: async () => {},
    },
    functions: {},
};

/** What Azure refuses in a list of rules: no name, a priority outside its range, one that is taken in its direction. */
function checkRules(rules: readonly Properties[]): void {
    const taken = new Map<string, unknown>();
    for (const { name, priority, direction } of rules) {
        if (!name || typeof priority !== "number" || priority < 100 || priority > 4096) {
            throw new ArmError(
                400,
                "SecurityRuleInvalidPriority",
                `Security rule has invalid Priority. Value provided: ${priority} Allowed range 100-4096. ` +
                    `Expected every rule to have a name too, found "${name}".`,
            );
        }
        const place = `${direction} ${priority}`;
        if (taken.has(place)) {
            throw new ArmError(
                400,
                "SecurityRuleConflict",
                `Security rule ${name} conflicts with rule ${taken.get(place)}. Rules cannot have the same Priority ` +
                    "and Direction.",
            );
        }
        taken.set(place, name);
    }
}
