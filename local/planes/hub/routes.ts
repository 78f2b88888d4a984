import type { Right } from "./authorization";
import { applyConfigurationContent } from "./configurationContent";
import { configurationRoutes } from "./configurationRoutes";
import type { ConfigurationTargets } from "./configurationTargets";
import { deleteDevice, getDevice, listDevices, putDevice } from "./devices";
import { HubError } from "./errors";
import { type DeviceRecord, type HubData, identityKey, type ModuleRecord } from "./hubData";
import type { Messages } from "./messages";
import { invokeMethod, parseMethodCall } from "./methods";
import type { ModuleLinks } from "./moduleLinks";
import { deleteModule, getModule, listModules, putModule } from "./modules";
import { queryTwins, registryStatistics } from "./queries";
import { type DesiredChange, getTwin, updateTwin } from "./twins";
import { deviceView, moduleView, twinView } from "./views";

/** A request that found its route; `ifMatch` is the header as it came. */
export interface HubRequest {
    params: Record<string, string>;
    query: URLSearchParams;
    body: unknown;
    ifMatch?: string;
    /** Of a query: the size of a page, and where it begins, as the headers came. */
    maxItemCount?: string;
    continuation?: string;
}

export interface HubResponse {
    status: number;
    body?: unknown;
    etag?: string;
    headers?: Record<string, string>;
}

/** An answer, or the work of waiting for one, which begins when the transaction has ended. */
export type RouteResult = HubResponse | (() => Promise<HubResponse>);

/** What the routes work on. Each handler runs inside one transaction; what it does to `after` happens once that is kept. */
export interface HubContext {
    data: HubData;
    links: ModuleLinks;
    messages: Messages;
    targets: ConfigurationTargets;
    after: { push: DesiredChange[]; cut: (() => void)[]; devicesChanged: boolean };
}

export interface Route {
    method: string;
    /** A segment that begins with a colon is a parameter. */
    path: string;
    /** The rights that a policy needs for it, all of them. */
    rights: readonly Right[];
    handle(request: HubRequest, context: HubContext): RouteResult;
}

const messagesAtOnce = 100;

/** The part of the service's REST interface that the local hub answers (Swagger 2021-04-12). */
export const routes: Route[] = [
    ...configurationRoutes,
    { method: "GET", path: "/devices", rights: ["RegistryRead"], handle: getDevices },
    { method: "POST", path: "/devices/query", rights: ["RegistryRead"], handle: answerTwins },
    {
        method: "GET",
        path: "/statistics/devices",
        rights: ["RegistryRead"],
        handle: (_request, { data }) => ({ status: 200, body: registryStatistics(data) }),
    },
    {
        method: "GET",
        path: "/statistics/service",
        rights: ["ServiceConnect"],
        handle: (_request, { links }) => ({
            status: 200,
            body: { connectedDeviceCount: links.countDevices() },
        }),
    },
    // Own: the service shows its messages at an Event Hubs endpoint, over AMQP.
    { method: "GET", path: "/messages/events", rights: ["ServiceConnect"], handle: getMessages },
    { method: "GET", path: "/devices/:deviceId", rights: ["RegistryRead"], handle: readDevice },
    { method: "PUT", path: "/devices/:deviceId", rights: ["RegistryWrite"], handle: writeDevice },
    { method: "DELETE", path: "/devices/:deviceId", rights: ["RegistryWrite"], handle: eraseDevice },
    { method: "GET", path: "/devices/:deviceId/modules", rights: ["RegistryRead"], handle: getModules },
    {
        method: "GET",
        path: "/devices/:deviceId/modules/:moduleId",
        rights: ["RegistryRead"],
        handle: readModule,
    },
    {
        method: "PUT",
        path: "/devices/:deviceId/modules/:moduleId",
        rights: ["RegistryWrite"],
        handle: writeModule,
    },
    {
        method: "DELETE",
        path: "/devices/:deviceId/modules/:moduleId",
        rights: ["RegistryWrite"],
        handle: eraseModule,
    },
    {
        method: "POST",
        path: "/devices/:deviceId/applyConfigurationContent",
        // Not documented for SAS; it writes module identities and twins, so it asks for the rights of both.
        rights: ["RegistryWrite", "ServiceConnect"],
        handle: applyContent,
    },
    ...["/twins/:deviceId", "/twins/:deviceId/modules/:moduleId"].flatMap((path): Route[] => [
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

function getDevices({ query }: HubRequest, { data, links }: HubContext): HubResponse {
    const top = query.get("top") ?? "1000";
    if (!/^\d{1,4}$/.test(top) || Number(top) < 1 || Number(top) > 1000) {
        throw new HubError("ArgumentInvalid", `BadRequest: top is '${top}', expected 1 to 1000`);
    }
    const devices = listDevices(data, Number(top));
    return { status: 200, body: devices.map((device) => deviceView(device, links.isOpen(device.deviceId))) };
}

/** `after` is the number of the last message that the caller has; without it the answer says only what the newest is. */
function getMessages({ query }: HubRequest, { messages }: HubContext): HubResponse {
    const after = query.get("after");
    if (after !== null && !/^\d{1,15}$/.test(after)) {
        throw new HubError(
            "ArgumentInvalid",
            `BadRequest: after is '${after}', expected the number of a message`,
        );
    }
    const found = after === null ? [] : messages.after(Number(after), messagesAtOnce);
    return { status: 200, body: { last: messages.last(), messages: found } };
}

function answerTwins(request: HubRequest, { data, links }: HubContext): HubResponse {
    const { items, itemType, continuation } = queryTwins(data, links, request);
    return {
        status: 200,
        body: items,
        headers: { "x-ms-item-type": itemType, ...(continuation && { "x-ms-continuation": continuation }) },
    };
}

function readDevice({ params }: HubRequest, { data, links }: HubContext): HubResponse {
    return deviceResponse(getDevice(data, id(params)), links);
}

function writeDevice({ params, body, ifMatch }: HubRequest, { data, links, after }: HubContext): HubResponse {
    const deviceId = id(params);
    const before = data.devices.get(deviceId);
    const device = putDevice(data, deviceId, body, ifMatch);
    after.devicesChanged = true;
    if (before && !sameAccess(before, device)) {
        after.cut.push(() => links.cutDevice(deviceId, "the identity of its device was changed"));
    }
    return deviceResponse(device, links);
}

function eraseDevice({ params, ifMatch }: HubRequest, { data, links, after }: HubContext): HubResponse {
    const deviceId = id(params);
    deleteDevice(data, deviceId, ifMatch);
    after.devicesChanged = true;
    after.cut.push(() => links.cutDevice(deviceId, "its device was deleted"));
    return { status: 204 };
}

function getModules({ params }: HubRequest, { data, links }: HubContext): HubResponse {
    const modules = listModules(data, id(params));
    return { status: 200, body: modules.map((module) => moduleResponse(module, links).body) };
}

function readModule({ params }: HubRequest, { data, links }: HubContext): HubResponse {
    return moduleResponse(getModule(data, id(params), moduleId(params)), links);
}

function writeModule({ params, body, ifMatch }: HubRequest, { data, links, after }: HubContext): HubResponse {
    const module = putModule(data, id(params), moduleId(params), body, ifMatch);
    after.cut.push(() => links.cut(identityKey(id(params), moduleId(params)), "its identity was changed"));
    return moduleResponse(module, links);
}

function eraseModule({ params, ifMatch }: HubRequest, { data, links, after }: HubContext): HubResponse {
    deleteModule(data, id(params), moduleId(params), ifMatch);
    after.cut.push(() => links.cut(identityKey(id(params), moduleId(params)), "its identity was deleted"));
    return { status: 204 };
}

function applyContent({ params, body }: HubRequest, { data, links, after }: HubContext): HubResponse {
    const deviceId = id(params);
    const before = data.modules.entries(`${deviceId}/`).map(([key]) => key);
    after.push.push(...applyConfigurationContent(data, deviceId, body));
    for (const key of before) {
        if (!data.modules.get(key)) after.cut.push(() => links.cut(key, "its identity was deleted"));
    }
    return { status: 204 };
}

function readTwin({ params }: HubRequest, context: HubContext): HubResponse {
    return twinResponse(params, context);
}

function writeTwin(
    { params, body, ifMatch }: HubRequest,
    context: HubContext,
    replace: boolean,
): HubResponse {
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
        return { status: 200, body: await invokeMethod(links, key, call) };
    };
}

function deviceResponse(device: DeviceRecord, links: ModuleLinks): HubResponse {
    const body = deviceView(device, links.isOpen(device.deviceId));
    return { status: 200, body, etag: body.etag };
}

function moduleResponse(module: ModuleRecord, links: ModuleLinks): HubResponse {
    const body = moduleView(module, links.isOpen(identityKey(module.deviceId, module.moduleId)));
    return { status: 200, body, etag: body.etag };
}

function twinResponse(params: Record<string, string>, { data, links }: HubContext): HubResponse {
    const key = identityKey(id(params), params.moduleId);
    const twin = getTwin(data, id(params), params.moduleId);
    const module = params.moduleId === undefined ? undefined : data.modules.get(key);
    const body = twinView(twin, getDevice(data, id(params)), module, links.isOpen(key));
    return { status: 200, body, etag: body.etag };
}

/** Whether what lets the device's modules in stayed the same. */
function sameAccess(before: DeviceRecord, after: DeviceRecord): boolean {
    return (
        before.status === after.status &&
        before.capabilities.iotEdge === after.capabilities.iotEdge &&
        JSON.stringify(before.authentication) === JSON.stringify(after.authentication)
    );
}

function id(params: Record<string, string>): string {
    return params.deviceId ?? "";
}

function moduleId(params: Record<string, string>): string {
    return params.moduleId ?? "";
}
