import type { Answer } from "../base/http/refusal";
import type { Request } from "../base/http/request";
import type { Route } from "../base/http/service";
import { ArmError, subscriptionNotFound } from "./armError";
import { parseArmPath, subscriptionId } from "./armResource";
import type { Operation, Operations } from "./operations";
import type { ResourceModel } from "./resourceModel";
import { typeOf } from "./resourceTypes";

const root = "/subscriptions/:subscriptionId";
const located = `${root}/providers/:namespace/locations/:location`;

/**
 * Where the operations of ARM are asked for: their status, by the address in `Azure-AsyncOperation`, and their outcome, by
 * the one in `Location` (Azure Resource Manager documentation, "Track asynchronous operations").
 */
export function operationRoutes(
    operations: Operations,
    model: ResourceModel,
    inTurn: <T>(work: () => Promise<T>) => Promise<T>,
): Route[] {
    const route = (path: string, answer: (operation: Operation, request: Request) => Answer): Route => ({
        method: "GET",
        path: `${path}/:operationId`,
        handle: (request) => {
            const { subscriptionId: asked, operationId = "" } = request.params;
            if (asked !== subscriptionId) throw subscriptionNotFound(asked);
            return inTurn(async () => {
                const operation = operations.find(operationId);
                if (operation) return answer(operation, request);
                throw new ArmError(404, "OperationNotFound", `There is no operation '${operationId}'.`);
            });
        },
    });
    const status = (operation: Operation, request: Request): Answer => ({
        status: 200,
        headers: waits(operation, operations),
        json: {
            id: request.path,
            name: operation.id,
            status: statusOf(operation, operations),
            error: operation.error,
        },
    });
    const outcome = (operation: Operation, request: Request): Answer => {
        if (operations.isRunning(operation))
            return { status: 202, headers: followed(operation, operations, request, ["location"]) };
        const { error, change, result, resourceId } = operation;
        if (error) return { status: 409, json: { error } };
        if (change === "deleting") return { status: 204 };
        const path = parseArmPath(resourceId);
        return { status: 200, json: result ?? (path && model.get(path)) };
    };
    return [
        route(`${located}/operationStatuses`, status),
        route(`${located}/operationResults`, outcome),
        route(`${root}/operationResults`, outcome),
    ];
}

/** The headers by which a client follows an operation. */
export function followed(
    operation: Operation,
    operations: Operations,
    { headers, query, stream }: Request,
    by: readonly ("azure-asyncoperation" | "location")[],
): Record<string, string | number> {
    const { armType, apiVersion } = typeOfOperation(operation);
    const scheme = "encrypted" in stream.socket ? "https" : "http";
    const origin = `${scheme}://${headers.host}/subscriptions/${subscriptionId}`;
    const [namespace = ""] = armType.split("/");
    const place =
        namespace === "Microsoft.Resources"
            ? origin
            : `${origin}/providers/${namespace}/locations/${operation.location}`;
    const version = `?api-version=${query.get("api-version") ?? apiVersion}`;
    const addresses = {
        "azure-asyncoperation": `${place}/operationStatuses/${operation.id}${version}`,
        location: `${place}/operationResults/${operation.id}${version}`,
    };
    const named = Object.fromEntries(by.map((header) => [header, addresses[header]]));
    return { ...named, ...waits(operation, operations) };
}

/** How long to wait before asking again; nothing where the type does not say it. */
function waits(operation: Operation, operations: Operations): Record<string, number> {
    if (typeOfOperation(operation).longRunning?.saysWhen === false) return {};
    // A part of what is left, as no service knows when it will be done.
    return { "retry-after": Math.min(15, Math.ceil(operations.remainingMs(operation) / 4000)) };
}

function statusOf(operation: Operation, operations: Operations): string {
    if (operations.isRunning(operation))
        return typeOfOperation(operation).longRunning?.running ?? "InProgress";
    return operation.error ? "Failed" : "Succeeded";
}

function typeOfOperation({ resourceId }: Operation) {
    return typeOf(parseArmPath(resourceId) ?? { type: "" });
}
