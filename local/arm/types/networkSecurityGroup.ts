import { fromEntries } from "../armEntries";
import { defineType } from "../defineType";
import { networkOperations } from "../longRunning";
import { dottedName } from "../nameRules";
import { succeeded } from "../provisioned";
import { demand, refuseWhileUsed } from "../refusals";
import type { Properties } from "../resourceType";

/** Rules of names: Azure resource naming rules, Microsoft.Network; shapes: azure-native 3.28.0, network. */
export const networkSecurityGroup = defineType({
    token: "azure-native:network:NetworkSecurityGroup",
    apiVersion: "2024-05-01",
    armType: "Microsoft.Network/networkSecurityGroups",
    name: { property: "networkSecurityGroupName", ...dottedName(1, 80) },
    inputs: ["flushConnection", "id", "securityRules"],
    entries: ["securityRules"],
    computed: [
        "defaultSecurityRules",
        "etag",
        "flowLogs",
        "networkInterfaces",
        "provisioningState",
        "resourceGuid",
        "subnets",
    ],
    longRunning: networkOperations,
    service: {
        provision: async (wanted) => {
            checkRules(fromEntries(wanted.properties.securityRules));
            return succeeded(wanted);
        },
        refuseDelete: refuseWhileUsed(
            "InUseNetworkSecurityGroupCannotBeDeleted",
            ({ id }, user) =>
                `Network security group ${id} cannot be deleted because it is in use by the following ` +
                `resources: ${user.id}. In order to delete the Network security group, remove the association ` +
                "with the resource(s). To learn how to do this, see aka.ms/deletensg.",
        ),
    },
});

/** What Azure refuses in a list of rules: no name, a priority outside its range, one that is taken in its direction. */
function checkRules(rules: readonly Properties[]): void {
    const taken = new Map<string, unknown>();
    for (const { name, priority, direction } of rules) {
        demand(
            name && typeof priority === "number" && priority >= 100 && priority <= 4096,
            "SecurityRuleInvalidPriority",
            `Security rule has invalid Priority. Value provided: ${priority} Allowed range 100-4096. ` +
                `Expected every rule to have a name too, found "${name}".`,
        );
        const place = `${direction} ${priority}`;
        demand(
            !taken.has(place),
            "SecurityRuleConflict",
            `Security rule ${name} conflicts with rule ${taken.get(place)}. Rules cannot have the same Priority ` +
                "and Direction.",
        );
        taken.set(place, name);
    }
}
