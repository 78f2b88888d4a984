import { settingDefinitions, settingTable } from "./settingTable";

/**
 * JSON Schema of a stack's file, `Pulumi.STACK.yaml`, by which an editor completes and checks it. A stack's file names it
 * in its first line: `# yaml-language-server: $schema=infra/stack.schema.json`.
 */
export function stackSchema(): string {
    const encrypted = { type: "object", properties: { secure: { type: "string" } }, required: ["secure"] };
    const own = settingTable().map(({ name, schema, secret }) => [
        `edge-classifier:${name}`,
        secret
            ? {
                  description: schema.description,
                  ...(schema.type === "object" ? { type: "object" } : encrypted),
              }
            : schema,
    ]);
    const schema = {
        $schema: "https://json-schema.org/draft/2020-12/schema",
        title: "Configuration of a stack of edge-classifier",
        $defs: settingDefinitions,
        type: "object",
        properties: {
            config: {
                type: "object",
                properties: {
                    "azure-native:location": {
                        type: "string",
                        description: "Region of Azure, such as westeurope.",
                    },
                    "azure-native:subscriptionId": {
                        type: "string",
                        description: "Subscription that pays. Default is that of the login.",
                    },
                    ...Object.fromEntries(own),
                },
                propertyNames: {
                    anyOf: [{ not: { pattern: "^edge-classifier:" } }, { enum: own.map(([name]) => name) }],
                },
            },
            encryptionsalt: { type: "string" },
            secretsprovider: { type: "string" },
            encryptedkey: { type: "string" },
        },
    };
    return `${JSON.stringify(schema, null, 4)}\n`;
}
