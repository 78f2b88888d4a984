import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { readBytes } from "../../base/readBytes";
import type { FaultSource } from "../../faults/faults";
import { underFaults } from "../../faults/underFaults";
import { authorize, type BearerRights, type SharedAccessPolicy } from "./authorization";
import { errorBody, HubError, throttled } from "./errors";
import {
    type HubContext,
    type HubRequest,
    type HubResponse,
    type Route,
    type RouteResult,
    routes,
} from "./routes";
import type { Throttle } from "./throttles";

/** Taken by a live hub (measured); anything else is refused as the service does. */
const apiVersions = ["2018-06-30", "2020-05-31-preview", "2020-09-30", "2021-04-12", "2024-03-31"];
const largestBody = 1024 * 1024;

/** What the server asks of its hub for each request. */
export interface RestHub {
    hostName: string;
    policies(): SharedAccessPolicy[];
    readonly bearerRights: BearerRights;
    readonly faults?: FaultSource;
    readonly throttle?: Throttle;
    /** Runs `work` in one transaction, then does what it left in `context.after`. */
    perform(work: (context: HubContext) => RouteResult): RouteResult;
}

/** The HTTPS side of a hub, not yet listening. It asks clients for a certificate, which MQTT takes as a proof. */
export function restServer(hub: RestHub, tls: { certPem: string; keyPem: string }): Server {
    return createServer(
        {
            cert: tls.certPem,
            key: tls.keyPem,
            minVersion: "TLSv1.2",
            requestCert: true,
            // Devices sign their certificates themselves; the thumbprint decides.
            rejectUnauthorized: false,
        },
        underFaults(
            hub.faults,
            (fault, response) => refuse(response, busy[fault]()),
            (request, response) => {
                answer(hub, request).then(
                    (answered) => send(response, answered),
                    (error: unknown) => refuse(response, asHubError(error)),
                );
            },
        ),
    );
}

const busy = {
    throttled: () => throttled("CRUD"),
    unavailable: () => new HubError("ServiceUnavailable", "Service unavailable. Please retry the operation."),
};

function refuse(response: ServerResponse, refusal: HubError): void {
    response.setHeader("iothub-errorcode", refusal.name);
    send(response, { status: refusal.status, body: errorBody(refusal) });
}

async function answer(hub: RestHub, request: IncomingMessage): Promise<HubResponse> {
    const url = new URL(request.url ?? "/", "https://hub");
    const { route, params } = findRoute(request.method ?? "", url.pathname);
    const apiVersion = url.searchParams.get("api-version");
    if (apiVersion === null || !apiVersions.includes(apiVersion)) {
        throw new HubError(
            "InvalidProtocolVersion",
            `The api-version is ${apiVersion ?? "missing"}, expected one of ${apiVersions.join(", ")}`,
        );
    }
    const path = decodeSegments(url.pathname).join("/");
    const { authorization } = request.headers;
    await authorize({ authorization, path, needed: route.rights }, hub);
    const asked: HubRequest = {
        params,
        query: url.searchParams,
        body: await readBody(request),
        ifMatch: request.headers["if-match"],
        maxItemCount: header(request, "x-ms-max-item-count"),
        continuation: header(request, "x-ms-continuation"),
    };
    hub.throttle?.(route, asked.body);
    const result = hub.perform((context) => route.handle(asked, context));
    return typeof result === "function" ? result() : result;
}

function header(request: IncomingMessage, name: string): string | undefined {
    const value = request.headers[name];
    return Array.isArray(value) ? value[0] : value;
}

function findRoute(method: string, pathname: string): { route: Route; params: Record<string, string> } {
    const segments = decodeSegments(pathname);
    for (const route of routes) {
        const names = route.path.split("/");
        if (route.method !== method || names.length !== segments.length) continue;
        const params: Record<string, string> = {};
        const isMatch = names.every((name, index) => {
            const segment = segments[index] ?? "";
            if (!name.startsWith(":")) return name.toLowerCase() === segment.toLowerCase();
            params[name.slice(1)] = segment;
            return segment !== "";
        });
        if (isMatch) return { route, params };
    }
    throw new HubError("ResourceNotFound", `${method} ${pathname} is no route of the local IoT Hub`);
}

function decodeSegments(pathname: string): string[] {
    try {
        return pathname.split("/").map(decodeURIComponent);
    } catch {
        throw new HubError(
            "ArgumentInvalid",
            `BadRequest: the address ${pathname} is not percent-encoded as it should be`,
        );
    }
}

async function readBody(request: IncomingMessage): Promise<unknown> {
    const tooLarge = () => new HubError("MessageTooLarge", `The body is larger than ${largestBody} bytes`);
    const text = (await readBytes(request, largestBody, tooLarge)).toString("utf8");
    if (text.trim() === "") return undefined;
    try {
        return JSON.parse(text);
    } catch (error) {
        throw new HubError("IotHubFormatError", `The body is not JSON: ${(error as Error).message}`);
    }
}

function send(response: ServerResponse, { status, body, etag, headers = {} }: HubResponse): void {
    response.setHeader("x-ms-request-id", randomUUID());
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (etag !== undefined) response.setHeader("ETag", `"${etag}"`);
    if (body === undefined) {
        response.writeHead(status).end();
        return;
    }
    const json = JSON.stringify(body);
    response.writeHead(status, {
        "Content-Type": "application/json; charset=utf-8",
        "Content-Length": Buffer.byteLength(json),
    });
    response.end(json);
}

/** A fault of our own is told as one, with its place in the error output, and leaves nothing half done. */
function asHubError(error: unknown): HubError {
    if (error instanceof HubError) return error;
    process.stderr.write(`IoT Hub: ${error instanceof Error ? error.stack : String(error)}\n`);
    return new HubError("ServerError", error instanceof Error ? error.message : String(error));
}
