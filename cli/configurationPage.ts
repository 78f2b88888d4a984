import { parse } from "yaml";

interface Key {
    readonly type: string;
    readonly default: unknown;
    readonly description: string;
}

/** The text of `docs/configuration.md`, made from the schema in `Pulumi.yaml` that the engine and editors use. */
export function configurationPage(projectFile: string): string {
    const { config } = parse(projectFile) as { config: Record<string, Key> };
    const rows = Object.entries(config).map(([name, key]) => [
        `\`${name}\``,
        key.type,
        key.default === "" ? "" : `\`${JSON.stringify(key.default).replaceAll('"', "")}\``,
        key.description,
    ]);
    const table = [["Key", "Type", "Default", "Meaning"], ["---", "---", "---", "---"], ...rows];
    return `# Configuration of a stack

Set a value with \`pulumi config set KEY VALUE\`, an entry of a list with \`pulumi config set --path 'KEY[0]' VALUE\`. A value
that is wrong, a key that is unknown and values that do not go together are reported all at once, before anything is
created. The region is the provider's own key, \`azure-native:location\`.

${table.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}

This page is generated from \`Pulumi.yaml\`; after a change there, run \`npm run docs\`.
`;
}
