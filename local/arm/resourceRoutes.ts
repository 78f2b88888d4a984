import type { Answer } from "../base/http/refusal";
import type { Request } from "../base/http/request";
import type { Route } from "../base/http/service";
import { refusals } from "./armError";
import { type ArmPath, type ArmResource, parseArmPath } from "./armResource";
import { conflict, whileChanged } from "./longRunning";
import { followed } from "./operationRoutes";
import type { Operation, Operations } from "./operations";
import type { ResourceModel } from "./resourceModel";
import type { Properties } from "./resourceType";
import { typeOf } from "./resourceTypes";

/** What the requests for resources are carried out by. */
export interface ResourceRoutesOptions {
    readonly model: ResourceModel;
    readonly operations: Operations;
    /** Lets the pieces of work that it is given begin one after the other. */
    inTurn<T>(work: () => Promise<T>): Promise<T>;
    /** Whether a change of a resource fails by chance. */
    failsChange(armType: string, id: string): boolean;
}

/**
 * Requests for a resource are carried out one after the other, as those that change one may start or stop a server; what a
 * type's REST description says takes long is answered when it is accepted, and followed by its operation.
 */
export function resourceRoutes({ model, operations, inTurn, failsChange }: ResourceRoutesOptions): Route[] {
    async function put(path: ArmPath, request: Request): Promise<Answer> {
        const body = ((await request.json()) ?? {}) as Partial<ArmResource>;
        return inTurn(async () => {
            operations.refuseWhileBusy(path, "PUT");
            const change = model.find(path) ? "updating" : "creating";
            const resource = await model.put(path, body);
            const { longRunning } = typeOf(path);
            const status = change === "creating" ? 201 : (longRunning?.updated ?? 200);
            if (!longRunning?.states[change]) return { status, json: resource };
            const operation = await operations.begin(change, resource);
            const { properties, ...shown } = whileChanged(resource, longRunning, change);
            const json = { ...shown, properties: { ...properties, ...longRunning.accepted } };
            // Whoever follows the resource itself finds its state there.
            if (longRunning.followed === "by the resource") return { status: 200, json };
            return {
                status,
                headers: followed(operation, operations, request, ["azure-asyncoperation"]),
                json,
            };
        });
    }

    async function remove(path: ArmPath, request: Request): Promise<Answer> {
        return inTurn(async () => {
            const { longRunning, armType } = typeOf(path);
            const under = operations.on(path.id);
            if (under?.change === "deleting") return deletion(under, request, armType);
            operations.refuseWhileBusy(path, "DELETE");
            const resource = model.find(path);
            if (!resource) return { status: 204 };
            if (!longRunning?.states.deleting) {
                await model.delete(path);
                return { status: 200 };
            }
            model.refuseDelete(path);
            return deletion(await operations.begin("deleting", resource), request, armType);
        });
    }

    /** A group names the place of its outcome only. */
    function deletion(operation: Operation, request: Request, armType: string): Answer {
        const isGroup = armType === "Microsoft.Resources/resourceGroups";
        const by = isGroup ? (["location"] as const) : (["azure-asyncoperation", "location"] as const);
        return { status: 202, headers: followed(operation, operations, request, by) };
    }

    async function act(path: ArmPath, request: Request): Promise<Answer> {
        const body = (await request.json()) as Properties | undefined;
        return inTurn(async () => {
            operations.refuseWhileBusy(path, "POST");
            const json = model.action(path, body);
            if (!typeOf(path).longRunning?.actions?.includes(path.action ?? "")) return { status: 200, json };
            const operation = await operations.begin("acting", model.get(path), json);
            return { status: 202, headers: followed(operation, operations, request, ["location"]) };
        });
    }

    function refuseByChance({ type, id }: ArmPath): void {
        if (failsChange(type, id))
            throw conflict(
                "The request failed due to conflict with a concurrent request. Please try again later.",
            );
    }

    return [
        resource("GET", (path) =>
            inTurn(async () => ({ status: 200, json: operations.shown(model.get(path)) })),
        ),
        resource("PUT", async (path, request) => {
            refuseByChance(path);
            return put(path, request);
        }),
        resource("DELETE", async (path, request) => {
            refuseByChance(path);
            return remove(path, request);
        }),
        resource("POST", act),
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
