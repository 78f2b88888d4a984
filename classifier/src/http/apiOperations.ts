import type { ApiSchema } from "./apiSchemas";
import { cloudPaths } from "./cloudRoutes";
import { containerPaths } from "./containerRoutes";

/** Bodies by their content type. */
type Content = Record<string, { schema: object }>;

/** What a route is asked and answers. */
export interface Operation {
    tag: string;
    summary: string;
    body?: Content;
    /** The answers by their status. */
    answers: Record<number, { description: string; content?: Content }>;
    /** Whether it asks for a key where one is configured. */
    keyed?: boolean;
}

const imageBody: Content = {
    "application/octet-stream": { schema: { type: "string", format: "binary" } },
    "multipart/form-data": {
        schema: {
            type: "object",
            properties: { imageData: { type: "string", format: "binary" } },
            required: ["imageData"],
        },
    },
};

function containerOperation(source: "image" | "url"): Operation {
    const failure = { "text/html": { schema: { type: "string", const: "Error processing image" } } };
    const success = json("ContainerAnswer");
    return {
        tag: "Exported container",
        summary: source === "image" ? "Classify an image" : "Classify the image at an address",
        body: source === "image" ? imageBody : json("ImageAddress"),
        answers:
            source === "image"
                ? {
                      200: { description: "Predictions", content: success },
                      500: { description: "The image is at fault, or the model", content: failure },
                  }
                : {
                      200: {
                          description: "Predictions, or a text for a failure",
                          content: { ...success, ...failure },
                      },
                  },
        keyed: true,
    };
}

function cloudOperation(source: "image" | "url"): Operation {
    return {
        ...containerOperation(source),
        tag: "Prediction API of the cloud service",
        answers: {
            200: { description: "Predictions", content: json("CloudAnswer") },
            400: { description: "The request is at fault", content: json("Error") },
            500: { description: "The model failed", content: json("Error") },
        },
    };
}

const scoreAnswers: Operation["answers"] = {
    200: {
        description: "In the form that belongs to the request's",
        content: json("RowAnswers", "SerializedResults", "TableResults", "ContainerAnswer", "Sentence"),
    },
    400: { description: "The request is at fault", content: json("Message") },
    413: { description: "The body is too long", content: json("Message") },
    431: { description: "A request's id is too long", content: json("Message") },
    500: { description: "The model or the scoring module failed", content: json("Message") },
};

const score = { tag: "Azure ML", keyed: true, answers: scoreAnswers };

const operatorRoutes: Record<string, Operation> = {
    "/health": {
        tag: "Operation",
        summary: "Whether the service is alive",
        answers: { 200: { description: "It is", content: json("Health") } },
    },
    "/ready": {
        tag: "Operation",
        summary: "Whether requests are to be sent here",
        answers: {
            200: { description: "A model is open, probed and answers", content: json("Ready") },
            503: { description: "Not yet, or not any more", content: json("Ready") },
        },
    },
    "/info": {
        tag: "Operation",
        summary: "What is served, and how pixels are prepared",
        answers: { 200: { description: "Models and options", content: json("Info") } },
    },
    "/metrics": {
        tag: "Operation",
        summary: "Counts and measures for Prometheus",
        answers: {
            200: {
                description: "In its text format",
                content: { "text/plain": { schema: { type: "string" } } },
            },
        },
    },
};

/** Every operation by its method and path, with parameters as express writes them. */
export function apiOperations(): { method: "get" | "post"; path: string; operation: Operation }[] {
    const byPost = (paths: string[], operation: Operation) =>
        paths.map((path) => ({ method: "post" as const, path, operation }));
    const byGet = (path: string, operation: Operation) => ({ method: "get" as const, path, operation });
    const bodies = json("Rows", "ImageList", "ImageTable", "ExportInput");
    return [
        ...byPost(containerPaths("image"), containerOperation("image")),
        ...byPost(containerPaths("url"), containerOperation("url")),
        ...byPost(cloudPaths("image"), cloudOperation("image")),
        ...byPost(cloudPaths("url"), cloudOperation("url")),
        ...byPost(["/score"], { ...score, summary: "Score rows of values, or images", body: bodies }),
        byGet("/score", { ...score, summary: "Score the rows in the query, as data=[[...]]" }),
        ...Object.entries(operatorRoutes).map(([path, operation]) => byGet(path, operation)),
    ];
}

function json(...names: ApiSchema[]): Content {
    const references = names.map((name) => ({ $ref: `#/components/schemas/${name}` }));
    const [only, ...others] = references;
    return { "application/json": { schema: only && others.length === 0 ? only : { anyOf: references } } };
}
