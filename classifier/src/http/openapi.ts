import { z } from "zod";
import { apiOperations, type Operation } from "./apiOperations";
import { apiSchemas } from "./apiSchemas";

const BUSY = "There is too much to do; Retry-After says when to come back";
const UNAUTHORIZED = "A key is required, and none or another was given";

const securitySchemes = {
    predictionKey: { type: "apiKey", in: "header", name: "Prediction-Key" },
    bearer: { type: "http", scheme: "bearer" },
};

/** The description of the whole API in OpenAPI 3.1, from the schemas that bodies are checked with. */
export function openApi(info: { version: string }, isKeyed: boolean): object {
    const paths: Record<string, Record<string, object>> = {};
    for (const { method, path, operation } of apiOperations()) {
        const template = path.replace(/:(\w+)/g, "{$1}");
        paths[template] = { ...paths[template], [method]: described(method, template, operation, isKeyed) };
    }
    return {
        openapi: "3.1.0",
        info: { title: "Image classifier", ...info },
        paths,
        components: { schemas: componentSchemas(), ...(isKeyed && { securitySchemes }) },
    };
}

function described(method: string, path: string, operation: Operation, isKeyed: boolean): object {
    const { tag, summary, body, answers, keyed } = operation;
    const words = path.split(/\W+/).filter(Boolean);
    return {
        operationId: [method, ...words.map((word) => word.charAt(0).toUpperCase() + word.slice(1))].join(""),
        tags: [tag],
        summary,
        parameters: [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
            name,
            in: "path",
            required: true,
            schema: { type: "string" },
        })),
        ...(body && { requestBody: { required: true, content: body } }),
        responses: {
            ...answers,
            ...(keyed && { 503: { description: BUSY } }),
            ...(keyed && isKeyed && { 401: { description: UNAUTHORIZED } }),
        },
        ...(keyed && isKeyed && { security: [{ predictionKey: [] }, { bearer: [] }] }),
    };
}

function componentSchemas(): Record<string, object> {
    return Object.fromEntries(
        Object.entries(apiSchemas).map(([name, schema]) => {
            const { $schema: _, ...component } = z.toJSONSchema(schema, { io: "input" });
            return [name, component];
        }),
    );
}
