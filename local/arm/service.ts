import { timingSafeEqual } from "node:crypto";
import type { Request } from "../base/http/request";
import type { HttpService, Route } from "../base/http/service";
import type { Directory } from "../planes/entra/directory";
import { ArmError, refusals } from "./armError";
import { type ArmPath, type ArmResource, parseArmPath } from "./armResource";
import type { ResourceModel } from "./resourceModel";
import type { Properties } from "./resourceType";
import { subscriptionRoutes } from "./subscriptionRoutes";

/** What ARM needs. */
export interface ArmOptions {
    readonly model: ResourceModel;
    /** Opens the endpoint to the stand-ins and to `edge`. */
    readonly token: string;
    /** Its tokens for ARM open the endpoint, too. */
    readonly directory: Directory;
    /** Whether a change of a resource fails by chance. */
    failsChange(armType: string, id: string): boolean;
    /** What the local Azure answers beside ARM, to the same callers. */
    readonly own?: readonly Route[];
}

/** ARM is asked for small documents; anything larger is a mistake. */
const largestBody = 1024 * 1024;

/** Azure Resource Manager, open to whoever holds `token` or one of the directory's. */
export function armService({ model, token, directory, failsChange, own = [] }: ArmOptions): HttpService {
    return {
        name: "ARM",
        bodyLimit: largestBody,
        refusals,
        async admit({ headers, query }) {
            if (isOurs(headers.authorization, token)) return;
            await requireEntraToken(headers.authorization, directory);
            if (!query.has("api-version")) {
                throw new ArmError(
                    400,
                    "MissingApiVersionParameter",
                    "The api-version query parameter (?api-version=) is required for all requests.",
                );
            }
        },
        routes: [...own, ...subscriptionRoutes(model), ...resourceRoutes(model, failsChange)],
    };
}

/**
 * Requests for a resource are carried out one after the other, as those that change one may start or stop a server; who
 * reads one finds what was asked for before, as Azure shows a resource from the moment that its creation begins.
 */
function resourceRoutes(model: ResourceModel, failsChange: ArmOptions["failsChange"]): Route[] {
    const inTurn = turns();
    return [
        resource("GET", async (path) => ({ status: 200, json: await inTurn(async () => model.get(path)) })),
        resource("PUT", async (path, request) => {
            if (failsChange(path.type, path.id)) throw anotherOperation();
            const body = ((await request.json()) ?? {}) as Partial<ArmResource>;
            return { status: 200, json: await inTurn(() => model.put(path, body)) };
        }),
        resource("DELETE", async (path) => {
            if (failsChange(path.type, path.id)) throw anotherOperation();
            return { status: (await inTurn(() => model.delete(path))) ? 200 : 204 };
        }),
        resource("POST", async (path, request) => {
            const body = (await request.json()) as Properties | undefined;
            return { status: 200, json: await inTurn(async () => model.action(path, body)) };
        }),
    ];
}

/** A route of resources; an action is what is posted to, and nothing else. */
function resource(
    method: string,
    handle: (path: ArmPath, request: Request) => ReturnType<Route["handle"]>,
): Route {
    return {
        method,
        path: "/subscriptions/*resource",
        handle(request) {
            const path = parseArmPath(request.path);
            if (path && (path.action !== undefined) === (method === "POST")) return handle(path, request);
            throw refusals.noRoute(method, request.path);
        },
    };
}

/** Lets one piece of work begin when the one before has ended, however it ended. */
function turns(): <T>(work: () => Promise<T>) => Promise<T> {
    let previous: Promise<unknown> = Promise.resolve();
    return (work) => {
        const next = previous.then(work);
        previous = next.catch(() => {});
        return next;
    };
}

/** A refusal that ARM's clients do not repeat by themselves: who asked for the change has to. */
function anotherOperation(): ArmError {
    return new ArmError(
        409,
        "AnotherOperationInProgress",
        "Another operation on this or dependent resource is in progress. Please try again later.",
    );
}

async function requireEntraToken(header: string | undefined, directory: Directory): Promise<void> {
    const [, token] = /^Bearer (\S+)$/i.exec(header ?? "") ?? [];
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
