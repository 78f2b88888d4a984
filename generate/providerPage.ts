import { providerVariables } from "../infra/provider/configuration";
import { exampleProgram, providerSchema } from "../infra/provider/providerSchema";
import { idForm } from "../infra/provider/resourceId";
import { resources } from "../infra/provider/resources";
import { typeToken } from "../infra/provider/token";

/** A property as the package's schema has it. */
interface Property {
    readonly type?: string;
    readonly $ref?: string;
    readonly items?: Property;
    readonly description?: string;
    readonly default?: unknown;
    readonly secret?: boolean;
    readonly replaceOnChanges?: boolean;
    readonly willReplaceOnChanges?: boolean;
}

type Properties = Readonly<Record<string, Property>>;

interface Specification {
    readonly inputProperties: Properties;
    readonly requiredInputs: readonly string[];
    readonly properties: Properties;
}

/** The text of `docs/provider-reference.md`, made from the schema that the provider checks by. */
export function providerPage(): string {
    const schema = providerSchema() as {
        resources: Record<string, Specification>;
        types: Record<string, Specification>;
    };
    const sections = resources.map(({ schema: resource }) => {
        const token = typeToken(resource.name);
        const { inputProperties, requiredInputs, properties } = schema.resources[token] as Specification;
        const outputs = Object.entries(properties).filter(([name]) => !(name in inputProperties));
        return [
            `## ${resource.name}`,
            resource.description,
            exampleProgram(resource),
            table("Input", inputProperties, requiredInputs),
            ...(outputs.length > 0 ? [table("Output", Object.fromEntries(outputs))] : []),
            `Imported by \`pulumi import ${token} NAME ${idForm(resource)}\`.`,
        ].join("\n\n");
    });
    const types = Object.entries(schema.types).map(([token, { properties }]) =>
        [`## ${token.split(":").at(-1)}`, table("Member", properties)].join("\n\n"),
    );
    const variables = providerVariables.map(({ name, env, secret, description }) => [
        `\`${name}\``,
        env.map((variable) => `\`${variable}\``).join(", "),
        description + (secret ? " Secret." : ""),
    ]);
    return `# Resources of the provider \`iotedge\`

What they are for and how a program uses them: [provider.md](provider.md). A property marked with ↻ makes another resource
of it when it changes; a secret one is encrypted in the state, whatever the program says of it.

${[...sections, ...types].join("\n\n")}

## The provider itself

Said in a stack's configuration (\`pulumi config set iotedge:NAME VALUE\`), of a provider resource
(\`pulumi:providers:iotedge\`), or in the environment.

${rows([["Name", "Variable", "Meaning"], ["---", "---", "---"], ...variables])}

This page is generated from \`infra/provider/\`; after a change there, run \`npm run docs\`.
`;
}

function table(title: string, properties: Properties, required?: readonly string[]): string {
    const cells = Object.entries(properties).map(([name, property]) => [
        `\`${name}\`${property.replaceOnChanges || property.willReplaceOnChanges ? " ↻" : ""}`,
        typeOf(property),
        ...(required ? [required.includes(name) ? "required" : defaultOf(property)] : []),
        `${property.description ?? ""}${property.secret ? " Secret." : ""}`,
    ]);
    const head = [title, "Type", ...(required ? ["Default"] : []), "Meaning"];
    return rows([head, head.map(() => "---"), ...cells]);
}

function typeOf({ type, $ref, items }: Property): string {
    if ($ref?.startsWith("#/types/"))
        return `[${$ref.split(":").at(-1)}](#${$ref.split(":").at(-1)?.toLowerCase()})`;
    if ($ref) return "any";
    return items ? `list of ${items.type}` : String(type);
}

function defaultOf({ default: byDefault }: Property): string {
    return byDefault === undefined ? "" : `\`${JSON.stringify(byDefault).replaceAll('"', "")}\``;
}

function rows(cells: readonly (readonly string[])[]): string {
    return cells.map((row) => `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`).join("\n");
}
