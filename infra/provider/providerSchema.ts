import { z } from "zod";
import { providerVariables } from "./configuration";
import { idForm } from "./resourceId";
import type { About, ResourceSchema } from "./resourceSchema";
import { resources } from "./resources";
import { packageName, typeToken } from "./token";

/** The part of JSON Schema that the resources' schemas become. */
interface JsonSchema extends Partial<About> {
    readonly type?: string;
    readonly $ref?: string;
    readonly items?: JsonSchema;
    readonly properties?: Readonly<Record<string, JsonSchema>>;
    readonly additionalProperties?: JsonSchema | boolean;
    readonly required?: readonly string[];
    readonly default?: unknown;
    readonly $defs?: Readonly<Record<string, JsonSchema>>;
}

type Specification = Record<string, unknown>;

/** The version of the package; programs find it by its path, and so always have this one. */
export const packageVersion = "0.1.0";

/** The package's schema (pulumi.com: "Package schema"): SDKs, the pages and `pulumi package get-schema` come from it. */
export function providerSchema(): Specification {
    const types: Specification = {};
    const entries = resources.map(({ schema }) => [
        typeToken(schema.name),
        resourceSpecification(schema, types),
    ]);
    const variables = Object.fromEntries(
        providerVariables.map(({ name, type, secret, description }) => [name, { type, secret, description }]),
    );
    const ofProvider = providerVariables.map(({ name, type, secret, description, env }) => [
        name,
        {
            type,
            secret,
            description,
            ...(env.length > 0 && { defaultInfo: { environment: env } }),
        },
    ]);
    return {
        name: packageName,
        version: packageVersion,
        displayName: "IoT Edge",
        description:
            "Devices and edge deployments of an Azure IoT Hub, enrollments of its provisioning service and passwords of a " +
            "registry's tokens: what no Azure provider covers.",
        keywords: ["pulumi", "azure", "iot", "iot-edge", "category/cloud", "kind/native"],
        license: "MIT",
        config: { variables },
        provider: {
            description: "How the services are opened, and how one signs in to Azure.",
            inputProperties: Object.fromEntries(ofProvider),
        },
        types,
        resources: Object.fromEntries(entries),
        language: {
            nodejs: { packageName: `@pulumi/${packageName}`, respectSchemaVersion: true },
            python: {
                packageName: `pulumi_${packageName}`,
                respectSchemaVersion: true,
                pyproject: { enabled: true },
            },
            go: {
                importBasePath: `github.com/pulumi/pulumi-${packageName}/sdk/go/${packageName}`,
                respectSchemaVersion: true,
            },
            csharp: { respectSchemaVersion: true },
        },
    };
}

function resourceSpecification(schema: ResourceSchema, types: Specification): Specification {
    const inputs = objectSpecification(schema.inputs, types);
    const outputs = objectSpecification(schema.outputs, types);
    // What has a default is there in any state.
    const isThere = Object.entries(inputs.properties).filter(
        ([name, property]) => inputs.required.includes(name) || "default" in property,
    );
    return {
        description: [
            schema.description,
            `{{% examples %}}\n## Example Usage\n{{% example %}}\n${exampleProgram(schema)}\n{{% /example %}}\n{{% /examples %}}`,
            `## Import\n\n\`pulumi import ${typeToken(schema.name)} NAME ${idForm(schema)}\``,
        ].join("\n\n"),
        inputProperties: inputs.properties,
        requiredInputs: inputs.required,
        properties: { ...inputs.properties, ...outputs.properties },
        required: [...new Set([...isThere.map(([name]) => name), ...outputs.required])],
    };
}

/** A program in YAML that makes one. */
export function exampleProgram({ name, example }: ResourceSchema): string {
    const properties = example.split("\n").map((line) => `      ${line}`);
    const lines = ["resources:", "  it:", `    type: ${typeToken(name)}`, "    properties:", ...properties];
    return ["```yaml", ...lines, "```"].join("\n");
}

function objectSpecification(schema: z.ZodObject, types: Specification) {
    const {
        properties = {},
        required = [],
        $defs = {},
    } = z.toJSONSchema(schema, { io: "input" }) as JsonSchema;
    for (const [name, definition] of Object.entries($defs)) {
        types[typeToken(name)] = {
            type: "object",
            description: definition.description,
            properties: mapped(definition.properties ?? {}, propertySpecification),
            required: definition.required,
        };
    }
    return { properties: mapped(properties, propertySpecification), required: [...required] };
}

function propertySpecification(schema: JsonSchema): Specification {
    const { description, secret, replaceOnChanges, willReplaceOnChanges, default: byDefault } = schema;
    return {
        ...typeSpecification(schema),
        description,
        ...(byDefault !== undefined && { default: byDefault }),
        ...(secret && { secret }),
        ...(replaceOnChanges && { replaceOnChanges }),
        ...(willReplaceOnChanges && { willReplaceOnChanges }),
    };
}

function typeSpecification({ type, $ref, items, additionalProperties }: JsonSchema): Specification {
    if ($ref) return { $ref: `#/types/${typeToken($ref.replace("#/$defs/", ""))}` };
    if (type === "array") return { type, items: typeSpecification(items ?? {}) };
    if (type === "object") {
        const inner = typeof additionalProperties === "object" ? additionalProperties : {};
        return { type, additionalProperties: typeSpecification(inner) };
    }
    return type ? { type } : { $ref: "pulumi.json#/Any" };
}

function mapped<From, To>(
    record: Readonly<Record<string, From>>,
    map: (value: From) => To,
): Record<string, To> {
    return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
