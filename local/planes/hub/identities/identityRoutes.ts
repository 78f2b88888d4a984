import type { Answer } from "../../../base/http/refusal";
import { applyConfigurationContent } from "../configurations/configurationContent";
import { HubError } from "../errors";
import { type DeviceRecord, identityKey, type ModuleRecord } from "../hubData";
import { type HubContext, type HubRequest, type HubRoute, tagged } from "../hubRoute";
import type { ModuleLinks } from "../links/moduleLinks";
import { registryStatistics } from "../query/queries";
import { deviceView, moduleView } from "../views";
import { deleteDevice, getDevice, listDevices, putDevice } from "./devices";
import { deleteModule, getModule, listModules, putModule } from "./modules";

const devicePath = "/devices/:deviceId";
const modulePath = `${devicePath}/modules/:moduleId`;

/** The routes of identities, and of a manifest for one device, which makes some. */
export const identityRoutes: readonly HubRoute[] = [
    { method: "GET", path: "/devices", rights: ["RegistryRead"], handle: getDevices },
    {
        method: "GET",
        path: "/statistics/devices",
        rights: ["RegistryRead"],
        handle: (_request, { data }) => ({ status: 200, json: registryStatistics(data) }),
    },
    { method: "GET", path: devicePath, rights: ["RegistryRead"], handle: readDevice },
    { method: "PUT", path: devicePath, rights: ["RegistryWrite"], handle: writeDevice },
    { method: "DELETE", path: devicePath, rights: ["RegistryWrite"], handle: eraseDevice },
    { method: "GET", path: `${devicePath}/modules`, rights: ["RegistryRead"], handle: getModules },
    { method: "GET", path: modulePath, rights: ["RegistryRead"], handle: readModule },
    { method: "PUT", path: modulePath, rights: ["RegistryWrite"], handle: writeModule },
    { method: "DELETE", path: modulePath, rights: ["RegistryWrite"], handle: eraseModule },
    {
        method: "POST",
        path: `${devicePath}/applyConfigurationContent`,
        // Not documented for SAS; it writes module identities and twins, so it asks for the rights of both.
        rights: ["RegistryWrite", "ServiceConnect"],
        handle: applyContent,
    },
];

function getDevices({ query }: HubRequest, { data, links }: HubContext): Answer {
    const top = query.get("top") ?? "1000";
    if (!/^\d{1,4}$/.test(top) || Number(top) < 1 || Number(top) > 1000) {
        throw new HubError("ArgumentInvalid", `BadRequest: top is '${top}', expected 1 to 1000`);
    }
    const devices = listDevices(data, Number(top));
    return { status: 200, json: devices.map((device) => deviceView(device, links.isOpen(device.deviceId))) };
}

function readDevice({ params }: HubRequest, { data, links }: HubContext): Answer {
    return deviceResponse(getDevice(data, id(params)), links);
}

function writeDevice({ params, body, ifMatch }: HubRequest, { data, links, after }: HubContext): Answer {
    const deviceId = id(params);
    const before = data.devices.get(deviceId);
    const device = putDevice(data, deviceId, body, ifMatch);
    after.devicesChanged = true;
    if (before && !sameAccess(before, device)) {
        after.cut.push(() => links.cutDevice(deviceId, "the identity of its device was changed"));
    }
    return deviceResponse(device, links);
}

function eraseDevice({ params, ifMatch }: HubRequest, { data, links, after }: HubContext): Answer {
    const deviceId = id(params);
    deleteDevice(data, deviceId, ifMatch);
    after.devicesChanged = true;
    after.cut.push(() => links.cutDevice(deviceId, "its device was deleted"));
    return { status: 204 };
}

function getModules({ params }: HubRequest, { data, links }: HubContext): Answer {
    const modules = listModules(data, id(params));
    return { status: 200, json: modules.map((module) => moduleDocument(module, links)) };
}

function readModule({ params }: HubRequest, { data, links }: HubContext): Answer {
    return tagged(moduleDocument(getModule(data, id(params), moduleId(params)), links));
}

function writeModule({ params, body, ifMatch }: HubRequest, { data, links, after }: HubContext): Answer {
    const module = putModule(data, id(params), moduleId(params), body, ifMatch);
    after.cut.push(() => links.cut(identityKey(id(params), moduleId(params)), "its identity was changed"));
    return tagged(moduleDocument(module, links));
}

function eraseModule({ params, ifMatch }: HubRequest, { data, links, after }: HubContext): Answer {
    deleteModule(data, id(params), moduleId(params), ifMatch);
    after.cut.push(() => links.cut(identityKey(id(params), moduleId(params)), "its identity was deleted"));
    return { status: 204 };
}

function applyContent({ params, body }: HubRequest, { data, links, after }: HubContext): Answer {
    const deviceId = id(params);
    const before = data.modules.entries(`${deviceId}/`).map(([key]) => key);
    after.push.push(...applyConfigurationContent(data, deviceId, body));
    for (const key of before) {
        if (!data.modules.get(key)) after.cut.push(() => links.cut(key, "its identity was deleted"));
    }
    return { status: 204 };
}

function deviceResponse(device: DeviceRecord, links: ModuleLinks): Answer {
    return tagged(deviceView(device, links.isOpen(device.deviceId)));
}

function moduleDocument(module: ModuleRecord, links: ModuleLinks) {
    return moduleView(module, links.isOpen(identityKey(module.deviceId, module.moduleId)));
}

/** Whether what lets the device's modules in stayed the same. */
function sameAccess(before: DeviceRecord, after: DeviceRecord): boolean {
    return (
        before.status === after.status &&
        before.capabilities.iotEdge === after.capabilities.iotEdge &&
        JSON.stringify(before.authentication) === JSON.stringify(after.authentication)
    );
}

function id(params: HubRequest["params"]): string {
    return params.deviceId ?? "";
}

function moduleId(params: HubRequest["params"]): string {
    return params.moduleId ?? "";
}
