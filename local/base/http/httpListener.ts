import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { match } from "path-to-regexp";
import { type Answer, asRefusal } from "./refusal";
import { type Request, readRequest } from "./request";
import type { HttpService, Route } from "./service";

/** Lets a service answer on its port. The services in `before` share it: they take the requests that their routes know. */
export function httpListener(service: HttpService, ...before: HttpService[]): RequestListener {
    const own = { service, find: router(service) };
    const all = [...before.map((other) => ({ service: other, find: router(other) })), own];
    return (message, response) => void respond(all, own, message, response);
}

/** Answers with a refusal in the service's own form. */
export async function refuse(service: HttpService, error: unknown, response: ServerResponse): Promise<void> {
    if (response.headersSent || response.destroyed) {
        response.destroy();
        return;
    }
    await send(service, asRefusal(service, error).answer(), response);
}

/** A service with its routes made ready. */
interface Routed {
    readonly service: HttpService;
    readonly find: FindRoute;
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
    all: readonly Routed[],
    own: Routed,
    message: IncomingMessage,
    response: ServerResponse,
): Promise<void> {
    let service = own.service;
    try {
        const { method, path } = readRequest(message, service);
        const routed = all.find(({ find }) => find(method, path)) ?? own;
        service = routed.service;
        // Read again, so that what is wrong with its body is said in the words of the service that takes it.
        const request = readRequest(message, service);
        await service.admit?.(request);
        const found = routed.find(method, path);
        if (!found) throw service.refusals.noRoute(method, path);
        await send(service, await found.route.handle({ ...request, params: found.params }), response);
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
