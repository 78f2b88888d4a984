import { type SettingRow, settingTable } from "./settingTable";

/** The text of `docs/configuration.md`, made from `infra/settings.ts`, which checks the settings. */
export function configurationPage(): string {
    const rows = settingTable().map((row) => [
        `\`${row.name}\``,
        typeOf(row),
        defaultOf(row),
        row.schema.description ?? "",
    ]);
    const table = [["Key", "Type", "Default", "Meaning"], ["---", "---", "---", "---"], ...rows];
    return `# Configuration of a stack

Set a value with \`pulumi config set KEY VALUE\`, an entry of a list with \`pulumi config set --path 'KEY[0]' VALUE\`, one of
an object with \`pulumi config set --path 'KEY.NAME' VALUE\`, a secret one with \`--secret\`. A value that is wrong, a key
that is unknown and values that do not go together are reported all at once, before anything is created. The region is
the provider's own key, \`azure-native:location\`.

An editor that knows YAML schemas completes these keys in \`Pulumi.STACK.yaml\` after the line
\`# yaml-language-server: $schema=infra/stack.schema.json\`.

${table.map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`).join("\n")}

This page, the schema for editors and the one in \`Pulumi.yaml\` are generated from \`infra/settings.ts\`; after a change
there, run \`npm run docs\`.
`;
}

function typeOf({ schema, secret }: SettingRow): string {
    const type = schema.enum
        ? schema.enum.map((value) => `\`${value}\``).join(", ")
        : (schema.type ?? "object");
    return secret ? `${type}, secret` : String(type);
}

function defaultOf({ schema }: SettingRow): string {
    if (schema.default === "" || schema.default === undefined) return "";
    return `\`${typeof schema.default === "string" ? schema.default : JSON.stringify(schema.default)}\``;
}
