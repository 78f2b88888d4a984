import { defineType } from "../defineType";
import { groupOperations } from "../longRunning";
import { succeeded } from "../provisioned";

/** Rules of names: Azure resource naming rules, Microsoft.Resources; shapes: azure-native 3.28.0, resources. */
export const resourceGroup = defineType({
    token: "azure-native:resources:ResourceGroup",
    apiVersion: "2024-03-01",
    armType: "Microsoft.Resources/resourceGroups",
    name: {
        property: "resourceGroupName",
        pattern: /^[-\w._()]{0,89}[-\w_()]$/,
        rule: "1 to 90 letters, digits, dashes, dots, parentheses or underscores, not ending in a dot",
    },
    inputs: ["managedBy"],
    replaceOnChange: ["managedBy"],
    computed: ["properties"],
    functions: { "azure-native:resources:getResourceGroup": {} },
    longRunning: groupOperations,
    service: { provision: async (wanted) => succeeded({ ...wanted, properties: {} }) },
});
