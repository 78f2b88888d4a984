import Ajv from "ajv/dist/2020";
import { encodeModel } from "../../classifier/src/onnx";
import { colourModel, colourModelFolder, folderOf, pngOf } from "./support/colourModel";
import { type ServiceProcess, startService, stopServices } from "./support/serviceProcess";
import { linearClassifier } from "./support/tableModel";

interface Operation {
    operationId: string;
    parameters: { name: string }[];
    requestBody?: { content: Record<string, object> };
    responses: Record<string, { content?: Record<string, { schema: object }> }>;
    security?: object[];
}
interface Document {
    openapi: string;
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: Record<string, object>; securitySchemes?: object };
}

const JSON_TYPE = { "content-type": "application/json" };

describe("the description of the API", () => {
    let service: ServiceProcess;
    let url: string;
    let document: Document;
    let ajv: Ajv;
    let image: Buffer;
    beforeAll(async () => {
        image = await pngOf([255, 0, 0]);
        const MODEL_DIR = await colourModelFolder(
            { "model.yaml": "{ version: 1.2, description: Colours. }" },
            { head: "none" },
        );
        service = await startService({
            MODEL_DIR,
            WORKERS: "1",
            PREDICTION_KEY: "s3cret",
            ALLOW_PRIVATE_URLS: "true",
        });
        url = `http://127.0.0.1:${service.port}`;
        document = (await (await fetch(`${url}/openapi.json`)).json()) as Document;
        ajv = new Ajv({ strict: false, validateFormats: false });
        ajv.addSchema({ ...document, $id: "api" });
    });
    afterAll(stopServices);

    const operations = () =>
        Object.entries(document.paths).flatMap(([path, methods]) =>
            Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
        );
    const ask = (
        path: string,
        method: string,
        body?: string | Buffer,
        headers: Record<string, string> = {},
    ) => fetch(url + path, { method, body, headers: { "prediction-key": "s3cret", ...headers } });

    /** What the document says is wrong with an answer: nothing, if it is one that the document describes. */
    async function problems(path: string, method: string, response: Response): Promise<unknown> {
        const described = document.paths[path]?.[method]?.responses[response.status];
        if (!described) {
            return `status ${response.status} is not described`;
        }
        const type = response.headers.get("content-type")?.split(";")[0] ?? "";
        const text = await response.text();
        const schema = described.content?.[type]?.schema;
        if (!schema) {
            return `type ${type} is not described for ${response.status}`;
        }
        // References are into the document, so the schema is looked at as a part of it.
        const check = ajv.compile({
            $id: undefined,
            ...JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/')),
        });
        return check(type === "application/json" ? JSON.parse(text) : text) ? undefined : check.errors;
    }

    test("is of OpenAPI 3.1, names every operation once and resolves every reference", () => {
        expect(document.openapi).toBe("3.1.0");
        const ids = operations().map(({ operation }) => operation.operationId);
        expect(new Set(ids).size).toBe(ids.length);
        const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
        expect(references.length).toBeGreaterThan(30);
        for (const [, name = ""] of references) {
            expect(Object.keys(document.components.schemas)).toContain(name);
        }
        for (const { path, operation } of operations()) {
            const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
            expect(operation.parameters.map(({ name }) => name)).toEqual(inPath);
        }
    });

    test("names the 14 routes of the container, the 8 of the cloud service, and all others", () => {
        const count = (pattern: RegExp) =>
            Object.keys(document.paths).filter((path) => pattern.test(path)).length;
        expect(count(/^(?!\/customvision).*\/(image|url)(\/nostore)?$/)).toBe(14);
        expect(count(/^\/customvision\/v3\.[01]\/prediction\/.*\/(image|url)(\/nostore)?$/)).toBe(8);
        expect(Object.keys(document.paths)).toEqual(
            expect.arrayContaining(["/score", "/health", "/ready", "/info", "/metrics"]),
        );
    });

    test("fits what every described route answers to an image, an address, and to nonsense", async () => {
        for (const { path, method, operation } of operations()) {
            const real = path.replaceAll(/\{\w+\}/g, "x");
            const takesImage = operation.requestBody?.content["application/octet-stream"] !== undefined;
            const given =
                method === "get"
                    ? undefined
                    : takesImage
                      ? image
                      : JSON.stringify({ url: "http://127.0.0.1:1/" });
            const first = await ask(real, method, given);
            expect([path, await problems(path, method, first)]).toEqual([path, undefined]);
            if (method === "post") {
                const second = await ask(real, method, "nonsense");
                expect([path, await problems(path, method, second)]).toEqual([path, undefined]);
            }
        }
    });

    test("fits what /score answers in each of its dialects", async () => {
        const base64 = image.toString("base64");
        const row = Array(8 * 8 * 3).fill(1);
        const bodies = [
            { data: [row] },
            [{ image_in_base64: base64 }, { image_url: "ftp://x" }],
            { input_data: { columns: ["image"], data: [base64, "?"] } },
            { image: base64 },
            { url: "ftp://x" },
            {},
        ];
        for (const body of bodies) {
            const response = await ask("/score", "post", JSON.stringify(body), JSON_TYPE);
            expect([Object.keys(body), await problems("/score", "post", response)]).toEqual([
                Object.keys(body),
                undefined,
            ]);
        }
    });

    test("says that scoring needs a key, and only scoring, and fits the answer to who has none", async () => {
        const secured = operations().filter(({ operation }) => operation.security !== undefined);
        expect(secured.map(({ path }) => path).some((path) => ["/info", "/health"].includes(path))).toBe(
            false,
        );
        expect(secured).toHaveLength(14 + 8 + 2);
        const response = await fetch(`${url}/score`, { method: "POST" });
        expect(response.status).toBe(401);
        expect(document.paths["/score"]?.post?.responses).toHaveProperty("401");
    });

    test("would notice an answer of another shape", async () => {
        const wrong = new Response(JSON.stringify({ status: "fine" }), { headers: JSON_TYPE });
        expect(await problems("/health", "get", wrong)).toBeDefined();
        const more = new Response(JSON.stringify({ status: "alive", more: 1 }), { headers: JSON_TYPE });
        expect(await problems("/health", "get", more)).toBeDefined();
    });

    test("and /info tell no secret", async () => {
        const info = await (await fetch(`${url}/info`)).text();
        expect(info).toContain('"predictionKey":"set"');
        expect(info + JSON.stringify(document)).not.toContain("s3cret");
    });
});

test("/info fits its description for models without images too, beside others", async () => {
    const MODEL_DIR = await folderOf({
        "table/model.onnx": encodeModel(linearClassifier()),
        "image/model.onnx": encodeModel(colourModel()),
        "image/labels.txt": "red\ngreen\nblue",
    });
    const { port } = await startService({ MODEL_DIR, WORKERS: "1" });
    const url = `http://127.0.0.1:${port}`;
    const document = (await (await fetch(`${url}/openapi.json`)).json()) as Document;
    const info = (await (await fetch(`${url}/info`)).json()) as { models: object[] };
    const ajv = new Ajv({ strict: false, validateFormats: false });
    expect(ajv.validate(document.components.schemas.Info ?? {}, info)).toBe(true);
    expect(info.models).toEqual([
        expect.objectContaining({ key: "image", kind: "image", default: true }),
        expect.objectContaining({
            key: "table",
            kind: "array",
            labels: ["0", "1", "2"],
            input: { type: "float32", dims: [null, 4] },
        }),
    ]);
    stopServices();
});
