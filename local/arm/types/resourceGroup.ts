import type { ResourceType } from "../resourceType";

/** Azure resource naming rules, Microsoft.Resources: 1 to 90 characters, not ending in a period. */
export const resourceGroup: ResourceType = {
    token: "azure-native:resources:ResourceGroup",
    apiVersion: "2024-03-01",
    armType: "Microsoft.Resources/resourceGroups",
    name: {
        property: "resourceGroupName",
        pattern: /^[-\w._()]{0,89}[-\w_()]$/,
        rule: "1 to 90 letters, digits, dashes, dots, parentheses or underscores, not ending in a dot",
        global: false,
    },
    required: [],
    inputs: ["location", "managedBy", "resourceGroupName", "tags"],
    replaceOnChange: ["location", "managedBy"],
    computed: ["name", "type", "properties"],
    toBody: ({ location, tags }) => ({ location: location as string, tags: tags as Record<string, string> }),
    toOutputs: ({ name, type, location, tags, properties }) => ({ name, type, location, tags, properties }),
    service: {
        provision: async (wanted) => ({ ...wanted, properties: { provisioningState: "Succeeded" } }),
        deprovision: async () => {},
    },
    functions: {},
};
