import { RequestError } from "../errors";
import { type Part, parametersOf, parseMultipart } from "./multipart";

/**
 * Finds the image in a request body as the exported container does: the multipart file `imageData`, else the form
 * field of that name, else the body itself, whatever its content type says; also where that says multipart, but not
 * what parts the parts. The prediction SDKs send the part without a file name, some without a content type; its bytes
 * are taken as they are, in memory of their own.
 */
export function imageBody(body: Buffer, contentType = ""): Buffer {
    const boundary = boundaryIn(contentType);
    if (boundary === undefined) {
        return body;
    }
    const parts = partsOf(body, boundary).filter(({ name }) => name === "imageData");
    const part = parts.find(({ fileName }) => fileName !== undefined) ?? parts[0];
    const image = Buffer.allocUnsafeSlow(part?.content.length ?? 0);
    part?.content.copy(image);
    return image;
}

/** Undefined also for one that is longer than any client's, which would take long to look for. */
function boundaryIn(contentType: string): string | undefined {
    const [type = ""] = contentType.split(";", 1);
    const boundary = parametersOf(contentType).get("boundary") ?? "";
    const isForm = type.trim().toLowerCase() === "multipart/form-data";
    return isForm && /^[ -~]{1,100}$/.test(boundary) ? boundary : undefined;
}

function partsOf(body: Buffer, boundary: string): Part[] {
    try {
        return parseMultipart(body, boundary);
    } catch (cause) {
        throw new RequestError(400, "BadRequestImageStream", "Expected a complete multipart body.", {
            cause,
        });
    }
}
