import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { Certificates } from "../certificates";
import { type LocalStatus, statusPath } from "../status";
import { type ArmPath, type ArmResource, parseArmPath } from "./armResource";
import type { ResourceModel } from "./resourceModel";
import { ArmError } from "./resourceType";

/** ARM is asked for small documents; anything larger is a mistake. */
const bodyLimit = 1024 * 1024;

/**
 * The management endpoint: ARM's paths over TLS, open to whoever holds `token`. Requests that change something are
 * carried out one after the other, as each may start or stop a server.
 */
export function managementServer(
    model: ResourceModel,
    certificates: Certificates,
    token: string,
    status: () => LocalStatus,
): Server {
    let previous: Promise<unknown> = Promise.resolve();
    const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
        const next = previous.then(work);
        previous = next.catch(() => {});
        return next;
    };
    return createServer({ cert: certificates.certPem, key: certificates.keyPem }, (request, response) => {
        answer(model, token, request, inTurn, status).then(
            ({ status, body }) => send(response, status, body),
            (error: Error) => {
                const { status, code } =
                    error instanceof ArmError ? error : { status: 500, code: "InternalServerError" };
                send(response, status, { error: { code, message: error.message } });
            },
        );
    });
}

type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

async function answer(
    model: ResourceModel,
    token: string,
    request: IncomingMessage,
    inTurn: InTurn,
    status: () => LocalStatus,
): Promise<{ status: number; body?: unknown }> {
    if (!isAuthorized(request.headers.authorization, token)) {
        throw new ArmError(
            401,
            "AuthenticationFailed",
            "Authentication failed. The 'Authorization' header is missing or wrong.",
        );
    }
    if (request.method === "GET" && request.url === statusPath) return { status: 200, body: status() };
    const path = parseArmPath(new URL(request.url ?? "/", "https://localhost").pathname);
    if (!path || (path.action !== undefined) !== (request.method === "POST")) {
        throw new ArmError(404, "InvalidResourceType", `There is no ${request.method} ${request.url}.`);
    }
    return perform(model, path, request, inTurn);
}

async function perform(
    model: ResourceModel,
    path: ArmPath,
    request: IncomingMessage,
    inTurn: InTurn,
): Promise<{ status: number; body?: unknown }> {
    switch (request.method) {
        case "GET":
            return { status: 200, body: model.get(path) };
        case "PUT": {
            const body = await readJson(request);
            return { status: 200, body: await inTurn(() => model.put(path, body)) };
        }
        case "DELETE":
            return { status: (await inTurn(() => model.delete(path))) ? 200 : 204 };
        case "POST":
            return { status: 200, body: model.action(path) };
        default:
            throw new ArmError(405, "MethodNotAllowed", `The local Azure does not serve ${request.method}.`);
    }
}

function isAuthorized(header: string | undefined, token: string): boolean {
    const given = Buffer.from(header ?? "");
    const expected = Buffer.from(`Bearer ${token}`);
    return given.length === expected.length && timingSafeEqual(given, expected);
}

async function readJson(request: IncomingMessage): Promise<Partial<ArmResource>> {
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
    try {
        return JSON.parse(Buffer.concat(chunks).toString("utf8"));
    } catch {
        throw new ArmError(400, "InvalidRequestContent", "The request content was invalid: it is not JSON.");
    }
}

function send(response: ServerResponse, status: number, body: unknown): void {
    const text = body === undefined ? "" : JSON.stringify(body);
    response.writeHead(status, { "Content-Type": "application/json; charset=utf-8" });
    response.end(text);
}
