import type { IncomingMessage } from "node:http";
import { readBytes } from "../base/readBytes";
import { ArmError } from "./resourceType";

/** ARM is asked for small documents; anything larger is a mistake. */
const bodyLimit = 1024 * 1024;

/** The body of a request as text; refuses one that is larger than any that is meant. */
export async function readText(request: IncomingMessage): Promise<string> {
    const tooLarge = () =>
        new ArmError(413, "RequestEntityTooLarge", `The request is larger than ${bodyLimit} bytes.`);
    return (await readBytes(request, bodyLimit, tooLarge)).toString("utf8");
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
