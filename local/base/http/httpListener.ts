import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { match } from "path-to-regexp";
import type { Answer } from "./refusal";
import { asRefusal } from "./refusal";
import { type Request, readRequest } from "./request";
import type { HttpService, Route } from "./service";

/**
 * Lets one service answer, or several that share a port: the first whose routes know a request takes it, and the last one
 * what none of them knows.
 */
export function httpListener(...services: [...HttpService[], HttpService]): RequestListener {
    const routers = services.map((service) => ({ service, find: router(service) }));
    return (message, response) => void respond(routers, message, response);
}

/** Answers with a refusal in the service's own form. */
export async function refuse(service: HttpService, error: unknown, response: ServerResponse): Promise<void> {
    if (response.headersSent || response.destroyed) {
        response.destroy();
        return;
    }
    await send(service, asRefusal(service, error).answer(), response);
}

type FindRoute = (method: string, path: string) => { route: Route; params: Request["params"] } | undefined;

function router({ routes, caseSensitive: sensitive = false }: HttpService): FindRoute {
    const known = routes.map((route) => ({ route, read: match(route.path, { sensitive, trailing: false }) }));
    return (method, path) => {
        for (const { route, read } of known) {
            const found = route.method === method && read(path);
            if (found) return { route, params: joined(found.params) };
        }
        return undefined;
    };
}

/** A parameter that stands for several segments comes as a list of them. */
function joined(params: Partial<Record<string, string | string[]>>): Request["params"] {
    return Object.fromEntries(
        Object.entries(params).map(([name, value]) => [name, [value].flat().join("/")]),
    );
}

async function respond(
    routers: readonly { service: HttpService; find: FindRoute }[],
    message: IncomingMessage,
    response: ServerResponse,
): Promise<void> {
    const [own] = routers.slice(-1);
    if (!own) return;
    let { service } = own;
    try {
        const request = readRequest(message, service);
        const open = routers.slice(0, -1).find(({ find }) => find(request.method, request.path));
        ({ service } = open ?? own);
        await service.admit?.(request);
        const found = (open ?? own).find(request.method, request.path);
        if (!found) throw service.refusals.noRoute(request.method, request.path);
        const { params } = found;
        await send(service, await found.route.handle({ ...readRequest(message, service), params }), response);
    } catch (error) {
        await refuse(service, error, response);
    }
}

async function send(service: HttpService, answer: Answer, response: ServerResponse): Promise<void> {
    const { status, json, body } = answer;
    const headers = { ...service.headers?.(), ...answer.headers };
    for (const [name, value] of Object.entries(headers))
        if (value !== undefined) response.setHeader(name, value);
    if (json !== undefined) {
        const text = JSON.stringify(json);
        if (!response.hasHeader("Content-Type"))
            response.setHeader("Content-Type", "application/json; charset=utf-8");
        response.writeHead(status, { "Content-Length": Buffer.byteLength(text) }).end(text);
        return;
    }
    response.writeHead(status);
    if (body === undefined || typeof body === "string") response.end(body);
    else await pipeline(body, response);
}
