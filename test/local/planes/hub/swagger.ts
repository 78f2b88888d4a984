import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv, { type ValidateFunction } from "ajv-draft-04";

const file = join(
    __dirname,
    "../../../../../shared/data/iot-edge-schemas/iothub-service-2021-04-12.openapi.json",
);

interface Operation {
    responses: Record<string, { schema?: object }>;
}

/** Throws unless this status and body are an answer that the service's Swagger describes for the route. */
export type SwaggerCheck = (method: string, route: string, status: number, body: unknown) => void;

/** The check of answers against the Swagger; where its file is missing, says so once and checks nothing. */
export function swaggerCheck(): SwaggerCheck {
    if (!existsSync(file)) {
        console.warn(`The answers of the hub are not checked against the Swagger: ${file} is missing.`);
        return () => {};
    }
    const { paths, definitions } = JSON.parse(readFileSync(file, "utf8")) as {
        paths: Record<string, Record<string, Operation>>;
        definitions: Record<string, object>;
    };
    const ajv = new Ajv({ strict: false, formats: { "date-time": isDateTime, int32: true, int64: true } });
    ajv.addSchema({ id: "swagger", definitions: strictly(definitions) as Record<string, object> });
    const compiled = new Map<string, ValidateFunction>();
    return (method, route, status, body) => {
        const declared = paths[route]?.[method.toLowerCase()]?.responses[status];
        if (!declared) throw new Error(`The Swagger has no ${status} for ${method} ${route}.`);
        if (!declared.schema) {
            if (body !== undefined)
                throw new Error(`The Swagger has no body for the ${status} of ${method} ${route}.`);
            return;
        }
        const key = JSON.stringify(declared.schema);
        const validate = compiled.get(key) ?? ajv.compile(strictly(declared.schema) as object);
        compiled.set(key, validate);
        if (!validate(body))
            throw new Error(
                `${method} ${route}: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(body)}`,
            );
    };
}

function isDateTime(text: string): boolean {
    return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text);
}

/**
 * The Swagger as JSON schema: its bare `object` means any value, references lead into the registered document, and an
 * object has no other members than those that are listed.
 */
function strictly(schema: unknown): unknown {
    if (Array.isArray(schema)) return schema.map(strictly);
    if (typeof schema !== "object" || schema === null) return schema;
    const { $ref, ...rest } = schema as { $ref?: string };
    if ($ref) return { $ref: `swagger${$ref}` };
    const own = rest as { type?: string; properties?: object; additionalProperties?: unknown };
    if (own.type === "object" && !own.properties && !own.additionalProperties) return {};
    const mapped = Object.fromEntries(Object.entries(own).map(([key, value]) => [key, strictly(value)]));
    return own.type === "object" && own.properties ? { ...mapped, additionalProperties: false } : mapped;
}
