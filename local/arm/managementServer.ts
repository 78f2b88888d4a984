import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { Certificates } from "../base/certificates";
import type { Faults } from "../faults/faults";
import type { Directory } from "../planes/entra/directory";
import { answerEntra } from "../planes/entra/entraRoutes";
import { type LocalStatus, statusPath } from "../status";
import { type ArmPath, type ArmResource, parseArmPath } from "./armResource";
import { readJson } from "./requestBody";
import type { ResourceModel } from "./resourceModel";
import { ArmError, type Properties } from "./resourceType";
import { subscriptionRead } from "./subscriptionReads";

/** What the management endpoint needs. */
export interface ManagementOptions {
    readonly model: ResourceModel;
    readonly certificates: Certificates;
    /** Opens the endpoint to the stand-ins and to `edge`. */
    readonly token: string;
    /** Its tokens open the endpoint, too; it answers on the same port. */
    readonly directory: Directory;
    readonly faults: Faults;
    status(): LocalStatus;
}

/**
 * The management endpoint: ARM's paths over TLS, open to whoever holds `token` or one of the directory's for ARM.
 * Requests for a resource are carried out one after the other, as those that change one may start or stop a server; who
 * reads one finds what was asked for before, as Azure shows a resource from the moment that its creation begins.
 */
export function managementServer(options: ManagementOptions): Server {
    const { certificates } = options;
    let previous: Promise<unknown> = Promise.resolve();
    const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
        const next = previous.then(work);
        previous = next.catch(() => {});
        return next;
    };
    return createServer({ cert: certificates.certPem, key: certificates.keyPem }, (request, response) => {
        answer(options, request, inTurn).then(
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
    { model, token, directory, faults, status }: ManagementOptions,
    request: IncomingMessage,
    inTurn: InTurn,
): Promise<{ status: number; body?: unknown }> {
    const open = await answerEntra(request, directory);
    if (open) return open;
    const { pathname, searchParams } = new URL(request.url ?? "/", directory.origin);
    if (!isOurs(request.headers.authorization, token)) {
        await requireEntraToken(request.headers.authorization, directory);
        if (!searchParams.has("api-version")) {
            throw new ArmError(
                400,
                "MissingApiVersionParameter",
                "The api-version query parameter (?api-version=) is required for all requests.",
            );
        }
    }
    if (request.method === "GET" && pathname === statusPath) return { status: 200, body: status() };
    const read = request.method === "GET" ? subscriptionRead(model, { pathname, searchParams }) : undefined;
    if (read !== undefined) return { status: 200, body: read };
    const path = parseArmPath(pathname);
    if (!path || (path.action !== undefined) !== (request.method === "POST")) {
        throw new ArmError(404, "InvalidResourceType", `There is no ${request.method} ${request.url}.`);
    }
    if (request.method === "PUT" || request.method === "DELETE") refuseByChance(faults, path);
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
            return { status: 200, body: await inTurn(async () => model.get(path)) };
        case "PUT": {
            const body = (await readJson<Partial<ArmResource>>(request)) ?? {};
            return { status: 200, body: await inTurn(() => model.put(path, body)) };
        }
        case "DELETE":
            return { status: (await inTurn(() => model.delete(path))) ? 200 : 204 };
        case "POST": {
            const body = await readJson<Properties>(request);
            return { status: 200, body: await inTurn(async () => model.action(path, body)) };
        }
        default:
            throw new ArmError(405, "MethodNotAllowed", `The local Azure does not serve ${request.method}.`);
    }
}

/** The refusal is one that ARM's clients do not repeat by themselves: who asked for the change has to. */
function refuseByChance(faults: Faults, { id, type }: ArmPath): void {
    if (!faults.failsChange(type, id)) return;
    throw new ArmError(
        409,
        "AnotherOperationInProgress",
        "Another operation on this or dependent resource is in progress. Please try again later.",
    );
}

async function requireEntraToken(header: string | undefined, directory: Directory): Promise<void> {
    const [, token] = /^Bearer (\S+)$/.exec(header ?? "") ?? [];
    if (token && (await directory.isValid(token, directory.origin))) return;
    throw new ArmError(
        401,
        "AuthenticationFailed",
        "Authentication failed. The 'Authorization' header is missing or wrong.",
    );
}

function isOurs(header: string | undefined, token: string): boolean {
    const given = Buffer.from(header ?? "");
    const expected = Buffer.from(`Bearer ${token}`);
    return given.length === expected.length && timingSafeEqual(given, expected);
}

function send(response: ServerResponse, status: number, body: unknown): void {
    const text = body === undefined ? "" : JSON.stringify(body);
    response.writeHead(status, { "Content-Type": "application/json; charset=utf-8" });
    response.end(text);
}
