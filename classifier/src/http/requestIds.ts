import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { RequestError } from "../errors";

const LONGEST = 100;

/** The name under which a request is found again in logs: the caller's if it gave one that can be one, else a new one. */
export function requestId(headers: IncomingHttpHeaders): string {
    const given = headers["x-request-id"] ?? headers["x-ms-client-request-id"] ?? headers["x-ms-request-id"];
    return typeof given === "string" && /^[\w.:/+=-]{1,100}$/.test(given) ? given : randomUUID();
}

/**
 * The names that azureml-inference-server-http answers with: `x-ms-request-id` was once the client's own, and both
 * stand in for each other. Throws for those of more than 100 characters, as it does.
 */
export function echoedIds(headers: IncomingHttpHeaders, id: string): Map<string, string> {
    const given = (name: string) => String(headers[name] ?? "");
    const requestId = given("x-request-id") || id;
    if (requestId.length > LONGEST) {
        throw tooLong("x-request-id");
    }
    const clientId = given("x-ms-client-request-id") || given("x-ms-request-id");
    const serverId = given("x-ms-request-id") || clientId || requestId;
    if (clientId.length > LONGEST || serverId.length > LONGEST) {
        throw tooLong("x-ms-request-id and x-ms-client-request-id");
    }
    const traceId = given("traceid");
    const all: [string, string][] = [
        ["x-request-id", requestId],
        ["x-ms-request-id", serverId],
        ["x-ms-client-request-id", clientId],
        ["TraceId", traceId],
    ];
    return new Map(all.filter(([, value]) => value !== ""));
}

function tooLong(names: string): RequestError {
    return new RequestError(
        431,
        "RequestHeaderFieldsTooLarge",
        `${names} must not exceed ${LONGEST} characters`,
    );
}
