import { requireImages } from "../classify";
import { RequestError } from "../errors";
import type { ArrayModel } from "../model/openArrayModel";
import type { Model } from "../model/openModel";
import {
    autoMlBody,
    exportBody,
    type ImageDialect,
    packageItem,
    rowsBody,
    type ScoreImage,
} from "./requestShapes";
import { scoreRows } from "./scoreRows";

/** Rows, which are answered already, or the images that are asked for; a sentence in place of one says what it lacks. */
export type ScoreOutcome =
    | { dialect: "rows"; answer: unknown[] }
    | { dialect: ImageDialect; images: (ScoreImage | string)[] };

/** Does `scoreBody` with the model that one of the names stands for, under the conditions of `ClassifyFor`. */
export type ScoreFor = (
    body: Uint8Array,
    names: (string | undefined)[],
    signal?: AbortSignal,
) => Promise<ScoreOutcome>;

/**
 * Reads the body of a request to `/score`, and answers it right away if it holds rows. Made for a worker thread: ten
 * thousand rows are 60 MB of text, which takes most of a second to read. Throws a `RequestError` for what is none of
 * the dialects.
 */
export async function scoreBody(model: Model | ArrayModel, body: Uint8Array): Promise<ScoreOutcome> {
    const document = parseJson(body);
    const rows = rowsBody.safeParse(document);
    if (rows.success) {
        return { dialect: "rows", answer: await scoreRows(model, rows.data.data) };
    }
    const images = imagesIn(document);
    if (images) {
        requireImages(model);
        return images;
    }
    throw new RequestError(
        400,
        "BadRequest",
        'Expected {"data": [row, ...]}, a list of {"image_in_base64": "..."} or {"image_url": "..."}, ' +
            '{"input_data": {"columns": ["image"], "data": ["<base64>"]}}, {"image": "<base64>"} or {"url": "..."}, ' +
            `found ${describe(document)}.`,
    );
}

function imagesIn(document: unknown): Extract<ScoreOutcome, { images: unknown }> | undefined {
    if (Array.isArray(document) && document.length > 0) {
        return { dialect: "package", images: document.map(packageImage) };
    }
    const table = autoMlBody.safeParse(document).data;
    if (table) {
        const texts = table.input_data.data.flat();
        return { dialect: "autoMl", images: texts.map((base64) => ({ source: { base64 } })) };
    }
    const source = exportBody.safeParse(document).data;
    return source && { dialect: "export", images: [{ source }] };
}

function packageImage(item: unknown): ScoreImage | string {
    const { data, error } = packageItem.safeParse(item);
    if (!data) {
        const problems = error.issues.map(({ path, message }) => [...path, message].join(": "));
        return `Expected an image of the list to be right, found ${problems.join("; ")}.`;
    }
    const { image_in_base64: base64, image_url: url = "", parameters } = data;
    return { source: base64 === undefined ? { url } : { base64 }, parameters: parameters ?? {} };
}

function parseJson(body: Uint8Array): unknown {
    try {
        return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    } catch (cause) {
        const reason = body.length === 0 ? "an empty body" : (cause as Error).message;
        throw new RequestError(400, "BadRequest", `Expected a body of JSON in UTF-8, found: ${reason}.`, {
            cause,
        });
    }
}

/** Describes a document by its kind and keys: enough to recognise a mistake by, without its contents. */
function describe(document: unknown): string {
    if (Array.isArray(document)) {
        return "an empty list";
    }
    return typeof document === "object" && document !== null
        ? `an object with ${Object.keys(document).slice(0, 5).join(", ") || "nothing"}`
        : `a ${document === null ? "null" : typeof document}`;
}
