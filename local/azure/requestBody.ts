import type { IncomingMessage } from "node:http";
import { ArmError } from "./resourceType";

/** ARM is asked for small documents; anything larger is a mistake. */
const bodyLimit = 1024 * 1024;

/** The body of a request as text; refuses one that is larger than any that is meant. */
export async function readText(request: IncomingMessage): Promise<string> {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of request) {
        length += chunk.length;
        if (length > bodyLimit)
            throw new ArmError(
                413,
                "RequestEntityTooLarge",
                `The request is larger than ${bodyLimit} bytes.`,
            );
        chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString("utf8");
}

/** The body of a request as JSON; undefined where there is none. */
export async function readJson<T>(request: IncomingMessage): Promise<T | undefined> {
    const text = await readText(request);
    try {
        return text === "" ? undefined : JSON.parse(text);
    } catch {
        throw new ArmError(400, "InvalidRequestContent", "The request content was invalid: it is not JSON.");
    }
}
