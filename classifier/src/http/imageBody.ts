import { buffer } from "node:stream/consumers";
import { Busboy, type BusboyHeaders } from "@fastify/busboy";
import { RequestError } from "../errors";

/**
 * Finds the image in a request body as the exported container does: the multipart file `imageData`, else the form
 * field of that name, else the body itself, whatever its content type says. The prediction SDKs send the part without
 * a file name, some without a content type; its bytes are taken as they are.
 */
export async function imageBody(body: Buffer, contentType = ""): Promise<Buffer> {
    return /^multipart\/form-data\b/i.test(contentType) ? imagePart(body, contentType) : body;
}

function imagePart(body: Buffer, contentType: string): Promise<Buffer> {
    return new Promise((resolve, reject) => {
        const malformed = (cause: unknown) =>
            reject(
                new RequestError(400, "BadRequestImageStream", "Expected a complete multipart body.", {
                    cause,
                }),
            );
        try {
            const form = new Busboy({
                headers: { "content-type": contentType } as BusboyHeaders,
                isPartAFile: () => true,
            });
            const parts: { file: boolean; content: Promise<Buffer> }[] = [];
            form.on("file", (name, stream, fileName) => {
                const content = buffer(stream);
                content.catch(malformed);
                if (name === "imageData") {
                    parts.push({ file: fileName !== undefined, content });
                }
            });
            form.on("error", malformed);
            form.on("finish", () => {
                const part = parts.find(({ file }) => file) ?? parts[0];
                resolve(part?.content ?? Buffer.alloc(0));
            });
            form.end(body);
        } catch (cause) {
            malformed(cause);
        }
    });
}
