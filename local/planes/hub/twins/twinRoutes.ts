import type { Answer } from "../../../base/http/refusal";
import { HubError } from "../errors";
import { identityKey } from "../hubData";
import { type HubContext, type HubRequest, type HubRoute, type RouteResult, tagged } from "../hubRoute";
import { getDevice } from "../identities/devices";
import { invokeMethod, parseMethodCall } from "../links/methods";
import { queryTwins } from "../query/queries";
import { twinView } from "../views";
import { getTwin, updateTwin } from "./twins";

/** The most messages of one answer. */
const messagesAtOnce = 100;

/** The routes of twins, and of what is said to devices and by them. */
export const twinRoutes: readonly HubRoute[] = [
    { method: "POST", path: "/devices/query", rights: ["RegistryRead"], handle: answerTwins },
    {
        method: "GET",
        path: "/statistics/service",
        rights: ["ServiceConnect"],
        handle: (_request, { links }) => ({
            status: 200,
            json: { connectedDeviceCount: links.countDevices() },
        }),
    },
    // The service shows its messages at an Event Hubs endpoint, over AMQP; this route is the local hub's own.
    { method: "GET", path: "/messages/events", rights: ["ServiceConnect"], handle: getMessages },
    ...["/twins/:deviceId", "/twins/:deviceId/modules/:moduleId"].flatMap((path): HubRoute[] => [
        { method: "GET", path, rights: ["ServiceConnect"], handle: readTwin },
        { method: "POST", path: `${path}/methods`, rights: ["ServiceConnect"], handle: callMethod },
        {
            method: "PATCH",
            path,
            rights: ["ServiceConnect"],
            handle: (request, context) => writeTwin(request, context, false),
        },
        {
            method: "PUT",
            path,
            rights: ["ServiceConnect"],
            handle: (request, context) => writeTwin(request, context, true),
        },
    ]),
];

/** `after` is the number of the last message that the caller has; without it the answer says only what the newest is. */
function getMessages({ query }: HubRequest, { messages }: HubContext): Answer {
    const after = query.get("after");
    if (after !== null && !/^\d{1,15}$/.test(after)) {
        throw new HubError(
            "ArgumentInvalid",
            `BadRequest: after is '${after}', expected the number of a message`,
        );
    }
    const found = after === null ? [] : messages.after(Number(after), messagesAtOnce);
    return { status: 200, json: { last: messages.last(), messages: found } };
}

function answerTwins(request: HubRequest, { data, links }: HubContext): Answer {
    const { items, itemType, continuation } = queryTwins(data, links, request);
    return {
        status: 200,
        json: items,
        headers: { "x-ms-item-type": itemType, ...(continuation && { "x-ms-continuation": continuation }) },
    };
}

function readTwin({ params }: HubRequest, context: HubContext): Answer {
    return twinResponse(params, context);
}

function writeTwin({ params, body, ifMatch }: HubRequest, context: HubContext, replace: boolean): Answer {
    const change = updateTwin(context.data, {
        deviceId: id(params),
        moduleId: params.moduleId,
        body,
        ifMatch,
        replace,
    });
    if (change) context.after.push.push(change);
    return twinResponse(params, context);
}

function callMethod({ params, body }: HubRequest, { data, links }: HubContext): RouteResult {
    // Refuses an identity that is not there.
    getTwin(data, id(params), params.moduleId);
    const call = parseMethodCall(body);
    return async () => {
        const key = identityKey(id(params), params.moduleId);
        return { status: 200, json: await invokeMethod(links, key, call) };
    };
}

function twinResponse(params: HubRequest["params"], { data, links }: HubContext): Answer {
    const key = identityKey(id(params), params.moduleId);
    const twin = getTwin(data, id(params), params.moduleId);
    const module = params.moduleId === undefined ? undefined : data.modules.get(key);
    return tagged(twinView(twin, getDevice(data, id(params)), module, links.isOpen(key)));
}

function id(params: HubRequest["params"]): string {
    return params.deviceId ?? "";
}
