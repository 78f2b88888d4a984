import { z } from "zod";
import { checkId, parseBody } from "../body";
import { HubError } from "../errors";
import { checkDelete, checkWrite } from "../etag";
import { type DeviceRecord, type HubData, identityKey } from "../hubData";
import { createTwin } from "../twins/twins";
import { authenticationFrom } from "./authentication";
import { identityFields, never, newIdentity } from "./identity";
import { createModule, removeModule, systemModules } from "./modules";

// All properties of the Swagger's Device. A client may send back what the hub computes; that is passed over.
const deviceBody = z.strictObject({
    ...identityFields,
    status: z.enum(["enabled", "disabled"]).nullish(),
    statusReason: z.string().max(128).nullish(),
    capabilities: z.strictObject({ iotEdge: z.boolean().nullish() }).nullish(),
    deviceScope: z.string().nullish(),
    parentScopes: z.array(z.string()).nullish(),
    statusUpdatedTime: z.string().nullish(),
});

export function getDevice(data: HubData, deviceId: string): DeviceRecord {
    const device = data.devices.get(deviceId);
    if (!device) throw new HubError("DeviceNotFound", deviceId);
    return device;
}

export function listDevices(data: HubData, top: number): DeviceRecord[] {
    return data.devices
        .entries()
        .slice(0, top)
        .map(([, device]) => device);
}

/**
 * Writes a device identity as PUT does: without If-Match it only creates, with it it only replaces. What a replacement
 * leaves out returns to its default, keys included. An edge device gets the identities of its system modules.
 */
export function putDevice(
    data: HubData,
    deviceId: string,
    requestBody: unknown,
    ifMatch?: string,
): DeviceRecord {
    checkId("device", deviceId);
    const body = parseBody(deviceBody, requestBody);
    if (body.deviceId != null && body.deviceId !== deviceId) {
        throw new HubError(
            "ArgumentInvalid",
            `The body is of device '${body.deviceId}', the address of '${deviceId}'`,
        );
    }
    if (body.authentication?.type === "none") {
        throw new HubError("ArgumentInvalid", "Authentication type none is not supported for devices");
    }
    const existing = data.devices.get(deviceId);
    checkWrite(ifMatch, existing, {
        key: deviceId,
        exists: "DeviceAlreadyExists",
        missing: "DeviceNotFound",
    });
    const device: DeviceRecord = {
        ...(existing ? { ...kept(existing), revision: existing.revision + 1 } : newIdentity(deviceId)),
        status: body.status ?? "enabled",
        ...(body.statusReason && { statusReason: body.statusReason }),
        statusUpdatedTime: existing ? statusTime(existing, body.status ?? "enabled") : never,
        authentication: authenticationFrom(body.authentication),
        capabilities: { iotEdge: body.capabilities?.iotEdge ?? false },
    };
    Object.assign(device, scopesFrom(device, existing, body));
    data.devices.put(deviceId, device);
    if (!existing) createTwin(data, deviceId);
    changeSystemModules(data, device, existing);
    return device;
}

/** Deletes a device with its modules and twins; the service demands an If-Match. */
export function deleteDevice(data: HubData, deviceId: string, ifMatch?: string): void {
    const device = getDevice(data, deviceId);
    checkDelete(ifMatch, device);
    for (const [, module] of data.modules.entries(`${deviceId}/`)) removeModule(data, module);
    data.devices.remove(deviceId);
    data.twins.remove(identityKey(deviceId));
}

function kept(device: DeviceRecord) {
    const { deviceId, generationId, connectionStateUpdatedTime, lastActivityTime } = device;
    return { deviceId, generationId, connectionStateUpdatedTime, lastActivityTime };
}

function statusTime(existing: DeviceRecord, status: DeviceRecord["status"]): string {
    return status === existing.status ? existing.statusUpdatedTime : new Date().toISOString();
}

/** An edge device owns a scope that the hub makes and nobody changes; any other device may name its parent's. */
function scopesFrom(
    device: DeviceRecord,
    existing: DeviceRecord | undefined,
    body: z.infer<typeof deviceBody>,
): Pick<DeviceRecord, "deviceScope" | "parentScopes"> {
    const stated = body.deviceScope || undefined;
    if (!device.capabilities.iotEdge) {
        return stated && !existing?.capabilities.iotEdge
            ? { deviceScope: stated, parentScopes: [stated] }
            : {};
    }
    const wasEdge = existing?.capabilities.iotEdge === true;
    if (wasEdge && stated !== existing.deviceScope) {
        throw new HubError("ArgumentInvalid", "Device scope is immutable");
    }
    const own = wasEdge
        ? existing.deviceScope
        : `ms-azure-iot-edge://${device.deviceId}-${device.generationId}`;
    return { deviceScope: own, ...(body.parentScopes?.length && { parentScopes: body.parentScopes }) };
}

function changeSystemModules(data: HubData, device: DeviceRecord, existing: DeviceRecord | undefined): void {
    const isEdge = device.capabilities.iotEdge;
    if (isEdge === (existing?.capabilities.iotEdge ?? false)) return;
    if (isEdge) for (const moduleId of systemModules) createModule(data, device.deviceId, moduleId);
    else {
        for (const [, module] of data.modules.entries(`${device.deviceId}/`)) {
            if (module.managedBy === "iotEdge") removeModule(data, module);
        }
    }
}
